/** Proves what each word of a step means: when it occurs, for which tasks, to whom, by which channel, and what ends it. */
import { describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadRiskWeights } from '../config/risk.ts';
import { type Act, HA, LAN, MINH, NOW, SON, taskAfter } from '../test/people.ts';
import type { Agency, Person } from './directory.ts';
import type { Email } from './names.ts';
import { type Directory, plan } from './plan.ts';
import { policy as policySchema } from './policy.ts';
import type { Surroundings } from './risk.ts';
import type { Task } from './task.ts';
import type { IsoInstant } from './time.ts';

const calendar = vietnamCalendar({ from: 2026, to: 2026 });
const PARIS: Person = { ...SON, email: 'paris@mofa.example' as Email, timeZone: 'Europe/Paris', slackId: null };
const people = [LAN, MINH, HA, SON, PARIS];
const directory: Directory = {
  person: (email) => people.find((person) => person.email === email),
  agency: (code): Agency => ({ code, name: { vi: code, en: code, fr: code }, kind: 'ministry', head: MINH.email }),
  standIn: () => undefined,
  askedToName: () => undefined,
};

const STEP = {
  id: 'x',
  anchor: 'assignment',
  offset: '0m',
  when: 'unreported',
  kind: 'nudge',
  audience: ['assignee'],
  channels: { order: ['slack'], use: 'first' },
};
const weights = loadRiskWeights();
const NOTHING_KNOWN: Surroundings = { agency: { ended: 0, onTime: 0 }, waitsFor: [] };
const policyOf = (step: object, more: object = {}) =>
  policySchema.parse({ name: 'tried', version: 1, timing: 'office_hours', steps: [{ ...STEP, ...step }], ...more });

/** `02.03 09:00 lan slack`, in Vietnam's time. */
function told(step: object, o: { more?: object; task?: Task; from?: IsoInstant; surroundings?: Partial<Surroundings> } = {}): string[] {
  const { task = taskAfter([]), from = NOW } = o;
  const outlook = { surroundings: { ...NOTHING_KNOWN, ...o.surroundings }, weights, calendar };
  return plan({ task, policy: policyOf(step, o.more), calendar, directory, from, waiting: [], outlook })
    .notifications.map(({ sendAt, recipient, channel }) => `${local(sendAt)} ${recipient.split('@')[0]} ${channel}`)
    .sort();
}
const local = (at: IsoInstant) => {
  const there = new Date(Date.parse(at) + 7 * 3_600_000).toISOString();
  return `${there.slice(8, 10)}.${there.slice(5, 7)} ${there.slice(11, 16)}`;
};
const acted = (...acts: Act[]) => ({ task: taskAfter(acts) });

describe('a moment', () => {
  it.each<[says: string, step: object, told: string[]]>([
    ['at once', {}, ['02.03 09:00 lan slack']],
    ['in working days, at a local time', { offset: '+2wd', at: '08:30' }, ['04.03 08:30 lan slack']],
    ['before the deadline', { anchor: 'deadline', offset: '-3wd', at: '08:00' }, ['17.03 08:00 lan slack']],
    // Of 18 days and 8 hours (Monday 09:00 to Friday 17:00) three quarters end on 16 March at 05:00: told when offices open.
    ['after a share of the time', { offset: '75%' }, ['16.03 08:00 lan slack']],
    ['after a share, at a local time of that day', { offset: '50%', at: '16:00' }, ['11.03 16:00 lan slack']],
    [
      'again, so many times',
      { offset: '+1wd', at: '08:00', repeat: { every: '+2wd', times: 2 } },
      ['03.03 08:00 lan slack', '05.03 08:00 lan slack', '09.03 08:00 lan slack'],
    ],
    [
      'again, not after the deadline',
      { anchor: 'deadline', offset: '-4wd', at: '08:00', repeat: { every: '+3wd', times: 9, until: 'deadline' } },
      ['16.03 08:00 lan slack', '19.03 08:00 lan slack'],
    ],
    ['with the next digest', { offset: '+2h', delivery: 'digest' }, ['03.03 08:00 lan slack']],
    ['with the digest of a Monday after a week-end', { offset: '+5d', delivery: 'digest' }, ['09.03 08:00 lan slack']],
  ])('%s', (_, step, expected) => expect(told(step)).toEqual(expected));

  it.each<[says: string, timing: unknown, told: string[]]>([
    ['in office hours', 'office_hours', ['03.03 08:00 lan slack']],
    ['at any time', 'any_time', ['02.03 21:00 lan slack']],
    ['between two times of working days', { from: '07:00', to: '20:30', days: 'working' }, ['03.03 07:00 lan slack']],
    ['between two times of all days', { from: '07:00', to: '22:00', days: 'all' }, ['02.03 21:00 lan slack']],
  ])('%s', (_, timing, expected) => expect(told({ offset: '+12h' }, { more: { timing } })).toEqual(expected));

  it('counts acknowledgment from when it was given', () => {
    expect(told({ anchor: 'acknowledgment', offset: '+1h' })).toEqual([]);
    expect(told({ anchor: 'acknowledgment', offset: '+1h' }, acted('acknowledge'))).toEqual(['02.03 10:00 lan slack']);
  });
});

