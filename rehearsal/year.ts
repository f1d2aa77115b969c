/** A modelled year by the pure simulation: who is told how much, on which days, and where it is too much. */
import { loadRiskWeights } from '../config/risk.ts';
import { atLocalTime, type Calendar, oneCalendar } from '../domain/calendar.ts';
import type { Told } from '../domain/ledger.ts';
import type { Email } from '../domain/names.ts';
import { fullestDays, loads, Outbox, type PersonLoad } from '../domain/outbox.ts';
import type { Policy } from '../domain/policy.ts';
import { type Act, type Simulation, simulate } from '../domain/simulate.ts';
import { isOpen } from '../domain/task.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant } from '../domain/time.ts';
import { actorOf, answering } from './answers.ts';
import { type ModelOffice, modelOffice } from './office.ts';
import { type ModelTask, modelTasks } from './tasks.ts';

/** Who gets more messages on a day than this reads none of them; the policy's own cap takes its place where it has one. */
export const BEARABLE_PER_DAY = 3;

export interface RehearsalOptions {
  readonly year: number;
  readonly people: number;
  readonly tasks: number;
  readonly seed: string;
  readonly policy: Policy;
  readonly calendar: Calendar;
}

export interface Rehearsal {
  readonly year: number;
  readonly seed: string;
  readonly policy: { readonly name: string; readonly version: number };
  readonly people: number;
  readonly tasks: number;
  readonly notifications: number;
  readonly messages: number;
  /** The fullest day of all, and of one person. */
  readonly peak: { readonly day: IsoDate | null; readonly messages: number; readonly perPersonMax: number };
  /** Days with most messages, the fullest first. */
  readonly days: readonly { readonly day: IsoDate; readonly messages: number }[];
  /** Days on which a person gets more than so many. */
  readonly cap: { readonly perDay: number; readonly isOfPolicy: boolean; readonly personDaysOver: number };
  /** Those whom that happens to, the heaviest first. */
  readonly overloaded: readonly (PersonLoad & { readonly daysOver: number })[];
  readonly ended: { readonly completed: number; readonly late: number; readonly open: number };
  readonly acts: { readonly taken: number; readonly refused: number };
  readonly escalations: number;
}

const DAYS_LISTED = 10;

/** One task as it was lived through, with the acts that it was. */
export interface Lived {
  readonly task: ModelTask;
  readonly acts: readonly Act[];
  readonly told: Simulation['told'];
}

/** @param onLived sees every task, in order, while nothing of it is kept */
export function rehearse(options: RehearsalOptions, onLived: (lived: Lived) => void = () => {}): Rehearsal {
  const { year, people, seed, policy, calendar } = options;
  const office = modelOffice({ people, seed });
  const until = endOfYear(year);
  const weights = loadRiskWeights();
  const outbox = new Outbox();
  const counts = { tasks: 0, notifications: 0, completed: 0, late: 0, open: 0, taken: 0, refused: 0, escalations: 0 };
  for (const task of modelTasks({ office, calendar, policy, year, count: options.tasks, seed })) {
    const acts: Act[] = [assignmentOf(task, office)];
    const answers = answering({ office, calendar, seed });
    const respond = (told: Told, state: Parameters<typeof answers>[1]) => {
      const given = answers(told, state);
      acts.push(...given);
      return given;
    };
    // Of agencies that have ended nothing yet, and tasks that wait for none.
    const risk = { weights, surroundings: () => ({ agency: { ended: 0, onTime: 0 }, waitsFor: [] }) };
    const world = { calendars: oneCalendar(calendar), directory: office.directory, policyOf: () => policy, waiting: [], risk };
    const lived = simulate({ code: task.code, task: null, acts: [...acts], respond, from: task.at, until, world });
    for (const told of lived.told) outbox.add(told);
    counts.tasks += 1;
    counts.notifications += lived.told.length;
    counts.refused += lived.refused.length;
    counts.taken += new Set(lived.events.map(({ commandId }) => commandId).filter((id) => id !== null)).size;
    counts.escalations += lived.events.filter(({ type }) => type === 'EscalationRaised').length;
    const { task: last } = lived;
    if (last !== null && isOpen(last)) counts.open += 1;
    else if (last?.status === 'completed') counts.completed += 1;
    if (lived.events.some(({ type }) => type === 'DeadlinePassed')) counts.late += 1;
    onLived({ task, acts, told: lived.told });
  }
  return reported(options, office, outbox, counts);
}

function reported(
  { year, seed, policy }: RehearsalOptions,
  office: ModelOffice,
  outbox: Outbox,
  counts: Readonly<Record<'tasks' | 'notifications' | 'completed' | 'late' | 'open' | 'taken' | 'refused' | 'escalations', number>>,
): Rehearsal {
  const perDay = policy.cap?.perDay ?? BEARABLE_PER_DAY;
  const days = outbox.days((email) => office.directory.person(email)?.timeZone ?? COMMITTEE_TIME_ZONE);
  const people = loads(days);
  const daysOver = (email: Email) => [...(days.get(email)?.values() ?? [])].filter((count) => count > perDay).length;
  const overloaded = people.map((load) => ({ ...load, daysOver: daysOver(load.recipient) })).filter((load) => load.daysOver > 0);
  const fullest = fullestDays(days);
  const [first] = fullest;
  return {
    year,
    seed,
    policy: { name: policy.name, version: policy.version },
    people: office.people.length,
    tasks: counts.tasks,
    notifications: counts.notifications,
    messages: people.reduce((sum, { messages }) => sum + messages, 0),
    peak: { day: first?.day ?? null, messages: first?.messages ?? 0, perPersonMax: people[0]?.perDayMax ?? 0 },
    days: fullest.slice(0, DAYS_LISTED),
    cap: {
      perDay,
      isOfPolicy: policy.cap !== null,
      personDaysOver: overloaded.reduce((sum, each) => sum + each.daysOver, 0),
    },
    overloaded,
    ended: { completed: counts.completed, late: counts.late, open: counts.open },
    acts: { taken: counts.taken, refused: counts.refused },
    escalations: counts.escalations,
  };
}

export function endOfYear(year: number): IsoInstant {
  return atLocalTime(`${year + 1}-01-01` as IsoDate, '00:00', COMMITTEE_TIME_ZONE);
}

function assignmentOf({ code, at, assignment }: ModelTask, { directory }: ModelOffice): Act {
  const coordinator = directory.person(assignment.coordinator);
  if (coordinator === undefined) throw new Error(`${assignment.coordinator} is not in the model`);
  return {
    at,
    input: { kind: 'command', id: `assign/${code}`, actor: actorOf(coordinator), via: 'cli', request: { type: 'AssignTask', assignment } },
  };
}
