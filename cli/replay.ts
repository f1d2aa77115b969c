/** `dondoc policy replay`: the real events of the past under another policy, or the own ones: who would have been told, and of what. */
import { minutesOfDay, workingMinutes } from '../domain/calendar.ts';
import { differences, type Telling, tellingOf } from '../domain/difference.ts';
import { deadlineSteps, firstHeard, type Lateness, latenesses } from '../domain/heard.ts';
import { freeFrom, type Hold } from '../domain/hold.ts';
import type { Channel } from '../domain/names.ts';
import type { NotificationKind, PlannedNotification } from '../domain/notification.ts';
import type { Directory } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import { relive } from '../domain/relive.ts';
import type { Task } from '../domain/task.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { holdsSince } from '../prisma/holds.ts';
import { type PastTask, pastTasks } from '../prisma/past.ts';
import { type Context, Failure, withDatabase } from './context.ts';
import { Differences, inWords, lineOf, sum } from './differences.ts';
import { chosenTask, type FutureFlags, loadToday, readPolicyOf, type Span, spanBehind, type Today } from './futures.ts';
import { shown } from './policy-diff.ts';

const SHOWN = 20;
/** A list of late tasks that is longer is not read; the counts are of all. */
const LATE_KEPT = 1_000;

interface LateTask extends Lateness {
  /** When someone above the assignee heard of it, by the ledger and under the policy; null: nobody did. */
  readonly heard: IsoInstant | null;
  readonly wouldHear: IsoInstant | null;
  /** Working days; null where one of them never heard. */
  readonly workingDaysEarlier: number | null;
}

export async function replayPolicy(context: Context, given: string | undefined, flags: FutureFlags): Promise<void> {
  const code = chosenTask(flags);
  await withDatabase(context, async (database) => {
    const today = await loadToday(database);
    const span = spanBehind(flags, today.now);
    const other = given === undefined ? null : await readPolicyOf(database, given);
    const policyOf = other === null ? today.ownPolicy : () => other;
    const holds = await holdsSince(database, instantFromEpochMs(0));
    const found = new Differences();
    const late: LateTask[] = [];
    const counts = { tasks: 0, approximate: 0, told: 0, wouldTell: 0, late: 0, heardEarlier: 0, heardLater: 0 };
    let identical = true;
    for await (const page of pastTasks(database, code, span.until)) {
      for (const past of page) {
        const compared = compare(past, holds, policyOf, today, span);
        counts.tasks += 1;
        counts.approximate += past.isApproximate ? 1 : 0;
        counts.told += compared.told.length;
        counts.wouldTell += compared.wouldTell.length;
        identical &&= compared.identical;
        found.add(past.code, differences(compared.told, compared.wouldTell));
        for (const each of compared.late) {
          counts.late += 1;
          if (isEarlier(each.wouldHear, each.heard)) counts.heardEarlier += 1;
          if (isEarlier(each.heard, each.wouldHear)) counts.heardLater += 1;
          if (late.length < LATE_KEPT && each.heard !== each.wouldHear) late.push(each);
        }
      }
    }
    if (code !== null && counts.tasks === 0) throw new Failure(`there was no task ${code}`);
    const perPerson = [...found.perPerson]
      .map(([recipient, changes]) => ({ recipient, ...changes }))
      .sort((a, b) => sum(b) - sum(a) || (a.recipient < b.recipient ? -1 : 1));
    const name = other === null ? null : { name: other.name, version: other.version };
    context.print(
      {
        policy: name,
        ...span,
        ...counts,
        identical,
        changes: found.totals,
        perPerson,
        perTask: found.perTask().map(shown),
        lateTasks: late,
      },
      [
        `${name === null ? 'each under its own policy' : `under ${name.name} version ${name.version}`}: ${counts.tasks} tasks, told ${counts.told} times, would have told ${counts.wouldTell} times`,
        identical ? 'the same as the ledger, line by line' : inWords(found.totals) || 'other steps, at the same moments to the same people',
        ...(counts.approximate === 0
          ? []
          : [`${counts.approximate} of them were planned before plannings were kept: what is said of them is approximate`]),
        `${counts.late} were late: ${counts.heardEarlier} would have been heard of earlier, ${counts.heardLater} later`,
        ...late.slice(0, SHOWN).map(lateLine),
        ...(perPerson.length === 0 ? [] : ['', 'people']),
        ...perPerson.slice(0, SHOWN).map(({ recipient, ...changes }) => `${recipient}: ${inWords(changes)}`),
        ...(perPerson.length > SHOWN ? [`and ${perPerson.length - SHOWN} more people`] : []),
        ...(found.changedTasks === 0 ? [] : ['', 'tasks']),
        ...found
          .perTask()
          .slice(0, SHOWN)
          .flatMap((each) => [`${each.task}: ${inWords(each)}`, ...each.first.map((line) => `    ${lineOf(line)}`)]),
      ].join('\n'),
    );
  });
}