describe('whom', () => {
  it.each<[says: string, step: object, more: object, told: string[]]>([
    ['a role', { audience: ['coordinator'] }, {}, ['02.03 09:00 ha slack']],
    ['someone by address', { audience: [{ person: SON.email }] }, {}, ['02.03 09:00 son slack']],
    [
      'whoever is on turn',
      { audience: [{ rota: 'duty' }], offset: '+7d' },
      { rotas: { duty: { people: [HA.email, SON.email], from: '2026-03-02', turnDays: 7 } } },
      ['09.03 08:00 son slack'],
    ],
    [
      'the first again after the last',
      { audience: [{ rota: 'duty' }], offset: '+14d' },
      { rotas: { duty: { people: [HA.email, SON.email], from: '2026-03-02', turnDays: 7 } } },
      ['16.03 08:00 ha slack'],
    ],
    ['nobody twice', { audience: ['coordinator', { person: HA.email }] }, {}, ['02.03 09:00 ha slack']],
    // 09:00 in Hà Nội is 03:00 in Paris: told when offices open there, at 14:00 of Vietnam.
    [
      'in the reader’s own office hours',
      { audience: [{ person: PARIS.email }], channels: { order: ['email'], use: 'first' } },
      {},
      ['02.03 14:00 paris email'],
    ],
  ])('%s', (_, step, more, expected) => expect(told(step, { more })).toEqual(expected));

  it.each<[says: string, channels: object, told: string[]]>([
    ['the first channel', { order: ['email', 'slack'], use: 'first' }, ['02.03 09:00 lan email']],
    ['all at once', { order: ['slack', 'email'], use: 'all' }, ['02.03 09:00 lan email', '02.03 09:00 lan slack']],
    [
      'the next one when nothing came',
      { order: ['slack', 'email'], use: 'in_turn', after: '+4h' },
      ['02.03 09:00 lan slack', '02.03 13:00 lan email'],
    ],
  ])('by %s', (_, channels, expected) => expect(told({ channels })).toEqual(expected));

  it('reaches the agency’s head at once where the person has none of the channels, and nobody where the head has none', () => {
    const step = { audience: [{ person: PARIS.email }], channels: { order: ['slack'], use: 'first' } };
    expect(told(step)).toEqual(['02.03 09:00 minh slack']);
    expect(told({ ...step, audience: [{ person: PARIS.email }, 'supervisor'] })).toEqual(['02.03 09:00 minh slack']);
    const without = { ...directory, agency: () => undefined };
    const plans = plan({ task: taskAfter([]), policy: policyOf(step), calendar, directory: without, from: NOW, waiting: [] });
    expect(plans).toMatchObject({ notifications: [], silences: [{ recipient: PARIS.email, because: 'no_channel' }] });
  });

  it('is asked by the next channel no more once the answer has come', () => {
    const channels = { order: ['slack', 'email'], use: 'in_turn', after: '+4h' };
    expect(told({ channels, when: 'unacknowledged' }, acted('acknowledge'))).toEqual([]);
  });

  it('is asked by the next channel no more once anything was heard of the assignee since the first', () => {
    const channels = { order: ['slack', 'email'], use: 'in_turn', after: '+4h' };
    const task = taskAfter([]);
    const heardAt = (hour: string) => ({ ...task, activity: { ...task.activity, at: `2026-03-02T${hour}:00:00.000Z` as IsoInstant } });
    const mails = (o: Parameters<typeof told>[1], step = {}) => told({ channels, ...step }, o).filter((line) => line.endsWith('email'));
    expect(mails({ task: heardAt('02') })).toHaveLength(1);
    expect(mails({ task: heardAt('04') })).toEqual([]);
    expect(mails({ task: heardAt('04') }, { audience: ['supervisor'] })).toHaveLength(1);
    expect(told({ channels: { order: ['slack', 'email'], use: 'all' } }, { task: heardAt('04') })).toHaveLength(2);
  });

  it('is asked by the next channel at the same moment however often it is planned anew', () => {
    const channels = { order: ['slack', 'email'], use: 'in_turn', after: '+4h' };
    const later = '2026-03-02T03:30:00.000Z' as IsoInstant;
    expect(told({ channels }, { from: later }).filter((line) => line.endsWith('email'))).toEqual(['02.03 13:00 lan email']);
  });
});

