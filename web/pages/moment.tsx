import { formatMoment } from '../../config/text.ts';
import type { IsoInstant } from '../../domain/time.ts';
import type { View } from '../view.ts';

export function Moment({ view, at }: { view: View; at: IsoInstant }) {
  return <time datetime={at}>{formatMoment(view.locale, at)}</time>;
}
