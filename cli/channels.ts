/** Which channels an installation sends through. */
import { CHANNELS, type Channel } from '../domain/names.ts';

/** Without a Slack what waits for it is in nobody's hands, and not late. */
export function channelsOf({ slack }: { readonly slack: object | null }): Channel[] {
  return CHANNELS.filter((channel) => channel !== 'slack' || slack !== null);
}
