import { describe, expect, it } from 'vitest';
import { costGoalsOf, crashGoalsOf, goalsOf, paceOf, pressGoalsOf } from './goals.ts';

const line = (system: string, setting: string, latenessP99Seconds: number | null, latenessMaxSeconds: number | null) => ({
  system,
  setting,
  latenessP99Seconds,
  latenessMaxSeconds,
});
const peers = [
  line('http-loop', 'none', 0.9, 1),
  line('pg-boss', 'none', 2, 2.4),
  line('cron-query', 'none', 1.8, 2.5),
  line('temporal-sample', 'none', 0.1, 0.1),
  line('bullmq', 'none', null, null),
];

describe('the goals of a storm', () => {
  it('are met against the fastest that stores, by each figure', () => {
    expect(goalsOf([line('dondoc', 'off', 1.35, 1.4), line('dondoc', 'on', 0.4, 0.48), ...peers], new Map())).toEqual([
      'merging off: p99 is 0.75 of that of cron-query, at most 0.75 was the goal: met',
      'merging on: everyone told 5 times sooner than by pg-boss, at least 5 was the goal: met',
    ]);
  });

  it('say what limits them where they are not met', () => {
    const paces = new Map([
      ['off', { cold: 2_400, warm: 7_000 }],
      ['on', { cold: 6_000, warm: null }],
    ]);
    expect(goalsOf([line('dondoc', 'off', 1.5, 1.6), line('dondoc', 'on', 0.6, 0.6), ...peers], paces)).toEqual([
      'merging off: p99 is 0.83 of that of cron-query, at most 0.75 was the goal: not met; a bare loop, which stores nothing, has 0.5; a process that begins cold sent 2400 messages a second in the first 250 ms, then 7000',
      'merging on: everyone told 4 times sooner than by pg-boss, at least 5 was the goal: not met; a process that begins cold sent 6000 messages a second in the first 250 ms',
    ]);
  });

  it.each([
    ['without a peer', [line('dondoc', 'off', 1, 1), line('http-loop', 'none', 1, 1)]],
    ['without dondoc', peers],
  ])('are not spoken of %s', (_name, lines) => {
    expect(goalsOf(lines, new Map())).toEqual([]);
  });
});

describe('the pace', () => {
  it('is told apart before and after a quarter of a second', () => {
    expect(paceOf(1_000, [1_010, 1_200, 1_250, 1_300, 1_750])).toEqual({ cold: 12, warm: 4 });
  });

  it('has nothing after where nothing came', () => {
    expect(paceOf(1_000, [1_010])).toEqual({ cold: 4, warm: null });
  });
});

describe('the goals of a crash', () => {
  const crashed = (twice: number, seconds: number | null) => ({
    system: 'dondoc',
    setting: 'off',
    twice,
    lost: 0,
    secondsToFirstAfterRestart: seconds,
  });
  it.each([
    [crashed(0, 10.86), 'merging off: 0 lost, 0 twice, goes on after 10.9 s; none, none and at most 15 s was the goal: met'],
    [crashed(0, null), 'merging off: 0 lost, 0 twice; none, none and at most 15 s was the goal: met'],
    [crashed(0, 15.1), 'merging off: 0 lost, 0 twice, goes on after 15.1 s; none, none and at most 15 s was the goal: not met'],
    [crashed(1, 1), 'merging off: 0 lost, 1 twice, goes on after 1 s; none, none and at most 15 s was the goal: not met'],
  ])('are said of dondoc alone', (line, said) => {
    expect(crashGoalsOf([line, { ...line, system: 'bullmq' }])).toEqual([said]);
  });
});

it('says how many times fewer events a life costs, and why not', () => {
  const lines = [
    { system: 'dondoc', setting: 'couriers stay', events: 39.6 },
    { system: 'dondoc', setting: 'couriers go at once', events: 68.8 },
  ];
  expect(costGoalsOf(lines)).toEqual([]);
  expect(costGoalsOf([...lines, { system: 'temporal-sample', setting: 'none', events: 127 }])).toEqual([
    'couriers stay: 3.2 times fewer events than the sample, at least 3 was the goal: met',
    'couriers go at once: 1.8 times fewer events than the sample, at least 3 was the goal: not met; its couriers wake, and go to sleep again, for each message',
  ]);
});

it.each([
  [2_155.3, 0, 'met'],
  [3_000.1, 0, 'not met; bot, worker, store, engine and receiver share the machine'],
  [100, 1, 'not met; bot, worker, store, engine and receiver share the machine'],
])('says whether everyone who pressed was told in time: %d ms, %d unanswered', (toldMaxMs, unanswered, verdict) => {
  const rest = { setting: 'at rest', toldMaxMs: 9_000, unanswered: 0 };
  expect(pressGoalsOf([rest, { setting: 'in the storm', toldMaxMs, unanswered }])).toEqual([
    `in the storm: ${unanswered} unanswered, the last told after ${toldMaxMs} ms; none and at most 3000 ms was the goal: ${verdict}`,
  ]);
});