describe('only', () => {
  const high = { ...taskAfter([]), priority: 'high' as const, group: 'Chuyển đổi số' };
  it.each<[only: object, holds: boolean]>([
    [{}, true],
    [{ agency: ['MOST'] }, true],
    [{ agency: ['MOF'] }, false],
    [{ group: ['Chuyển đổi số'] }, true],
    [{ group: ['Thể chế'] }, false],
    [{ priority: ['high'] }, true],
    [{ priority: ['normal'] }, false],
    [{ product: ['report'] }, false],
    [{ regular: false }, true],
    [{ regular: true }, false],
    [{ secrecy: ['none'] }, true],
    [{ secrecy: ['secret', 'top_secret'] }, false],
    [{ extensions: 0 }, true],
    [{ extensions: 1 }, false],
    [{ agency: ['MOST'], priority: ['normal'] }, false],
  ])('%j: %s', (only, holds) => expect(told({ only }, { task: high })).toHaveLength(holds ? 1 : 0));
});

describe('only: risk', () => {
  const medium = { only: { risk: ['medium'] }, anchor: 'deadline', at: '08:00' };
  const each = { ...medium, offset: '-10wd', repeat: { every: '+3wd', times: 3 } };
  const acknowledged = taskAfter(['acknowledge']);
  const before = '2026-03-16T02:00:00.000Z' as IsoInstant;
  it.each<[says: string, step: object, o: Parameters<typeof told>[1], told: string[]]>([
    ['as it will be at each moment if nothing happens', each, { task: acknowledged }, ['11.03 08:00 lan slack', '16.03 08:00 lan slack']],
    [
      'with a task that it waits for and that will be late then',
      each,
      { task: acknowledged, surroundings: { waitsFor: ['2026-03-11T10:00:00.000Z' as IsoInstant] } },
      ['11.03 08:00 lan slack'],
    ],
    ['not after what was done about it', each, { task: taskAfter(['acknowledge', 'progress']) }, []],
    [
      'said by somebody, beside what is computed',
      { ...each, only: { risk: ['high'] } },
      { task: taskAfter(['acknowledge', 'worry']) },
      ['06.03 08:00 lan slack', '11.03 08:00 lan slack', '16.03 08:00 lan slack', '19.03 08:00 lan slack'],
    ],
    [
      'taken back by somebody',
      { ...each, only: { risk: ['high'] } },
      { task: taskAfter(['acknowledge', 'worry', 'calm']) },
      ['19.03 08:00 lan slack'],
    ],
    ['not from the deadline on', { ...medium, offset: '0m', at: null }, { task: taskAfter(['acknowledge', 'worry']) }, []],
    [
      'of what is reported only as it was said',
      { ...medium, when: 'reported', offset: '-1wd' },
      { task: taskAfter(['acknowledge', 'report']) },
      [],
    ],
    [
      'as it was, where the moment has passed',
      { ...medium, offset: '-7wd' },
      { task: acknowledged, from: before },
      ['16.03 09:01 lan slack'],
    ],
    ['not as it is now, where it was lower then', { ...medium, offset: '-10wd' }, { task: acknowledged, from: before }, []],
    [
      'not late, where the deadline has passed since',
      { ...medium, offset: '-7wd' },
      { task: acknowledged, from: '2026-03-20T10:00:00.000Z' as IsoInstant },
      [],
    ],
    [
      'of an agency that is often late',
      { ...each, only: { risk: ['high'] } },
      { task: acknowledged, surroundings: { agency: { ended: 40, onTime: 25 } } },
      ['16.03 08:00 lan slack', '19.03 08:00 lan slack'],
    ],
  ])('%s', (_, step, o, expected) => expect(told(step, o)).toEqual(expected));

  it('is never left out unsaid where nothing is known to work it out from', () => {
    const input = { task: acknowledged, policy: policyOf({ ...medium, offset: '-1wd' }), calendar, directory, from: NOW, waiting: [] };
    expect(() => plan(input)).toThrow('asks for a risk');
  });
});

