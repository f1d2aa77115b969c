/** What makes the words of a notice, at the moment at which it is sent. */
import type { Notice } from '../../config/notice.ts';
import type { Person } from '../../domain/directory.ts';
import type { Channel } from '../../domain/names.ts';
import type { NoticeBody, NoticeKind } from '../../domain/notice.ts';
import type { IsoInstant } from '../../domain/time.ts';

/** To whom, by which channel, and when. */
export interface Addressed {
  readonly key: string;
  readonly recipient: Person;
  readonly channel: Channel;
  /** In shadow mode nobody is told, and nobody counts as told. */
  readonly shadow: boolean;
  /** For when it was planned. */
  readonly sendAt: IsoInstant;
  /** Now. */
  readonly at: IsoInstant;
}

/** Nothing is to be sent, and why. */
export interface LeftOut {
  readonly leftOut: string;
}

/** Reads what it needs and changes nothing: it may be asked again. */
export type Make<Kind extends NoticeKind> = (body: NoticeBody<Kind>, to: Addressed) => Promise<Notice | LeftOut>;
export type Makers = { readonly [Kind in NoticeKind]: Make<Kind> };
