/**
 * People press while everything due at one instant goes out: `npm run -s bench:presses -- --reminders 10000 --people 1500 --presses 300`.
 * The bot (real Bolt, in Socket Mode) and the worker are processes of their own, as in production. The same presses at rest and in the
 * storm, a JSON line each with the same keys; instants are the stub's, which is Slack here.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { addDays } from '../domain/calendar.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import { armBench, codeOf, type Dondoc, importBench, openDondoc, storeStep, untilAtRest } from './dondoc.ts';
import { MACHINE } from './machine.ts';
import { type Pressed, pressedOf } from './pressed.ts';
import { everySoOften, say } from './progress.ts';
import { rounded } from './rounded.ts';
import type { StubEntry } from './slack-stub.ts';
import { type Stage, withStage } from './stage.ts';
import { messagesOf, noteTellings, REST_MS, stormStep } from './storm-dondoc.ts';
import { type Told, toldOf } from './told.ts';

/** Of tasks whose cards are pressed; a set for each setting. */
const PRESSED = { 'at rest': 'CALM', 'in the storm': 'PRESS' } as const;
const STORM = 'STORM';
/** So that presses in the storm find couriers that send. */
const PRESS_AFTER_DUE_MS = 200;
/** Twice what Slack gives an app to acknowledge: what has no answer then has none. */
const GIVE_UP_MS = 6_000;
const STORM_GIVE_UP_MS = 180_000;
const POLL_MS = 100;

type Setting = keyof typeof PRESSED;

export interface PressLine {
  readonly bench: 'presses';
  readonly system: 'dondoc';
  readonly setting: Setting;
  /** Of the storm, those made before its last message. */
  readonly presses: number;
  readonly perSecond: number;
  readonly ackP50Ms: number | null;
  readonly ackP99Ms: number | null;
  readonly ackMaxMs: number | null;
  readonly toldP50Ms: number | null;
  readonly toldP99Ms: number | null;
  readonly toldMaxMs: number | null;
  readonly cardP50Ms: number | null;
  readonly cardP99Ms: number | null;
  readonly cardMaxMs: number | null;
  readonly unanswered: number;
  /** Of the storm around the presses; null at rest. */
  readonly stormReminders: number | null;
  readonly stormLastSeconds: number | null;
  readonly stormTwice: number | null;
  readonly stormLost: number | null;
  readonly botMemoryMB: number | null;
  readonly machine: string;
}

interface Size {
  readonly reminders: number;
  readonly people: number;
  readonly presses: number;
  readonly perSecond: number;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      reminders: { type: 'string', default: '10000' },
      people: { type: 'string', default: '1500' },
      presses: { type: 'string', default: '300' },
      // Of 1,500 people, each acts about once in a minute and a half then: more than any morning sees.
      'per-second': { type: 'string', default: '15' },
      // They are JSON lines in any case; the word is taken as elsewhere.
      json: { type: 'boolean' },
    },
  });
  const size: Size = {
    reminders: Number(values.reminders),
    people: Number(values.people),
    presses: Number(values.presses),
    perSecond: Number(values['per-second']),
  };
  // What follows a press is known by the conversation in which it comes.
  if (size.presses > size.people) throw new Error(`--presses ${size.presses}: at most one of each of the ${size.people} people`);
  await withStage({ limits: 'none' }, (stage) => run(stage, size));
  process.exit(0);
}

async function run(stage: Stage, size: Size): Promise<void> {
  const dondoc = await openDondoc(stage, { people: size.people, limits: 'none' });
  const { system, start } = dondoc;
  await noteTellings(system.database);
  await storeStep(
    system,
    stage,
    'press',
    '{ id: assigned, anchor: assignment, offset: 0m, when: unacknowledged, kind: assignment, audience: [assignee], channels: { order: [slack], use: first }, urgent: true }',
  );
  await storeStep(system, stage, 'storm-off', stormStep('off'));
  const [worker, bot] = await Promise.all([start('worker'), start('bot')]);
  say('tasks are brought in …');
  const today = localDate(system.now(), COMMITTEE_TIME_ZONE);
  const brought = { people: size.people, assignedOn: today, acknowledgedOn: null, deadlineOf: () => addDays(today, 60) };
  for (const prefix of Object.values(PRESSED)) await importBench(system, { ...brought, prefix, count: size.presses, policy: 'press' });
  await importBench(system, { ...brought, prefix: STORM, count: size.reminders, policy: 'storm-off' });
  await armBench(
    system,
    everySoOften((armed, of) => say(`${armed} of ${of} tasks have their workflow`)),
  );
  await untilAtRest(worker.pid);

  const print = (line: Omit<PressLine, 'botMemoryMB'>) =>
    process.stdout.write(`${JSON.stringify({ ...line, botMemoryMB: rounded(bot.peakMemoryMB(), 1) })}\n`);
  say('presses at rest …');
  await press(dondoc, stage, 'at rest', size);
  print(lineOf('at rest', size, await pressed(stage, 'at rest'), null));

  const dueAt = Date.now() + REST_MS;
  await system.database.notification.updateMany({
    where: { status: 'planned', taskCode: { startsWith: STORM } },
    data: { sendAt: new Date(dueAt) },
  });
  say('presses in the storm …');
  await pause(dueAt + PRESS_AFTER_DUE_MS - Date.now());
  await press(dondoc, stage, 'in the storm', size);
  const storm = await stormOf(dondoc, stage, dueAt);
  print(lineOf('in the storm', size, await pressed(stage, 'in the storm', dueAt + storm.latenessMaxSeconds * 1_000), storm));
  await bot.stop();
  await worker.stop();
  await system.stop();
}

