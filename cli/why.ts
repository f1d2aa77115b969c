/** `dondoc why` and `dondoc why-not`: why a message came, or none did, from the ledger and the planner themselves. */
import { createDirectory } from '../activities/directory.ts';
import { fateWords, reasonWords, whyWords } from '../config/notification-words.ts';
import { loadRiskWeights } from '../config/risk.ts';
import { formatMoment, text } from '../config/text.ts';
import { whyText } from '../config/why.ts';
import { addDays, atLocalTime } from '../domain/calendar.ts';
import type { TaskEvent } from '../domain/event.ts';
import { replay } from '../domain/evolve.ts';
import { covers, endOf, stands } from '../domain/hold.ts';
import { type AgencyCode, CHANNELS, type Email, email, LOCALES, type Locale } from '../domain/names.ts';
import { NOTIFICATION_KINDS, NOTIFICATION_STATUSES, type NotificationStatus } from '../domain/notification.ts';
import { HORIZON_DAYS, type PlanInput } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import type { Task } from '../domain/task.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, instantFromEpochMs, isoDate } from '../domain/time.ts';
import { type Because, type Reason, whyNot } from '../domain/why-not.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { holdsSince } from '../prisma/holds.ts';
import { createPlanInput } from '../prisma/planner.ts';
import { storedEvent, storedTask } from '../prisma/task-record.ts';
import { type Context, Failure, Usage, withDatabase } from './context.ts';

export interface LanguageFlags {
  readonly lang: string;
}

/** Why a notification was planned, and what became of it; by its id or its key. */
export async function why(context: Context, which: string, { lang }: LanguageFlags): Promise<void> {
  const locale = localeOf(lang);
  const told = await withDatabase(context, async (database) => {
    const isId = /^[0-9a-f-]{36}$/.test(which);
    const row = await database.notification.findFirst({ where: isId ? { id: which } : { key: which }, include: { task: true } });
    if (row === null)
      throw new Failure(`there is no notification ${which}; dondoc task show CODE --json lists those of a task with their ids`);
    const directory = await createDirectory(database).get();
    const merged =
      row.messageId === null ? [] : await database.notification.findMany({ where: { messageId: row.messageId, id: { not: row.id } } });
    const name = (address: string) => directory.person(address as Email)?.name ?? address;
    const reader = directory.person(row.recipient as Email);
    const kind = NOTIFICATION_KINDS.find((known) => known === row.kind) ?? 'nudge';
    const at = row.sentAt ?? row.sendAt;
    return {
      // As it stands in the message itself.
      line: reader === undefined ? null : whyText({ ...reader, locale }, { task: storedTask(row.task.state), kind }, instantOf(at)),
      id: row.id,
      key: row.key,
      task: row.taskCode,
      kind: row.kind,
      step: row.step,
      recipient: row.recipient,
      channel: row.channel,
      sendAt: row.sendAt.toISOString(),
      status: row.status,
      reason: row.reason,
      why: reasonWords(locale, row.reason, name),
      fate: fateWords(locale, fateOf(row)),
      oneMessageWith: merged.map(({ id, taskCode, step }) => ({ id, task: taskCode, step })),
    };
  });
  const others = told.oneMessageWith.map(({ task, step, id }) => `  ${task}  ${step}  ${id}`);
  context.print(
    told,
    [`${told.recipient}, ${told.channel}, ${told.task}`, ...(told.line === null ? [] : [told.line]), told.why, told.fate, ...others].join(
      '\n',
    ),
  );
}

/** A reason of the planner's, or of the ledger for what had been planned already. */
type Silence = Omit<Reason, 'because'> & {
  readonly because: Because | 'not_assigned' | 'cancelled' | 'failed' | 'uncertain' | 'dropped' | 'held' | 'put_off';
  readonly words: string;
};

/** Why someone is, or was, not told of a task on a day; where something was told, that. */
export async function explainSilence(context: Context, code: string, person: string, date: string, { lang }: LanguageFlags): Promise<void> {
  const locale = localeOf(lang);
  const address = email.safeParse(person);
  if (!address.success) throw new Usage(`${person}: write the person's e-mail address`);
  const day = isoDate.safeParse(date);
  if (!day.success) throw new Usage(`${date}: write a date as 2026-03-20`);
  const now = instantFromEpochMs(Date.now());
  const found = await withDatabase(context, (database) => silenceOf(database, { code, person: address.data, date: day.data, now, locale }));
  context.print(
    { task: code, person: address.data, date: day.data, ...found },
    [...found.told, ...found.reasons].map(({ words }) => words).join('\n'),
  );
}

