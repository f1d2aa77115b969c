/** The figures of a storm follow from the log alone; not that the log is right (slack-stub.test.ts). */
import { describe, expect, it } from 'vitest';
import { percentile } from './percentile.ts';
import { afterCrash, toldOf } from './told.ts';

const entry = (key: string, at: number) => ({ key, at, channel: 'D1', ts: String(at) });

describe('what was told', () => {
  it('counts each reminder from its first message, and a second one as a duplicate', () => {
    const log = [entry('a', 10_500), entry('b', 11_000), entry('a', 13_000)];
    expect(toldOf({ dueAt: 10_000, keys: ['a', 'b'] }, log)).toEqual({
      latenessP50Seconds: 0.5,
      latenessP99Seconds: 1,
      latenessMaxSeconds: 1,
      messagesPerSecond: 1,
      messages: 3,
      duplicates: 1,
      missing: [],
    });
  });

  it('names what nobody was told of', () => {
    expect(toldOf({ dueAt: 0, keys: ['a', 'b', 'c'] }, [entry('b', 1)]).missing).toEqual(['a', 'c']);
  });

  it('takes apart a message that tells several', () => {
    const told = toldOf({ dueAt: 0, keys: ['a', 'b', 'c'], tells: ({ key }) => key.split('+') }, [entry('a+b', 1_000), entry('c', 3_000)]);
    expect(told).toMatchObject({ latenessP50Seconds: 1, latenessMaxSeconds: 3, messages: 2, duplicates: 0, missing: [] });
  });

  it('refuses a message that nobody planned: the bench would measure something else', () => {
    expect(() => toldOf({ dueAt: 0, keys: ['a'] }, [entry('z', 1)])).toThrow('"z"');
  });
});

describe('after a crash', () => {
  it('says how long until everyone was told, and how soon it went on', () => {
    const log = [entry('a', 500), entry('b', 2_400), entry('a', 2_300)];
    expect(afterCrash({ dueAt: 0, keys: ['a', 'b'] }, log, 2_000)).toEqual({
      twice: 1,
      untold: [],
      secondsUntilLast: 2.4,
      secondsToFirstAfterRestart: 0.3,
    });
  });

  it('has no last moment while somebody is not told, and no first where nothing went on', () => {
    expect(afterCrash({ dueAt: 0, keys: ['a', 'b'] }, [entry('a', 500)], 2_000)).toEqual({
      twice: 0,
      untold: ['b'],
      secondsUntilLast: null,
      secondsToFirstAfterRestart: null,
    });
  });
});

it('a percentile is one of the values', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0, 0.01, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 1, 50, 99, 100]);
  expect(percentile([], 0.5)).toBeNaN();
});