/** From when on something could really go: what stood in its way then stands in it again, whatever the policy. */
export function keptBack(holds: readonly Hold[], putOff: ReadonlyMap<string, IsoInstant>, directory: Directory) {
  return ({ key, sendAt, recipient, channel, urgent }: PlannedNotification): IsoInstant => {
    const agency = directory.person(recipient)?.agency;
    const free = agency === undefined ? sendAt : freeFrom(sendAt, { agency, channel, urgent }, holds);
    const later = putOff.get(key) ?? free;
    return later > free ? later : free;
  };
}

/** One task's ledger beside what the policy would have told. */
function compare(
  { code, events, plannings, told, putOff }: PastTask,
  holds: readonly Hold[],
  policyOf: (task: Task) => Policy,
  today: Today,
  { from, until }: Span,
) {
  const { calendars, directory, ownPolicy, weights, recordOf } = today;
  const { main: calendar } = calendars;
  // Where a planning did not ask for the risk, its agency's record of today stands for that of then.
  const surroundings = ({ leadAgency }: Task) => ({ agency: recordOf(leadAgency), waitsFor: [] });
  const again = relive({
    events,
    plannings,
    policyOf,
    calendars,
    directory,
    until,
    freeAt: keptBack(holds, putOff, directory),
    risk: { weights, surroundings },
  });
  const within = <T extends { readonly at: IsoInstant }>(tellings: readonly T[]) => tellings.filter(({ at }) => at >= from && at <= until);
  const ledger = told.map((row) => ({ key: row.key, at: row.sendAt }));
  const relived = again.map(({ notification: { key, sendAt } }) => ({ key, at: sendAt }));
  const tellings = told.map(
    (row): Telling => ({
      task: code,
      kind: row.kind as NotificationKind,
      step: row.step,
      recipient: row.recipient,
      channel: row.channel as Channel, // both columns are checked by the database
      at: row.sendAt,
    }),
  );
  const would = again.map(tellingOf);
  const late = latenesses(events)
    .filter(({ deadlineAt, until: ended }) => deadlineAt <= until && (ended === null || ended >= from))
    .map((lateness): LateTask => {
      const task = { policy: policyAt(events, lateness.deadlineAt) } as Task; // all that a policy is found by
      const heard = firstHeard(lateness, tellings, deadlineSteps(ownPolicy(task)));
      const wouldHear = firstHeard(lateness, would, deadlineSteps(policyOf(task)));
      const minutes =
        heard === null || wouldHear === null
          ? null
          : workingMinutes(calendar, wouldHear, heard) - workingMinutes(calendar, heard, wouldHear);
      return {
        ...lateness,
        heard,
        wouldHear,
        workingDaysEarlier: minutes === null ? null : Math.round((minutes / minutesOfDay(calendar)) * 10) / 10,
      };
    });
  const lines = (list: typeof ledger) =>
    within(list)
      .map(({ key, at }) => `${at} ${key}`)
      .sort()
      .join('\n');
  return { told: within(tellings), wouldTell: within(would), identical: lines(ledger) === lines(relived), late };
}

/** The policy that a task named at an instant. */
function policyAt(events: PastTask['events'], at: IsoInstant): Task['policy'] {
  let found: Task['policy'] | undefined;
  for (const event of events) {
    if (found !== undefined && event.at > at) break;
    if (event.type === 'TaskAssigned') found = event.assignment.policy;
    if (event.type === 'TaskAmended' && event.changes.policy !== undefined) found = event.changes.policy;
  }
  if (found === undefined) throw new Error('record broken: no assignment');
  return found;
}

function isEarlier(a: IsoInstant | null, b: IsoInstant | null): boolean {
  return a !== null && (b === null || a < b);
}

function lateLine({ task, deadlineAt, heard, wouldHear, workingDaysEarlier }: LateTask): string {
  const minute = (at: IsoInstant | null) => (at === null ? 'never' : `${at.slice(0, 16)}Z`);
  const by =
    workingDaysEarlier === null || workingDaysEarlier === 0
      ? ''
      : `, ${Math.abs(workingDaysEarlier)} working days ${workingDaysEarlier > 0 ? 'earlier' : 'later'}`;
  return `${task}, due ${minute(deadlineAt)}: heard of ${minute(heard)}, would have been ${minute(wouldHear)}${by}`;
}