interface Question {
  readonly code: string;
  readonly person: Email;
  readonly date: IsoDate;
  readonly now: IsoInstant;
  readonly locale: Locale;
}

/** What is told, or was, with its words. */
interface Told {
  readonly notification: string | null;
  readonly step: string;
  readonly channel: string;
  readonly at: IsoInstant;
  readonly status: string;
  readonly words: string;
}
interface Answer {
  readonly told: readonly Told[];
  readonly reasons: readonly Silence[];
}

/** What was told that day, and why nothing else; never both empty. */
export async function silenceOf(database: Database, question: Question): Promise<Answer> {
  const { code, person, date } = question;
  const row = await database.task.findUnique({ where: { code }, include: { events: { orderBy: { seq: 'asc' } } } });
  if (row === null) throw new Failure(`there is no task ${code}`);
  const directory = await createDirectory(database).get();
  const timeZone = directory.person(person)?.timeZone ?? COMMITTEE_TIME_ZONE;
  const words = wordsOf(question.locale, (address) => directory.person(address)?.name ?? address);
  const midnight = (days: number) => atLocalTime(addDays(date, days), '00:00', timeZone);
  const day = { begins: midnight(0), ends: midnight(1), farthest: midnight(1 - HORIZON_DAYS) };
  const kept = await fromLedger(database, { ...question, agency: directory.person(person)?.agency ?? null }, day, words);
  // What the ledger keeps back the planner still plans.
  if (kept.told.length > 0 || kept.reasons.some(({ because }) => because === 'held' || because === 'put_off')) return kept;
  const inputOf = createPlanInput({
    database,
    calendars: createCalendars({ database, now: () => question.now }),
    weights: loadRiskWeights(),
    directory: async () => directory,
  });
  const events = row.events.map(({ body }) => storedEvent(body));
  const planned = await fromPlanner(question, day, events, inputOf, words);
  return { told: planned.told, reasons: [...kept.reasons, ...planned.reasons] };
}

interface Day {
  readonly begins: IsoInstant;
  readonly ends: IsoInstant;
  /** The earliest instant from which all of the day lies within what is planned. */
  readonly farthest: IsoInstant;
}

/** @param question with the person's agency; null where the directory does not know the person */
async function fromLedger(
  database: Database,
  { code, person, now, agency }: Question & { readonly agency: AgencyCode | null },
  { begins, ends }: Day,
  words: Words,
): Promise<Answer> {
  const onDay = { gte: begins, lt: ends };
  const rows = await database.notification.findMany({
    where: { taskCode: code, recipient: person, OR: [{ sendAt: onDay }, { notBefore: onDay }, { sentAt: onDay }] },
    orderBy: { sendAt: 'asc' },
  });
  const holds = await holdsSince(database, begins);
  const told: Told[] = [];
  const reasons: Silence[] = [];
  const isOnDay = (at: IsoInstant) => begins <= at && at < ends;
  for (const row of rows) {
    const { id, step, status } = row;
    const channel = CHANNELS.find((known) => known === row.channel) ?? 'email';
    const meant = instantOf(row.sendAt);
    const at = instantOf(row.sentAt ?? (row.notBefore !== null && row.notBefore > row.sendAt ? row.notBefore : row.sendAt));
    const silent = (because: Silence['because'], when: IsoInstant, said: string) =>
      reasons.push({ because, step, at: when, instead: null, words: said });
    const held = holds.filter((each) => agency !== null && covers(each, { agency, channel, urgent: row.urgent }));
    const hold = held.find((each) => stands(each, now) && at < each.until);
    if (isSilent(status)) {
      // A row that is silent was never put off to another day.
      if (isOnDay(meant)) silent(status, meant, text(words.locale, SILENT[status], { step, error: whyWords(words.locale, row.error) }));
    } else if (hold !== undefined && (status === 'planned' || status === 'claimed')) {
      silent(
        'held',
        hold.until,
        text(words.locale, 'whynot.held', { step, at: formatMoment(words.locale, hold.until), reason: hold.reason }),
      );
    } else if (isOnDay(at)) {
      const fate = fateWords(words.locale, fateOf(row));
      told.push({ notification: id, step, channel, at, status, words: words.told({ person, step, channel, at, fate }) });
    } else {
      const before = held.find((each) => each.madeAt <= at && meant < endOf(each));
      const error = row.error === null && before !== undefined ? before.reason : whyWords(words.locale, row.error);
      silent('put_off', at, text(words.locale, 'whynot.put_off', { step, at: formatMoment(words.locale, at), error }));
    }
  }
  return { told, reasons };
}

