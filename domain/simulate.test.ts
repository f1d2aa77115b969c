/** Proves what is particular to living ahead: no end but the one that is given, acts in their order, and the same beginning whatever the end. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy } from '../config/policy.ts';
import { HA, LAN, MINH, NOW, SON, taskAfter } from '../test/people.ts';
import { addMinutes, oneCalendar } from './calendar.ts';
import type { Email } from './names.ts';
import { type Directory, HORIZON_DAYS } from './plan.ts';
import { type Act, simulate } from './simulate.ts';
import type { IsoInstant } from './time.ts';

const { policy } = loadPolicy(join(fileURLToPath(new URL('..', import.meta.url)), 'config/policies/standard.yaml'));
const people = new Map([HA, LAN, MINH, SON].map((person) => [person.email, person]));
const directory: Directory = {
  person: (email) => people.get(email),
  agency: (code) => ({ code, head: SON.email }) as ReturnType<Directory['agency']>,
  standIn: () => undefined,
  askedToName: () => undefined,
};
const world = {
  calendars: oneCalendar(vietnamCalendar({ from: 2025, to: 2028 })),
  directory,
  policyOf: () => policy,
  waiting: [] as Email[],
};
const days = (count: number) => addMinutes(NOW, count * 24 * 60);
const YEAR = days(365);

function lines(o: { acts?: Act[]; until?: IsoInstant; told?: string[]; deadline?: string } = {}) {
  const { acts = [], until = YEAR, told = [], deadline = '2026-12-18' } = o;
  const task = taskAfter([], { deadline });
  const lived = simulate({ code: task.code, task, told, acts, from: NOW, until, world: { ...world, policyOf: () => policy } });
  return { ...lived, lines: lived.told.map(({ notification: { key, sendAt } }) => `${sendAt} ${key}`) };
}
const acknowledge = (at: IsoInstant): Act => ({
  at,
  input: { kind: 'command', id: 'x', actor: LAN, via: 'slack', request: { type: 'AcknowledgeTask' } },
});

it('sees a year ahead, though the ledger never holds more than its horizon', () => {
  const { told, events } = lines();
  expect(told.at(-1)?.notification.step).toBe('overdue-5wd');
  expect(told.at(-1)?.at).toBe('2026-12-25T01:00:00.000Z');
  expect(told.some(({ at }) => at > days(HORIZON_DAYS))).toBe(true);
  expect(events.map(({ type }) => type)).toEqual(['EscalationRaised', 'EscalationRaised', 'DeadlinePassed', 'EscalationRaised']);
});

it('begins the same whatever the end', () => {
  const all = lines().lines;
  for (const until of [1, 2, 7, 28, 29, 60, 200, 300].map(days)) {
    expect(lines({ until }).lines).toEqual(all.filter((line) => line.slice(0, 24) <= until));
  }
});

it('what was told before is told for ever', () => {
  const [first] = lines().told;
  const { told } = lines({ told: [first?.notification.key ?? ''] });
  expect(told.map(({ notification }) => notification.step)).not.toContain('assigned');
});

it('an answer ends what asked for it, and what is refused is said', () => {
  const { lines: after, refused } = lines({ acts: [acknowledge(days(1)), acknowledge(days(2))] });
  expect(after.some((line) => line.includes('unacknowledged-2wd'))).toBe(false);
  expect(refused.map(({ refusal }) => refusal.refused)).toHaveLength(1);
});