describe('stop', () => {
  const later = { offset: '+2wd', at: '08:00', anchor: 'assignment' };
  it.each<[stop: string, act: Act, others: Act[]]>([
    ['acknowledgment', 'acknowledge', []],
    ['obstacle', 'obstacle', ['acknowledge']],
    ['transfer_request', 'transfer', []],
    ['extension_request', 'extend', ['acknowledge']],
  ])('%s', (stop, act, others) => {
    const taskOf = (acts: Act[]) => {
      const task = taskAfter(acts);
      // Everything in these tasks is said at one instant; the assignment came an hour before.
      return { ...task, heldSince: '2026-03-02T01:00:00.000Z' as IsoInstant, activity: task.activity };
    };
    expect(told({ ...later, stop: [stop] }, { task: taskOf(others) })).toHaveLength(1);
    expect(told({ ...later, stop: [stop] }, { task: taskOf([...others, act]) })).toHaveLength(0);
    expect(told(later, { task: taskOf([...others, act]) })).toHaveLength(1);
  });
});

describe('actions', () => {
  const wakes = (step: object, task: Task, standsIn?: Person) =>
    plan({
      task,
      policy: policyOf(step),
      calendar,
      directory: { ...directory, standIn: (email) => (email === LAN.email ? standsIn : undefined) },
      from: NOW,
      waiting: [],
    })
      .wakes.map(({ at, input }) => `${local(at)} ${JSON.stringify(input)}`)
      .filter((line) => line.includes('TakeAction'));

  it.each<[action: string, to: Email | null, done: Partial<Task>]>([
    ['raise_priority', null, { priority: 'high' }],
    ['flag_for_inspection', null, { inspection: { seq: 2, at: NOW } }],
    ['hand_over', MINH.email, { assignee: MINH.email }],
    [
      'ask_extension_decision',
      null,
      { extensionQuestion: { seq: 2, at: '2026-03-03T01:00:00.000Z' as IsoInstant, step: 'x', open: false } },
    ],
  ])('%s wakes the task at its moment, and not again', (action, to, done) => {
    const step = { offset: '+1wd', at: '08:00', actions: [action] };
    const task = taskAfter([]);
    expect(wakes(step, task)).toEqual([
      `03.03 08:00 ${JSON.stringify({ type: 'TakeAction', action, step: 'x', to, since: '2026-03-03T01:00:00.000Z' })}`,
    ]);
    expect(wakes(step, { ...task, ...done } as Task)).toEqual([]);
  });

  it.each<[says: string, standsIn: Person | undefined, to: Email]>([
    ['to who stands in for the assignee', { ...SON, agency: LAN.agency }, SON.email],
    ['to the head, where whoever stands in is of another agency', HA, MINH.email],
    ['to the head, where nobody stands in', undefined, MINH.email],
  ])('hands over %s', (_, standsIn, to) => {
    const [wake] = wakes({ offset: '+1wd', at: '08:00', actions: ['hand_over'] }, taskAfter([]), standsIn);
    expect(wake).toContain(`"to":"${to}"`);
  });

  it('hands nothing over that waits for someone else', () => {
    expect(wakes({ offset: '+1wd', actions: ['hand_over'] }, taskAfter(['transfer']))).toEqual([]);
  });
});

describe('is refused', () => {
  it.each<[step: object, more: object, at: string, says: RegExp]>([
    [{ offset: '3d' }, {}, 'steps.0.offset', /number with its sign/],
    [{ offset: '50%', anchor: 'deadline' }, {}, 'steps.0.offset', /anchor assignment/],
    [{ at: '08:00' }, {}, 'steps.0.at', /only with days/],
    [{ channels: { order: ['slack'], use: 'in_turn' } }, {}, 'steps.0.channels.use', /needs after/],
    [{ channels: { order: ['slack'], use: 'all', after: '+1h' } }, {}, 'steps.0.channels.after', /in_turn/],
    [{ urgent: true, delivery: 'digest' }, {}, 'steps.0.delivery', /no digest/],
    [{ audience: [{ rota: 'duty' }] }, {}, 'steps.0.audience.0.rota', /no rota duty/],
    [{}, { timing: { from: '18:00', to: '08:00', days: 'all' } }, 'timing.to', /after 18:00/],
    [{ repeat: { every: '-1wd', times: 3 } }, {}, 'steps.0.repeat.every', /with \+/],
    [{ text: { vi: 'x', en: 'x' } }, {}, 'steps.0.text.fr', /./],
  ])('%j %j', (step, more, at, says) => {
    const read = policySchema.safeParse({ name: 'tried', version: 1, timing: 'office_hours', steps: [{ ...STEP, ...step }], ...more });
    const issue = read.error?.issues[0];
    expect(issue?.path.join('.')).toBe(at);
    expect(issue?.message).toMatch(says);
  });
});
