/** `dondoc absence …`: who stands in for whom. */
import { refusalText } from '../config/refusal-text.ts';
import { type Email, email } from '../domain/names.ts';
import { isRefusal } from '../domain/refusals.ts';
import { COMMITTEE_TIME_ZONE, instantFromEpochMs, isoDate } from '../domain/time.ts';
import { endAbsence, endLeaving, enterAbsence } from '../inbox/absence.ts';
import { whoIsGone } from '../inbox/gone.ts';
import { type Context, Usage, withDatabase } from './context.ts';

export interface AbsenceFlags {
  readonly substitute: string;
  readonly from: string;
  readonly to: string;
  readonly as: string;
}

/** @returns whether it was stored: the exit status */
export async function addAbsence(context: Context, person: string, flags: AbsenceFlags): Promise<boolean> {
  const absence = {
    person: addressOf('PERSON', person),
    substitute: addressOf('--substitute', flags.substitute),
    from: dateOf('--from', flags.from),
    to: dateOf('--to', flags.to),
  };
  const by = addressOf('--as', flags.as);
  const entered = await withDatabase(context, (database) => enterAbsence(edgeOf(database), absence, by));
  if (isRefusal(entered)) return refused(context, entered);
  context.print(
    { answer: 'done', absence: entered },
    `${absence.substitute} stands in for ${absence.person} from ${absence.from} to ${absence.to} (${entered.id})`,
  );
  return true;
}

/** @param which the absence's id, or the address of who was believed gone for good */
export async function endAbsenceNow(context: Context, which: string, as: string): Promise<boolean> {
  const by = addressOf('--as', as);
  const ended = await withDatabase(context, (database) =>
    which.includes('@') ? endLeaving(edgeOf(database), addressOf('WHICH', which), by) : endAbsence(edgeOf(database), which, by),
  );
  if (isRefusal(ended)) return refused(context, ended);
  context.print({ answer: 'done' }, 'ended');
  return true;
}

export async function listAbsences(context: Context): Promise<void> {
  const [rows, left] = await withDatabase(context, (database) =>
    Promise.all([
      database.absence.findMany({ where: { endedAt: null }, orderBy: [{ fromDate: 'asc' }, { person: 'asc' }] }),
      whoIsGone(database),
    ]),
  );
  const absences = rows.map(({ id, person, substitute, fromDate, toDate }) => ({
    id,
    person,
    substitute,
    from: fromDate.toISOString().slice(0, 10),
    to: toDate.toISOString().slice(0, 10),
  }));
  const gone = left
    .filter(({ goneAt }) => goneAt !== null)
    .map(({ email: person, goneAt, openTasks }) => ({ person, goneAt: goneAt ?? '', openTasks }));
  const lines = [
    ...absences.map(({ id, person, substitute, from, to }) => `${id}  ${from} – ${to}  ${substitute} for ${person}`),
    ...gone.map(({ person, goneAt, openTasks }) => `${person} left on ${goneAt.slice(0, 10)}, ${openTasks} open tasks`),
  ];
  context.print({ count: absences.length, absences, gone }, lines.length === 0 ? 'nobody is away' : lines.join('\n'));
}

function edgeOf(database: Parameters<typeof enterAbsence>[0]['database']) {
  return { database, now: instantFromEpochMs(Date.now()), timeZone: COMMITTEE_TIME_ZONE };
}

function refused(context: Context, refusal: Parameters<typeof refusalText>[1]): boolean {
  context.print({ answer: 'refused', refusal }, refusalText('en', refusal));
  return false;
}

function addressOf(place: string, given: string): Email {
  const read = email.safeParse(given);
  if (!read.success) throw new Usage(`${place} ${given}: write an e-mail address`);
  return read.data;
}

function dateOf(flag: string, given: string) {
  const read = isoDate.safeParse(given);
  if (!read.success) throw new Usage(`${flag} ${given}: no such date; write YYYY-MM-DD`);
  return read.data;
}
