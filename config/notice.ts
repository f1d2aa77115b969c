/** The words of a notice: a message to one person that is about no single task. Channels show it, and know nothing of its kind. */

/** One line; with an address it is a link. */
export type NoticeLine = string | { readonly text: string; readonly url: string };

export interface NoticePart {
  /** Null: the lines stand alone. */
  readonly heading: string | null;
  readonly lines: readonly NoticeLine[];
}

/** A file that goes with it, where the channel carries files. */
export interface NoticeFile {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array;
}

export interface Notice {
  /** Unique for ever: the same key makes the same mail. */
  readonly key: string;
  readonly title: string;
  readonly parts: readonly NoticePart[];
  readonly link: { readonly label: string; readonly url: string };
  readonly files?: readonly NoticeFile[];
}

export function lineText(line: NoticeLine): string {
  return typeof line === 'string' ? line : line.text;
}
