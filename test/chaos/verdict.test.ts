import { describe, expect, it } from 'vitest';
import { type Arrivals, compareArrivals, compareRecords, type LedgerRow, type Records } from './verdict.ts';

const row = (o: Partial<LedgerRow>): LedgerRow => ({
  id: 'n1',
  key: 'T/s/1/lan/slack',
  channel: 'slack',
  status: 'sent',
  error: null,
  messageId: 'm1',
  isDue: true,
  ...o,
});
const mailIdOf = (key: string) => `<${key}>`;
const arrivals = (o: Partial<Arrivals>): Arrivals => ({
  ledger: [row({})],
  carried: [{ messageId: 'm1', notification: 'n1' }],
  posts: ['m1'],
  mails: [],
  hooks: [],
  mailIdOf,
  ...o,
});
const verdicts = (o: Partial<Arrivals>) => compareArrivals(arrivals(o)).map(({ verdict }) => verdict);
const again = [
  { messageId: 'm0', notification: 'n1' },
  { messageId: 'm1', notification: 'n1' },
];

describe('what arrived in Slack', () => {
  it.each<[string, Partial<Arrivals>, string[]]>([
    ['once, and is said to be sent', {}, []],
    ['twice under one id', { posts: ['m1', 'm1'] }, ['twice']],
    ['twice under two ids', { carried: again, posts: ['m0', 'm1'] }, ['twice']],
    ['only under an earlier id', { carried: again, posts: ['m0'] }, []],
    ['never', { posts: [] }, ['lost']],
    ['never, and is called uncertain with a reason', { ledger: [row({ status: 'uncertain', error: 'cut off' })], posts: [] }, []],
    ['once, and is called uncertain with a reason', { ledger: [row({ status: 'uncertain', error: 'cut off' })] }, []],
    ['twice, and is called uncertain', { ledger: [row({ status: 'uncertain', error: 'cut off' })], posts: ['m1', 'm1'] }, ['twice']],
    ['once, and is called uncertain for no reason', { ledger: [row({ status: 'uncertain' })] }, ['wrong']],
    ['once, and was cancelled', { ledger: [row({ status: 'cancelled' })] }, ['wrong']],
    ['never, and was cancelled', { ledger: [row({ status: 'cancelled' })], posts: [] }, []],
    ['never, and is not due yet', { ledger: [row({ status: 'planned', isDue: false, messageId: null })], posts: [] }, []],
    ['never, and is due', { ledger: [row({ status: 'planned', messageId: null })], posts: [] }, ['lost']],
    ['never, and is still under way', { ledger: [row({ status: 'sending' })], posts: [] }, ['lost']],
    ['never, and was given up', { ledger: [row({ status: 'failed', error: 'x' })], posts: [] }, ['lost']],
    ['and nobody has sent it', { posts: ['m1', 'm9'] }, ['wrong']],
  ])('%s', (_, given, expected) => {
    expect(verdicts(given)).toEqual(expected);
  });
});

describe('what arrived by mail', () => {
  const one = row({ channel: 'email', key: 'a' });
  const two = row({ channel: 'email', key: 'b', id: 'n2', status: 'merged' });
  it.each<[string, Partial<Arrivals>, string[]]>([
    ['once, for two that were merged', { mails: ['<a>'] }, []],
    ['never', { mails: [] }, ['lost', 'lost']],
    ['once more with another in front', { mails: ['<a>', '<b>'] }, ['twice', 'twice']],
    ['from nobody', { mails: ['<a>', '<z>'] }, ['wrong']],
  ])('%s', (_, given, expected) => {
    expect(verdicts({ ledger: [one, two], posts: [], ...given })).toEqual(expected);
  });
});

describe('what the gateway took', () => {
  const ledger = [row({ channel: 'webhook' })];
  it.each<[string, Partial<Arrivals>, string[]]>([
    ['once, and is said to be sent', { hooks: ['m1'] }, []],
    [
      'once, for two that were merged',
      {
        ledger: [...ledger, row({ channel: 'webhook', id: 'n2', status: 'merged' })],
        carried: [...arrivals({}).carried, { messageId: 'm1', notification: 'n2' }],
        hooks: ['m1'],
      },
      [],
    ],
    ['never', { hooks: [] }, ['lost']],
    ['never, though Slack has it', { posts: ['m1'] }, ['lost']],
    ['twice under one id', { hooks: ['m1', 'm1'] }, ['twice']],
    ['twice under two ids', { carried: again, hooks: ['m0', 'm1'] }, ['twice']],
    ['from nobody', { hooks: ['m1', 'm9'] }, ['wrong']],
  ])('%s', (_, given, expected) => {
    expect(verdicts({ ledger, posts: [], ...given })).toEqual(expected);
  });
});

describe('what was handed in', () => {
  const done = { answer: 'done', seq: 2 } as const;
  const records = (o: Partial<Records>): Records => ({
    handed: [{ key: 'k', commandId: 'c', answers: [done, done] }],
    commands: [{ id: 'c', key: 'k', status: 'done' }],
    events: [
      { commandId: 'a', taskCode: 'T', type: 'TaskAssigned', seq: 1 },
      { commandId: 'c', taskCode: 'T', type: 'TaskAcknowledged', seq: 2 },
    ],
    tasks: [{ code: 'T', pressed: ['TaskAcknowledged'] }],
    ...o,
  });
  const [assigned, acknowledged] = records({}).events;
  const granted = ['g', 'h'].map((commandId, index) => ({ commandId, taskCode: 'T', type: 'ExtensionGranted', seq: index + 3 }));
  const grants = granted.map(({ commandId: id }) => ({ id, key: id, status: 'done' }));
  if (assigned === undefined || acknowledged === undefined) throw new Error('two events');
  const handed = (...answers: Records['handed'][number]['answers']) => ({ handed: [{ key: 'k', commandId: 'c', answers }] });
  it.each<[string, Partial<Records>, string[]]>([
    ['twice, and has one effect', {}, []],
    ['and recorded twice', { events: [assigned, acknowledged, { ...acknowledged, seq: 3 }] }, ['twice', 'twice']],
    ['by two acts', { events: [assigned, acknowledged, { ...acknowledged, commandId: 'd', seq: 3 }] }, ['twice']],
    ['and waits still', { ...handed({ answer: 'stored' }), commands: [{ id: 'c', key: 'k', status: 'stored' }] }, ['lost']],
    ['and is nowhere', { ...handed({ answer: 'stored' }), commands: [] }, ['lost']],
    ['and is done without a trace', { events: [assigned], tasks: [{ code: 'T', pressed: [] }] }, ['lost']],
    ['and was answered differently', handed(done, { answer: 'refused' }), ['wrong']],
    ['and was done twice, by the answers', handed(done, { answer: 'done', seq: 4 }), ['wrong']],
    ['and is refused, and recorded', { ...handed({ answer: 'refused' }), commands: [{ id: 'c', key: 'k', status: 'refused' }] }, ['wrong']],
    ['and the task is not there', { events: [acknowledged] }, ['lost']],
    ['and the press had no effect', { handed: [], commands: [], events: [assigned] }, ['lost']],
    ['and another press had none', { tasks: [{ code: 'T', pressed: ['TaskAcknowledged', 'ExtensionGranted'] }] }, ['lost']],
    [
      'and a press was granted twice',
      { events: [assigned, acknowledged, ...granted], commands: [...records({}).commands, ...grants] },
      ['twice'],
    ],
  ])('%s', (_, given, expected) => {
    expect(compareRecords(records(given)).map(({ verdict }) => verdict)).toEqual(expected);
  });
});
