/** Why a channel is late, when a person has to know of it, and by which channel that person is told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HA, LAN } from '../test/people.ts';
import { alarms, answerCode, type BacklogFacts, type BacklogReason, backlogOf, isAlarming, mayAlarm } from './backlog.ts';
import { addMinutes } from './calendar.ts';
import type { Person } from './directory.ts';
import { CHANNELS, type Email } from './names.ts';
import type { IsoInstant } from './time.ts';

const at = '2026-03-02T02:00:00.000Z' as IsoInstant;
const minutes = (count: number) => addMinutes(at, count);
const untouched: BacklogFacts = {
  channel: 'slack',
  waiting: 3,
  people: 2,
  since: minutes(-10),
  untried: 3,
  attempt: null,
  isUnmade: false,
  isDayFull: false,
  blockedUntil: null,
  sentAt: null,
};
const tried = (error: string | null, o: { ago?: number; again?: number | null; isForAll?: boolean } = {}) => ({
  at: minutes(-(o.ago ?? 0.2)),
  error,
  retryAt: o.again == null ? null : minutes(o.again),
  isForAll: o.isForAll === true,
});

describe('why', () => {
  it.each<[string, Partial<BacklogFacts>, object]>([
    ['nobody has tried anything', {}, { reason: 'no_courier' }],
    ['the last that went is long ago', { sentAt: minutes(-5) }, { reason: 'no_courier' }],
    ['others go meanwhile', { sentAt: minutes(-0.1) }, { reason: 'pace' }],
    ['one is on the wire', { untried: 2, attempt: tried(null) }, { reason: 'pace' }],
    [
      'the provider asks for patience',
      { attempt: tried('ratelimited', { again: 0.5, isForAll: true }) },
      { reason: 'refused', answer: 'ratelimited', until: minutes(0.5), isForAll: true },
    ],
    [
      'all who send wait longer than one message',
      { attempt: tried('ratelimited', { again: 0.5 }), blockedUntil: minutes(2) },
      { reason: 'refused', answer: 'ratelimited', until: minutes(2) },
    ],
    [
      'the bucket is closed and nothing says why',
      { blockedUntil: minutes(2) },
      { reason: 'refused', answer: null, until: minutes(2), isForAll: true },
    ],
    ['the bucket was closed once', { blockedUntil: minutes(-1) }, { reason: 'no_courier' }],
    ['a mail is tried again in half an hour', { attempt: tried('x: 450 4.2.0 later', { ago: 20, again: 10 }) }, { answer: '450 4.2.0' }],
    [
      'what was just refused is due again',
      { attempt: tried('HTTP 500') },
      { reason: 'refused', answer: 'HTTP 500', until: null, isForAll: false },
    ],
    ['one was refused in a storm that goes out', { attempt: tried('HTTP 500', { again: 1 }), sentAt: minutes(-0.1) }, { reason: 'pace' }],
    [
      'a mailbox is full, and others go',
      { untried: 0, attempt: tried('x: 452 4.2.2 full', { ago: 20, again: 10 }), sentAt: minutes(-5) },
      { reason: 'partly', answer: '452 4.2.2' },
    ],
    [
      'the last that went is from before the refusal',
      { untried: 0, attempt: tried('HTTP 500', { ago: 2, again: 3 }), sentAt: minutes(-5) },
      { reason: 'refused', answer: 'HTTP 500', until: minutes(3) },
    ],
    [
      'a full mailbox is to be tried again since long ago',
      { untried: 0, attempt: tried('x: 452 4.2.2 full', { ago: 20, again: -5 }), sentAt: minutes(-5) },
      { reason: 'no_courier' },
    ],
    ['refused long ago, and nobody tries again', { attempt: tried('HTTP 500', { ago: 30, again: -20 }) }, { reason: 'no_courier' }],
    ['the day is full, although others have just gone', { isDayFull: true, sentAt: minutes(-0.1) }, { reason: 'day_full' }],
    ['nothing could be made of one', { isUnmade: true }, { reason: 'unmade' }],
    ['nothing could be made of one, the others go', { isUnmade: true, sentAt: minutes(-0.1) }, { reason: 'pace' }],
  ])('%s', (_, facts, expected) => {
    expect(backlogOf({ ...untouched, ...facts }, at)).toMatchObject({ channel: 'slack', waiting: 3, since: minutes(-10), ...expected });
  });
});

describe("a provider's code", () => {
  it.each([
    ['ratelimited', 'ratelimited'],
    ['token_revoked', 'token_revoked'],
    ['HTTP 503', 'HTTP 503'],
    ['connect ECONNREFUSED 127.0.0.1:2525', 'ECONNREFUSED'],
    ['slack_webapi_request_error UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT'],
    ["Can't send mail - all recipients were rejected: 450 4.2.0 <lan@most.example> is greylisted", '450 4.2.0'],
    ['Message failed: 554 refused, see 192.168.254.1', '554'],
    ['the courier ended while it was on the wire', null],
    ['Greeting never received', null],
    ['550 5.7.1 <ELIZABETH@most.example> refused', '550 5.7.1'],
    ['<ELIZABETH@most.example> EAUTHOR@most.example', null],
    ['read 10.0.0.254 failed', null],
    ['', null],
  ])('%s', (error, code) => expect(answerCode(error)).toBe(code));

  it('is all that is shown of an answer, which may quote an address', () => {
    fc.assert(
      fc.property(fc.string(), fc.emailAddress(), fc.string(), (before, address, after) => {
        expect(answerCode(`${before} <${address}> ${after}`) ?? '').toMatch(/^[\w .]{0,40}$/);
        expect(answerCode(`${before} <${address}> ${after}`) ?? '').not.toContain('@');
      }),
    );
  });
});

describe('the alarm', () => {
  const rule = { lateSeconds: 60, alarmSeconds: 300 };
  const late = (ago: number, reason: BacklogReason['reason'], people = 2, isForAll = false) => {
    const why = { reason, answer: null, until: null, isForAll } as BacklogReason;
    return isAlarming({ channel: 'slack', waiting: 9, people, since: minutes(-ago), ...why }, at, rule);
  };
  it.each([
    ['lasted for less than mends itself', 4.9, 'no_courier', false],
    ['lasts', 5, 'no_courier', true],
    ['is a storm that goes out', 29, 'pace', false],
    ['is a storm that does not end', 30, 'pace', true],
    ['waits for the next day', 5, 'day_full', true],
    ['is one person’s', 59, 'refused', false, 1],
    ['is one person’s for an hour', 60, 'refused', true, 1],
    ['is one person’s, and said of all messages', 5, 'refused', true, 1, true],
    ['is of few while others go', 59, 'partly', false, 9],
    ['is of few for an hour', 60, 'partly', true, 9],
    ['is of nobody’s making, be it one person’s', 5, 'no_courier', true, 1],
  ] as const)('when it %s', (_, ago, reason, expected, people?: number, isForAll?: boolean) =>
    expect(late(ago, reason, people, isForAll)).toBe(expected),
  );

  it('comes once in four hours where a channel comes and goes', () => {
    expect([mayAlarm(null, at), mayAlarm(minutes(-239), at), mayAlarm(minutes(-240), at)]).toEqual([true, false, true]);
  });

  const coordinator = (name: string, o: Partial<Person> = {}): Person => ({ ...HA, email: `${name}@vptw.example` as Email, ...o });
  const told = (people: readonly Person[], late: readonly (typeof CHANNELS)[number][] = ['slack'], channel = 'slack' as const) =>
    alarms({ id: 'b1', channel }, { at, people, channels: CHANNELS, late: new Set(late) }).map(({ recipient, channel, key }) => [
      recipient.split('@')[0],
      channel,
      key,
    ]);

  it('goes to the coordinators by another channel, once a backlog', () => {
    expect(told([coordinator('a'), coordinator('b'), LAN])).toEqual([
      ['a', 'email', 'backlog/b1/a@vptw.example'],
      ['b', 'email', 'backlog/b1/b@vptw.example'],
    ]);
    expect(told([coordinator('gone', { goneAt: at }), coordinator('lost', { lost: ['email'] })])).toEqual([]);
  });

  it('goes by one that is late too only where there is no other', () => {
    expect(told([coordinator('a')], ['slack', 'email']).map(([, channel]) => channel)).toEqual(['email']);
  });

  it('never goes by the late one', () => {
    const channels = fc.subarray([...CHANNELS]);
    fc.assert(
      fc.property(fc.constantFrom(...CHANNELS), channels, channels, channels, (channel, late, sending, lost) => {
        const people = [coordinator('a', { lost })];
        for (const notice of alarms({ id: 'b1', channel }, { at, people, channels: sending, late: new Set([channel, ...late]) })) {
          expect(notice.channel).not.toBe(channel);
          expect(sending).toContain(notice.channel);
          expect(lost).not.toContain(notice.channel);
        }
      }),
    );
  });
});