/** Planned, and yet not told. */
const SILENT = {
  cancelled: 'whynot.cancelled',
  failed: 'whynot.failed',
  uncertain: 'whynot.uncertain',
  dropped: 'whynot.dropped',
} as const;
function isSilent(status: string): status is keyof typeof SILENT {
  return status in SILENT;
}

/** A day to come is looked at from now; one that is over from its beginning, as the task then stood. */
async function fromPlanner(
  { person, date, now, locale }: Question,
  { begins, ends, farthest }: Day,
  events: readonly TaskEvent[],
  inputOf: (task: Task, from: IsoInstant) => Promise<PlanInput>,
  words: Words,
): Promise<Answer> {
  const isOver = begins <= now;
  const from = isOver ? begins : farthest > now ? farthest : now;
  const until = isOver ? ends : now;
  const stateAt = (at: IsoInstant) => replay(events.filter((event) => event.at <= at));
  const last = stateAt(until);
  if (last === null)
    return {
      told: [],
      reasons: [{ because: 'not_assigned', step: null, at: null, instead: null, words: text(locale, 'whynot.not_assigned') }],
    };
  const ask = async (task: Task, at: IsoInstant) => {
    const input = await inputOf(task, at);
    return { ...whyNot(input, person, date), policy: input.policy };
  };
  const first = await ask(stateAt(from) ?? last, from);
  // To be told at the day's beginning, and not in the ledger: the day itself changed that.
  const { told, reasons, policy } = isOver && first.told.length > 0 ? await ask(last, until) : first;
  const fate = text(locale, 'web.fate.planned');
  return {
    told: told.map(({ step, channel, sendAt: at }) => ({
      notification: null,
      step,
      channel,
      at,
      status: 'planned',
      words: words.told({ person, step, channel, at, fate }),
    })),
    reasons: reasons.map((reason) => ({ ...reason, words: words.reason(reason, policy) })),
  };
}

type Words = ReturnType<typeof wordsOf>;

function wordsOf(locale: Locale, name: (address: Email) => string) {
  return {
    locale,
    told: ({ person, step, channel, at, fate }: { person: Email; step: string; channel: string; at: IsoInstant; fate: string }) =>
      text(locale, 'whynot.told', {
        person: name(person),
        status: fate,
        at: formatMoment(locale, at),
        step,
        channel: text(locale, `web.via.${CHANNELS.find((known) => known === channel) ?? 'email'}`),
      }),
    reason: ({ because, step, at, instead }: Reason, { name: policy, version, steps }: Policy) => {
      const of = steps.find(({ id }) => id === step);
      const id = because === 'no_channel' && instead !== null ? 'no_channel_instead' : because;
      return text(locale, `whynot.${id}`, {
        policy: `${policy} v${version}`,
        step: step ?? '',
        at: at === null ? '' : formatMoment(locale, at),
        person: instead === null ? '' : name(instead),
        state: of === undefined ? '' : text(locale, `web.rule.state.${of.when}`),
        anchor: of === undefined ? '' : text(locale, `web.rule.anchor.${of.anchor}`),
      });
    },
  };
}

function localeOf(lang: string): Locale {
  const locale = LOCALES.find((known) => known === lang);
  if (locale === undefined) throw new Usage(`--lang ${lang}: write one of ${LOCALES.join(', ')}`);
  return locale;
}

function instantOf(column: Date): IsoInstant {
  return instantFromEpochMs(column.getTime());
}

function fateOf(row: { status: string; sentAt: Date | null; error: string | null; attempts: number; shadow: boolean }) {
  const status: NotificationStatus = NOTIFICATION_STATUSES.find((known) => known === row.status) ?? 'planned';
  const { sentAt, error, attempts, shadow } = row;
  return { status, sentAt: sentAt === null ? null : instantOf(sentAt), error, attempts, shadow };
}
