/** `dondoc hold …`: suspends sending, always with an end, shows what is held, and lets it go. */

import { holdReason, scopeText, waitingText } from '../config/hold-text.ts';
import { refusalText } from '../config/refusal-text.ts';
import { readUntil } from '../domain/hold.ts';
import { agencyCode, CHANNELS, email } from '../domain/names.ts';
import { isRefusal, type Refusal } from '../domain/refusals.ts';
import { instantFromEpochMs } from '../domain/time.ts';
import { enterHold, releaseHold } from '../inbox/hold.ts';
import { createCalendars } from '../prisma/calendars.ts';
import { readHeld, type StoredHold, standingHolds } from '../prisma/holds.ts';
import { COURIER_SIGNAL, courierWorkflowId, PARTITIONS } from '../workflows/names.ts';
import { type Context, Usage, withDatabase, withEngine } from './context.ts';

const WAKE_MS = 5_000;

export interface HoldFlags {
  readonly agency?: string;
  readonly channel?: string;
  readonly until?: string;
  readonly reason?: string;
  readonly as?: string;
  readonly exceptUrgent?: boolean;
}

/** @param what `all`, or undefined where a flag says what. @returns whether it stands: the exit status */
export async function hold(context: Context, what: string | undefined, flags: HoldFlags): Promise<boolean> {
  const scope = scopeOf(what, flags);
  if (flags.until === undefined) throw new Usage('--until is missing: a hold always has an end, for example --until +2h');
  if (flags.reason === undefined) throw new Usage('--reason is missing: whoever sees the hold is told why');
  const now = instantFromEpochMs(Date.now());
  const by = addressOf(flags.as);
  const { reason, until: given } = flags;
  const made = await withDatabase(context, async (database) => {
    const { main: calendar } = await createCalendars({ database, now: () => now })();
    const until = readUntil(given, now, calendar);
    if (until === null)
      throw new Usage(`--until ${given}: write +2h (m, h, d), a date YYYY-MM-DD, or an instant, for example 2026-03-20T14:00`);
    return enterHold({ database, now }, { ...scope, until, reason }, by);
  });
  if (isRefusal(made)) return refused(context, made);
  context.print({ answer: 'done', hold: made }, `held until ${made.until}: ${scopeText('en', made)} (${made.id})`);
  return true;
}

export async function listHolds(context: Context): Promise<void> {
  const holds = await withDatabase(context, async (database) => {
    const standing = await standingHolds(database, instantFromEpochMs(Date.now()));
    return Promise.all(standing.map(async (each) => ({ ...each, held: await readHeld(database, each.id) })));
  });
  const lines = holds.flatMap((each) => [
    `${each.id}  until ${each.until}  ${scopeText('en', each)}, by ${each.by ?? 'the system'}: ${holdReason('en', each)}`,
    ...each.held.map((kind) => `    ${waitingText('en', kind)}`),
  ]);
  context.print({ count: holds.length, holds }, lines.length === 0 ? 'nothing is held' : lines.join('\n'));
}

/** @returns whether it was released: the exit status */
export async function letGo(context: Context, id: string, flags: Pick<HoldFlags, 'as'>): Promise<boolean> {
  const by = addressOf(flags.as);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new Usage(`${id}: write the id of a hold; dondoc hold list names them`);
  return withEngine(context, async (database, temporal) => {
    const now = instantFromEpochMs(Date.now());
    const released: StoredHold | Refusal = await releaseHold({ database, now }, id, by);
    if (isRefusal(released)) return refused(context, released);
    // While the engine is away they hear of it from the worker's next sweep.
    await Promise.allSettled(
      CHANNELS.flatMap((channel) => Array.from({ length: PARTITIONS }, (_, partition) => courierWorkflowId(channel, partition))).map((id) =>
        temporal.withDeadline(Date.now() + WAKE_MS, () => temporal.workflow.getHandle(id).signal(COURIER_SIGNAL, now)),
      ),
    );
    context.print({ answer: 'done', hold: released }, 'released');
    return true;
  });
}

function scopeOf(what: string | undefined, { agency, channel, exceptUrgent = false }: HoldFlags) {
  const named = agency !== undefined || channel !== undefined;
  if (what !== undefined && what !== 'all') throw new Usage(`${what}: write all, --agency CODE or --channel ${CHANNELS.join('|')}`);
  if (named === (what === 'all')) throw new Usage(`say what to hold: all, or --agency CODE, or --channel ${CHANNELS.join('|')}`);
  const code = agency === undefined ? null : agencyCode.safeParse(agency);
  if (code?.success === false) throw new Usage(`--agency ${agency}: write the code of an agency`);
  const known = channel === undefined ? null : CHANNELS.find((each) => each === channel);
  if (known === undefined) throw new Usage(`--channel ${channel}: write ${CHANNELS.join(' or ')}`);
  return { agency: code?.data ?? null, channel: known, exceptUrgent };
}

function addressOf(given: string | undefined) {
  const read = email.safeParse(given);
  if (!read.success)
    throw new Usage(given === undefined ? '--as is missing: the coordinator who decides it' : `--as ${given}: write an e-mail address`);
  return read.data;
}

function refused(context: Context, refusal: Refusal): boolean {
  context.print({ answer: 'refused', refusal }, refusalText('en', refusal));
  return false;
}