/** So many a second, whether or not the ones before have been answered: people do not wait for each other. */
async function press({ system }: Dondoc, stage: Stage, setting: Setting, { presses, perSecond }: Size): Promise<void> {
  const codes = Array.from({ length: presses }, (_, index) => codeOf(PRESSED[setting], index));
  const cards = await system.database.chatMessage.findMany({ where: { taskCode: { in: codes } }, include: { task: true } });
  if (cards.length !== presses) throw new Error(`${cards.length} of ${presses} cards were posted`);
  const began = performance.now();
  const sent: Promise<void>[] = [];
  for (const [index, { channel, ts, taskCode }] of cards.entries()) {
    await pause(began + (index * 1_000) / perSecond - performance.now());
    // Each person's id in Slack and conversation differ in the first letter.
    sent.push(
      stage.slack.press(`${setting}/${taskCode}`, payloadOf({ user: channel.replace(/^D/, 'U'), channel, ts, code: taskCode ?? '' })),
    );
  }
  await Promise.all(sent);
  const giveUpAt = Date.now() + GIVE_UP_MS;
  while (Date.now() < giveUpAt && (await pressed(stage, setting)).unanswered > 0) await pause(POLL_MS);
}

/** As Slack sends it: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload. */
function payloadOf({ user, channel, ts, code }: { user: string; channel: string; ts: string; code: string }) {
  return {
    type: 'block_actions',
    team: { id: 'T0BENCH', domain: 'bench' },
    user: { id: user, username: user, team_id: 'T0BENCH' },
    api_app_id: 'A0BENCH',
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
    trigger_id: `${ts}.${code}`,
    channel: { id: channel, name: 'directmessage' },
    message: { type: 'message', ts, user: 'U0BOT', text: '' },
    actions: [{ type: 'button', action_id: 'task_acknowledge', block_id: 'acts', value: code, action_ts: (Date.now() / 1_000).toFixed(6) }],
  };
}

/** @param until epoch milliseconds: what was pressed later does not count */
async function pressed(stage: Stage, setting: Setting, until = Number.POSITIVE_INFINITY): Promise<Pressed> {
  const presses = (await stage.slack.presses()).filter(({ id, at }) => id.startsWith(`${setting}/`) && at <= until);
  return pressedOf(presses, await stage.slack.replies());
}

/** When everything that was due has gone out, or it is given up. */
async function stormOf({ system: { database } }: Dondoc, stage: Stage, dueAt: number): Promise<Told> {
  const rows = await database.notification.findMany({ where: { taskCode: { startsWith: STORM } }, select: { key: true } });
  const keys = rows.map(({ key }) => key);
  const known = new Set(keys);
  for (;;) {
    const told = await messagesOf(database);
    const tells = ({ key }: StubEntry) => (told.get(key) ?? []).filter((each) => known.has(each));
    const storm = toldOf(
      { dueAt, keys, tells },
      (await stage.slack.log()).filter((entry) => tells(entry).length > 0),
    );
    if (storm.missing.length === 0 || Date.now() > dueAt + STORM_GIVE_UP_MS) return storm;
    await pause(1_000);
  }
}

function lineOf(setting: Setting, { perSecond }: Size, { presses, ack, told, card, unanswered }: Pressed, storm: Told | null) {
  return {
    bench: 'presses',
    system: 'dondoc',
    setting,
    presses,
    perSecond,
    ackP50Ms: rounded(ack.p50Ms, 1),
    ackP99Ms: rounded(ack.p99Ms, 1),
    ackMaxMs: rounded(ack.maxMs, 1),
    toldP50Ms: rounded(told.p50Ms, 1),
    toldP99Ms: rounded(told.p99Ms, 1),
    toldMaxMs: rounded(told.maxMs, 1),
    cardP50Ms: rounded(card.p50Ms, 1),
    cardP99Ms: rounded(card.p99Ms, 1),
    cardMaxMs: rounded(card.maxMs, 1),
    unanswered,
    stormReminders: storm === null ? null : storm.missing.length + storm.messages,
    stormLastSeconds: storm === null ? null : rounded(storm.latenessMaxSeconds, 3),
    stormTwice: storm?.duplicates ?? null,
    stormLost: storm?.missing.length ?? null,
    machine: MACHINE,
  } as const;
}
