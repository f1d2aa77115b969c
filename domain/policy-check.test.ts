/**
 * Proves what each finding is said of, and of what it is not; and that what the check calls impossible never happens in any life of a
 * task. Does not prove lines and columns: see test/broken-policies.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OFFICE_HOURS, vietnamCalendar } from '../config/calendar.ts';
import { type Act, NOW, taskAfter } from '../test/people.ts';
import type { Reachable } from './directory.ts';
import { CHANNELS, type Email, type Role } from './names.ts';
import { nearest } from './nearest.ts';
import { judgedOccurrences } from './occurrences.ts';
import { ANCHORS, type Policy, policy as policySchema, WHEN } from './policy.ts';
import { checkPeople, checkPolicy, type ReadPolicy } from './policy-check.ts';
import { isOpen, type Task } from './task.ts';

const STEP = {
  id: 'x',
  anchor: 'assignment',
  offset: '0m',
  when: 'unreported',
  kind: 'nudge',
  audience: ['assignee'],
  channels: { order: ['slack'], use: 'first' },
};
const LATE = { ...STEP, id: 'late', anchor: 'deadline', offset: '+1wd' };

function policyOf(steps: readonly object[], more: object = {}): Policy {
  const all = steps.map((step, index) => ({ ...STEP, id: `s${index}`, ...step }));
  return policySchema.parse({ name: 'tried', version: 1, timing: 'office_hours', steps: all, ...more });
}
function read(steps: readonly object[], more: object = {}, isWhole = false): ReadPolicy {
  const parsed = policyOf(steps, more);
  return { ...parsed, steps: parsed.steps.map((step, index) => ({ step, index })), isWhole };
}
function personOf(email: string, slackId: string | null, role: Role = 'assignee'): [string, Reachable] {
  return [email, { email: email as Email, role, slackId }];
}
const found = (of: ReadPolicy) => checkPolicy(of, OFFICE_HOURS).map(({ code, path }) => `${code} ${path.join('.')}`);

describe('a step', () => {
  it.each<[step: object, found: string[]]>([
    [{}, []],
    [{ anchor: 'acknowledgment', when: 'unacknowledged' }, ['never_fires steps.0.when']],
    [{ anchor: 'acknowledgment', when: 'quiet' }, []],
    [{ anchor: 'extension_request', when: 'unextended' }, []],
    [{ anchor: 'extension_request', when: 'undecided' }, ['never_fires steps.0.when']],
    [{ anchor: 'report', when: 'unreported' }, ['never_fires steps.0.when']],
    [{ anchor: 'deadline', offset: '-1wd', when: 'overdue' }, ['not_yet_overdue steps.0.when']],
    [{ anchor: 'deadline', offset: '0d', when: 'overdue' }, []],
    [{ offset: '75%', when: 'overdue' }, ['not_yet_overdue steps.0.when']],
    [{ anchor: 'activity', offset: '+5wd', at: '08:00', when: 'overdue' }, ['not_surely_overdue steps.0.when']],
    [{ anchor: 'obstacle', kind: 'question_asked' }, ['kind_unfit steps.0.kind']],
    [{ anchor: 'obstacle', kind: 'nudge' }, []],
    [{ audience: ['contributing_head'] }, ['audience_never steps.0.audience.0']],
    [{ anchor: 'contribution', audience: ['contributing_head'] }, []],
    [{ audience: ['head', 'receiving_head'], when: 'quiet' }, ['audience_never steps.0.audience.1']],
    [{ anchor: 'transfer_approval', audience: ['receiving_head'], when: 'unaccepted' }, []],
    [{ audience: ['head', 'head'] }, ['audience_twice steps.0.audience.1']],
    [{ anchor: 'period', only: { regular: false } }, ['only_contradicts steps.0.only.regular']],
    [{ anchor: 'period', only: { regular: true } }, []],
    [{ when: 'quiet', only: { regular: true } }, ['only_contradicts steps.0.only.regular']],
    [{ only: { risk: ['high'] } }, []],
    [{ anchor: 'deadline', offset: '-1wd', only: { risk: ['high'] } }, []],
    [{ anchor: 'deadline', offset: '0d', at: '08:00', only: { risk: ['high'] } }, []],
    [{ anchor: 'deadline', offset: '0m', only: { risk: ['high'] } }, ['risk_never steps.0.only.risk']],
    [{ anchor: 'deadline', offset: '+1wd', only: { risk: ['high', 'low'] } }, ['risk_never steps.0.only.risk']],
    [{ anchor: 'deadline', offset: '+1wd', when: 'overdue', only: { risk: ['high'] } }, ['risk_never steps.0.only.risk']],
    [{ anchor: 'report', when: 'reported', only: { risk: ['high'] } }, ['risk_by_hand steps.0.only.risk']],
    [{ only: { risk: ['high'], regular: true } }, ['risk_by_hand steps.0.only.risk']],
    [{ anchor: 'period_deadline', offset: '-1wd', only: { risk: ['high'] } }, ['risk_by_hand steps.0.only.risk']],
    [{ anchor: 'activity', stop: ['obstacle'] }, ['stop_idle steps.0.stop.0']],
    [{ anchor: 'deadline', offset: '-3wd', stop: ['progress'] }, ['stop_idle steps.0.stop.0']],
    [{ anchor: 'deadline', offset: '+3wd', stop: ['progress'] }, []],
    [{ anchor: 'deadline', offset: '-3wd', repeat: { every: '+2wd', times: 4 }, stop: ['progress'] }, []],
    [{ stop: ['acknowledgment', 'extension_request'] }, []],
    [{ repeat: { every: '+0h', times: 2 } }, ['repeat_zero steps.0.repeat.every']],
    [{ anchor: 'deadline', offset: '+1wd', repeat: { every: '+1wd', times: 2, until: 'deadline' } }, ['repeat_never steps.0.repeat.until']],
    [{ anchor: 'deadline', offset: '-2d', repeat: { every: '+3d', times: 2, until: 'deadline' } }, ['repeat_never steps.0.repeat.until']],
    [{ anchor: 'deadline', offset: '-3d', repeat: { every: '+3d', times: 2, until: 'deadline' } }, []],
    // Five days before a date there may be only three working days: nobody knows.
    [{ anchor: 'deadline', offset: '-3wd', repeat: { every: '+4d', times: 2, until: 'deadline' } }, []],
    [{ when: 'undecided', actions: ['hand_over'] }, ['action_never steps.0.actions.0']],
    [{ when: 'unextended', audience: ['coordinator'], actions: ['ask_extension_decision'] }, ['action_never steps.0.actions.0']],
    [{ audience: ['head'], actions: ['raise_priority', 'ask_extension_decision'] }, ['question_unheard steps.0.actions.1']],
    [{ audience: ['coordinator'], actions: ['ask_extension_decision'] }, []],
    [{ anchor: 'deadline', offset: '+1wd', actions: ['nudge_letter'] }, []],
    [{ anchor: 'deadline', offset: '-1wd', actions: ['nudge_letter'] }, ['action_never steps.0.actions.0']],
    [{ anchor: 'deadline', offset: '-1wd', repeat: { every: '+2wd', times: 2 }, actions: ['nudge_letter'] }, []],
    [{ anchor: 'deadline', offset: '+1wd', when: 'reported', actions: ['nudge_letter'] }, ['action_never steps.0.actions.0']],
    [{ offset: '75%', actions: ['nudge_letter'] }, ['action_never steps.0.actions.0']],
    [{ only: { priority: ['high'] }, actions: ['flag_for_inspection', 'raise_priority'] }, ['action_never steps.0.actions.1']],
    [{ only: { priority: ['high', 'normal'] }, actions: ['raise_priority'] }, []],
    [{ channels: { order: ['slack', 'slack'], use: 'all' } }, ['channel_twice steps.0.channels.order.1']],
    [{ channels: { order: ['slack'], use: 'in_turn', after: '+1h' } }, ['in_turn_alone steps.0.channels.order']],
    [{ channels: { order: ['slack', 'email'], use: 'in_turn', after: '+0m' } }, ['in_turn_at_once steps.0.channels.after']],
    [{ offset: '+1wd', at: '22:00' }, ['outside_hours steps.0.at']],
    [{ offset: '+1wd', at: '12:00' }, ['outside_hours steps.0.at']],
    [{ offset: '+1wd', at: '11:59' }, []],
    [{ offset: '+1wd', at: '22:00', delivery: 'digest' }, []],
  ])('%j', (step, expected) => expect(found(read([step]))).toEqual(expected));
});

describe('two steps', () => {
  const wd = { offset: '+1wd', at: '08:00' };
  it.each<[says: string, second: object, twice: boolean]>([
    ['at the same moment', wd, true],
    ['at the hour at which offices open', { offset: '+1wd' }, true],
    ['at another hour', { ...wd, at: '09:00' }, false],
    ['from another anchor', { ...wd, anchor: 'deadline' }, false],
    ['of another kind', { ...wd, kind: 'reminder' }, false],
    ['to another person', { ...wd, audience: ['head'] }, false],
    ['for other tasks', { ...wd, only: { priority: ['normal'] } }, false],
    ['for all tasks of another agency', { ...wd, only: { agency: ['MOF'] } }, true],
    ['in a state that excludes the first', { ...wd, when: 'reported' }, false],
    ['in a state beside the first', { ...wd, when: 'unacknowledged' }, true],
    ['where the second is repeated', { offset: '-1wd', at: '08:00', repeat: { every: '+1wd', times: 2 } }, true],
  ])('%s', (_, second, twice) => {
    const first = { ...wd, only: { priority: ['high'] } };
    expect(found(read([first, second]))).toEqual(twice ? ['told_twice steps.1.audience'] : []);
  });
});

describe('a policy', () => {
  const said = (steps: readonly object[], more?: object) => found(read(steps, more, true)).filter((each) => !each.startsWith('told'));
  const unheard = ['report', 'transfer', 'acceptance', 'extension', 'obstacle', 'question'].map((matter) => `${matter}_unheard steps`);

  it.each<[says: string, steps: object[], heard: boolean]>([
    ['a step after the deadline', [LATE], true],
    ['a repeated one from the deadline on', [{ ...LATE, offset: '0d', repeat: { every: '+1wd', times: 3 } }], true],
    ['none after it', [{ ...LATE, offset: '-1wd' }], false],
    ['one that ends with progress', [{ ...LATE, stop: ['progress'] }], false],
    ['one to who waits only', [{ ...LATE, kind: 'dependency_late', audience: ['waiting'] }], false],
    ['one for high priority only', [{ ...LATE, only: { priority: ['high'] } }], false],
    [
      'one for each priority',
      [
        { ...LATE, only: { priority: ['high'] } },
        { ...LATE, id: 'b', only: { priority: ['normal'] } },
      ],
      true,
    ],
    ['one for an agency only', [{ ...LATE, only: { agency: ['MOST'] } }], false],
  ])('with %s', (_, steps, heard) => expect(said(steps)).toEqual(heard ? unheard : ['late_unheard steps', ...unheard]));

  it('lets silence decide what nobody hears of', () => {
    const tacit = {
      transfer_decision: { after: '+5wd', means: 'refused' },
      transfer_acceptance: { after: '+3wd', means: 'accepted' },
      extension_decision: { after: '+5wd', means: 'refused' },
    };
    expect(said([LATE], { tacit })).toEqual(['report_unheard steps', 'obstacle_unheard steps', 'question_unheard steps']);
  });

  it.each<[says: string, steps: object[], perDay: number, over: boolean]>([
    ['two channels', [{ channels: { order: ['slack', 'email'], use: 'all' } }], 1, true],
    ['one of two channels', [{ channels: { order: ['slack', 'email'], use: 'first' } }], 1, false],
    [
      'two hours of one day',
      [
        { offset: '+1wd', at: '08:00' },
        { offset: '+1wd', at: '14:00' },
      ],
      1,
      true,
    ],
    [
      'two days',
      [
        { offset: '+1wd', at: '08:00' },
        { offset: '+2wd', at: '08:00' },
      ],
      1,
      false,
    ],
    ['two people', [{ offset: '+1wd' }, { offset: '+1wd', audience: ['head'], kind: 'reminder' }], 1, false],
    ['states that exclude each other', [{ when: 'unacknowledged' }, { when: 'reported', offset: '+1h' }], 1, false],
    ['a higher cap', [{ channels: { order: ['slack', 'email'], use: 'all' } }], 2, false],
  ])('caps a day by %s', (_, steps, perDay, over) => {
    const cap = { perDay, over: 'next_working_day' };
    expect(found(read(steps, { cap }))).toEqual(over ? ['over_cap cap.perDay'] : []);
  });

  it('sends its digest within its hours, and names no rota in vain', () => {
    const rotas = { duty: { people: ['lan@most.example'], from: '2026-01-05', turnDays: 7 } };
    const timing = { from: '09:00', to: '18:00', days: 'all' };
    expect(said([LATE], { timing, rotas }).filter((each) => !each.includes('unheard'))).toEqual([
      'outside_hours digestAt',
      'rota_unused rotas.duty',
    ]);
    const told = { ...LATE, audience: [{ rota: 'duty' }] };
    expect(said([told], { timing, rotas, digestAt: '09:00' }).filter((each) => !each.includes('unheard'))).toEqual([]);
  });

  it('names people whom the directory knows and a channel reaches', () => {
    const known = {
      people: new Map([personOf('lan@most.example', null), personOf('ha@vptw.example', 'U1')]),
      served: ['slack', 'email'] as const,
      agencies: new Map([['MOST', {}]]),
    };
    const rotas = { duty: { people: ['lan@most.example', 'minh@most.example'], from: '2026-01-05', turnDays: 7 } };
    const audience = [{ person: 'lam@most.example' }, { person: 'ha@vptw.example' }, { rota: 'duty' }];
    const findings = checkPeople(read([{ audience, only: { agency: ['MOST', 'MOSTT'] } }], { rotas }), known);
    expect(findings.map(({ severity, code, path, cure }) => [severity, code, path.join('.'), cure])).toEqual([
      ['error', 'person_unknown', 'rotas.duty.people.1', 'did you mean lan@most.example?'],
      ['error', 'agency_unknown', 'steps.0.only.agency.1', 'did you mean MOST?'],
      ['error', 'person_unknown', 'steps.0.audience.0.person', 'did you mean lan@most.example?'],
      ['warning', 'no_channel', 'steps.0.audience.2', 'add email to channels.order, or name another person'],
    ]);
    const channels = new Map([...known.people, personOf('late@most.example', 'C1', 'channel')]);
    const shared = [
      { channel: 'late@most.example' },
      { channel: 'latte@most.example' },
      { channel: 'ha@vptw.example' },
      { person: 'late@most.example' },
    ];
    expect(
      checkPeople(read([{ audience: shared }]), { ...known, people: channels }).map(({ code, path, cure }) => [code, path.join('.'), cure]),
    ).toEqual([
      ['channel_unknown', 'steps.0.audience.1.channel', 'did you mean late@most.example?'],
      ['channel_is_person', 'steps.0.audience.2.channel', 'write { person: ha@vptw.example }'],
      ['person_is_channel', 'steps.0.audience.3.person', 'write { channel: late@most.example }'],
    ]);
    expect(checkPeople(read([{ audience: [{ channel: 'late@most.example' }] }]), known)).toMatchObject([
      { code: 'channel_unknown', cure: 'import it as a person of the role channel, with its Slack id' },
    ]);
    const byMail = { audience: [{ person: 'lan@most.example' }], channels: { order: ['slack', 'email'], use: 'first' } };
    expect(checkPeople(read([byMail]), known)).toEqual([]);
    const byGateway = { audience: ['assignee'], channels: { order: ['webhook', 'email'], use: 'first' } };
    expect(checkPeople(read([byGateway]), known).map(({ severity, code, path }) => [severity, code, path.join('.')])).toEqual([
      ['warning', 'channel_unserved', 'steps.0.channels.order.0'],
    ]);
    expect(checkPeople(read([byGateway]), { ...known, served: CHANNELS })).toEqual([]);
  });
});

describe('what is called impossible', () => {
  const calendar = vietnamCalendar({ from: 2026, to: 2027 });
  const ACTS: Act[] = [
    ...([
      'acknowledge',
      'report',
      'return',
      'transfer',
      'approve',
      'refuse',
      'extend',
      'obstacle',
      'answer',
      'progress',
      'question',
    ] as const),
    ...(['contribution', 'contribute', 'nudge', 'recur', 'openPeriod', 'reportPeriod', 'verifyPeriod', 'returnPeriod', 'late'] as const),
  ];
  const pairs = ANCHORS.flatMap((anchor) => WHEN.map((when) => ({ anchor, when })));
  const isNever = ({ anchor, when }: (typeof pairs)[number]) =>
    found(read([{ anchor, when }])).some((each) => each.startsWith('never_fires'));
  const never = pairs.filter(isNever);
  const fires = (pair: object, task: Task) => isOpen(task) && judgedOccurrences(task, policyOf([pair]), calendar, NOW).length > 0;
  /** A life in which what is refused did not happen. */
  const lived = (acts: readonly Act[]): Task[] => {
    const done: Act[] = [];
    return acts.flatMap((act) => {
      try {
        const task = taskAfter([...done, act]);
        done.push(act);
        return [task];
      } catch {
        // The domain refuses this act now.
        return [];
      }
    });
  };

  it('never happens', () => {
    expect(never.length).toBeGreaterThan(30);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ACTS), { minLength: 5, maxLength: 14 }), (acts) => {
        for (const task of lived(acts)) for (const pair of never) expect(fires(pair, task), JSON.stringify(pair)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it.each<[Act[], object]>([
    [['transfer'], { anchor: 'transfer_request', when: 'undecided' }],
    [['extend'], { anchor: 'extension_request', when: 'unacknowledged' }],
    [['transfer', 'refuse', 'report'], { anchor: 'transfer_refusal', when: 'reported' }],
    [['report', 'return', 'report'], { anchor: 'return', when: 'reported' }],
    [['transfer', 'refuse', 'extend'], { anchor: 'transfer_refusal', when: 'unextended' }],
  ])('is not called so where it happens: %j %j', (acts, pair) => {
    expect(fires(pair, taskAfter(acts))).toBe(true);
    expect(never).not.toContainEqual(pair);
  });
});

describe('what was meant', () => {
  const words = ['acknowledgment', 'activity', 'deadline', 'to', 'email', 'assignee'];
  it.each<[string, string | null]>([
    ['acknowledgement', 'acknowledgment'],
    ['DEADLINE', 'deadline'],
    ['daedline', 'deadline'],
    ['mail', 'email'],
    ['asignee', 'assignee'],
    ['x', null],
    ['milestone', null],
    ['', null],
  ])('by %s: %s', (word, meant) => expect(nearest(word, words)).toBe(meant));
});
