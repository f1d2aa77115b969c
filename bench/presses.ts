/**
 * People press while everything due at one instant goes out: `npm run -s bench:presses -- --reminders 10000 --people 1500 --presses 300`.
 * The bot (real Bolt, in Socket Mode) and the worker are processes of their own, as in production. The same presses at rest and in the
 * storm, a JSON line each with the same keys; instants are the stub's, which is Slack here. A storm is over in seconds, and people do not
 * all press in one: there are as many storms, one after another, as the presses need.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { addDays } from '../domain/calendar.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import { armBench, codeOf, type Dondoc, importBench, openDondoc, storeSteps, untilAtRest } from './dondoc.ts';
import { pressGoalsOf } from './goals.ts';
import { MACHINE } from './machine.ts';
import { type Pressed, pressedOf } from './pressed.ts';
import { say } from './progress.ts';
import { rounded } from './rounded.ts';
import type { StubEntry } from './slack-stub.ts';
import { type Stage, withStage } from './stage.ts';
import { messagesOf, noteTellings, REST_MS, stormStep } from './storm-dondoc.ts';
import { type Told, toldOf } from './told.ts';

/** What the codes begin with of the tasks whose cards are pressed: each is pressed once. */
const PRESSED = { warm: 'WARM', 'at rest': 'CALM', 'in the storm': 'PRESS' } as const;
/** A process that has just begun is not what is measured. */
const WARM_PRESSES = 30;
const STORM = 'STORM';
/** So that presses in the storm find couriers that send. */
const PRESS_AFTER_DUE_MS = 200;
/** Twice what Slack gives an app to acknowledge: what has no answer then has none. */
const GIVE_UP_MS = 6_000;
const STORM_GIVE_UP_MS = 180_000;
const POLL_MS = 100;
/** Posts the card that is pressed. */
const CARD_STEP =
  '{ id: assigned, anchor: assignment, offset: 0m, when: unacknowledged, kind: assignment, audience: [assignee], channels: { order: [slack], use: first }, urgent: true }';

type Setting = Exclude<keyof typeof PRESSED, 'warm'>;

export interface PressLine {
  readonly bench: 'presses';
  readonly system: 'dondoc';
  readonly setting: Setting;
  /** In the storm, those made before its last message. */
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
  /** Of the storms around the presses; null at rest. */
  readonly storms: number | null;
  /** In each of them. */
  readonly stormReminders: number | null;
  /** Of the slowest. */
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
  /** At most. */
  readonly storms: number;
}

/** A storm that is over. */
interface Storm extends Told {
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      reminders: { type: 'string', default: '10000' },
      people: { type: 'string', default: '1500' },
      presses: { type: 'string', default: '300' },
      // Each of 1,500 people would have acted after two minutes and a half: more than a morning sees.
      'per-second': { type: 'string', default: '10' },
      storms: { type: 'string', default: '8' },
      // They are JSON lines in any case; the word is taken as elsewhere.
      json: { type: 'boolean' },
    },
  });
  const size: Size = {
    reminders: Number(values.reminders),
    people: Number(values.people),
    presses: Number(values.presses),
    perSecond: Number(values['per-second']),
    storms: Number(values.storms),
  };
  // What follows a press is known by the conversation in which it comes.
  if (size.presses > size.people) throw new Error(`--presses ${size.presses}: at most one of each of the ${size.people} people`);
  await withStage({ limits: 'none' }, (stage) => run(stage, size));
  process.exit(0);
}

async function run(stage: Stage, size: Size): Promise<void> {
  const dondoc = await openDondoc(stage, { people: size.people, limits: 'none' });
  const { system, start } = dondoc;
  const steps = Array.from({ length: size.storms }, (_, index) => `storm-${index + 1}`);
  await noteTellings(system.database);
  await storeSteps(system, stage, 'press', [CARD_STEP]);
  await storeSteps(
    system,
    stage,
    'storm',
    steps.map((id, index) => stormStep('off', id, index + 3)),
  );
  const [worker, bot] = await Promise.all([start('worker'), start('bot')]);
  await bringTasks(dondoc, size);
  await untilAtRest(worker.pid);
  await pressAll(dondoc, stage, 'warm', { ...size, presses: WARM_PRESSES });
  await untilAtRest(worker.pid);

  const print = (line: Omit<PressLine, 'botMemoryMB' | 'machine'>) => {
    process.stdout.write(`${JSON.stringify({ ...line, botMemoryMB: rounded(bot.peakMemoryMB(), 1), machine: MACHINE })}\n`);
    for (const sentence of pressGoalsOf([line])) say(sentence);
  };
  say('presses at rest …');
  await pressAll(dondoc, stage, 'at rest', size);
  print(lineOf('at rest', size, await pressed(stage, 'at rest'), []));

  const cards = await cardsOf(dondoc, 'in the storm', size.presses);
  const storms: Storm[] = [];
  for (const step of steps) {
    if (cards.length === 0) break;
    say(`a storm, ${cards.length} of ${size.presses} presses to come …`);
    storms.push(await pressThroughStorm(dondoc, stage, step, cards, size));
  }
  print(lineOf('in the storm', size, await pressed(stage, 'in the storm', storms), storms));
  await bot.stop();
  await worker.stop();
  await system.stop();
}

async function bringTasks({ system }: Dondoc, { people, presses, reminders }: Size): Promise<void> {
  say('tasks are brought in …');
  const today = localDate(system.now(), COMMITTEE_TIME_ZONE);
  const brought = { people, assignedOn: today, acknowledgedOn: null, deadlineOf: () => addDays(today, 60) };
  for (const prefix of Object.values(PRESSED))
    await importBench(system, { ...brought, prefix, count: prefix === PRESSED.warm ? WARM_PRESSES : presses, policy: 'press' });
  await importBench(system, { ...brought, prefix: STORM, count: reminders, policy: 'storm' });
  await armBench(system);
}

interface PostedCard {
  readonly channel: string;
  readonly ts: string;
  readonly code: string;
}

/** @throws Error where a card was not posted */
async function cardsOf({ system }: Dondoc, setting: keyof typeof PRESSED, presses: number): Promise<PostedCard[]> {
  const codes = Array.from({ length: presses }, (_, index) => codeOf(PRESSED[setting], index));
  const cards = await system.database.chatMessage.findMany({ where: { taskCode: { in: codes } } });
  if (cards.length !== presses) throw new Error(`${cards.length} of ${presses} cards were posted`);
  return cards.map(({ channel, ts, taskCode }) => ({ channel, ts, code: taskCode ?? '' }));
}

async function pressAll(dondoc: Dondoc, stage: Stage, setting: keyof typeof PRESSED, { presses, perSecond }: Size): Promise<void> {
  await press(stage, setting, await cardsOf(dondoc, setting, presses), { perSecond, isOver: () => false });
  await untilAnswered(stage, setting);
}

/**
 * Presses on the cards, and takes them away, so many a second, whether or not the ones before have been answered: people do not wait for
 * each other.
 */
async function press(
  stage: Stage,
  setting: keyof typeof PRESSED,
  cards: PostedCard[],
  { perSecond, isOver }: { perSecond: number; isOver: () => boolean },
): Promise<void> {
  const began = performance.now();
  const sent: Promise<void>[] = [];
  while (!isOver()) {
    const card = cards.pop();
    if (card === undefined) break;
    sent.push(stage.slack.press(`${setting}/${card.code}`, payloadOf(card)));
    await pause(Math.max(0, began + (sent.length * 1_000) / perSecond - performance.now()));
  }
  await Promise.all(sent);
}

async function untilAnswered(stage: Stage, setting: keyof typeof PRESSED): Promise<void> {
  const giveUpAt = Date.now() + GIVE_UP_MS;
  while (Date.now() < giveUpAt && (await pressed(stage, setting)).unanswered > 0) await pause(POLL_MS);
}

/** Everything of a step due at one instant, and presses until all of it is out. */
async function pressThroughStorm(dondoc: Dondoc, stage: Stage, step: string, cards: PostedCard[], size: Size): Promise<Storm> {
  const { database } = dondoc.system;
  const dueAt = Date.now() + REST_MS;
  await database.notification.updateMany({ where: { step }, data: { sendAt: new Date(dueAt) } });
  const rows = await database.notification.findMany({ where: { step }, select: { key: true } });
  const keys = rows.map(({ key }) => key);
  const before = (await stage.slack.count()).accepted;
  await pause(dueAt + PRESS_AFTER_DUE_MS - Date.now());
  let isOver = false;
  const giveUpAt = dueAt + STORM_GIVE_UP_MS;
  const over = (async () => {
    while (Date.now() < giveUpAt && (await stage.slack.count()).accepted < before + keys.length) await pause(POLL_MS);
    isOver = true;
  })();
  await press(stage, 'in the storm', cards, { perSecond: size.perSecond, isOver: () => isOver });
  await over;
  await untilAnswered(stage, 'in the storm');
  const known = new Set(keys);
  const told = await messagesOf(database);
  const tells = ({ key }: StubEntry) => (told.get(key) ?? []).filter((each) => known.has(each));
  const log = (await stage.slack.log()).filter((entry) => tells(entry).length > 0);
  return { dueAt, ...toldOf({ dueAt, keys, tells }, log) };
}

/** As Slack sends it: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload. */
function payloadOf({ channel, ts, code }: PostedCard) {
  // Here a person's id and conversation differ in the first letter.
  const user = channel.replace(/^D/, 'U');
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

/** @param storms where there are any: what was pressed after the last message of each does not count */
async function pressed(stage: Stage, setting: keyof typeof PRESSED, storms: readonly Storm[] = []): Promise<Pressed> {
  const isWithin = (at: number) =>
    storms.length === 0 || storms.some(({ dueAt, latenessMaxSeconds }) => at >= dueAt && at <= dueAt + latenessMaxSeconds * 1_000);
  const presses = (await stage.slack.presses()).filter(({ id, at }) => id.startsWith(`${setting}/`) && isWithin(at));
  return pressedOf(presses, await stage.slack.replies());
}

function lineOf(
  setting: Setting,
  { perSecond, reminders }: Size,
  { presses, ack, told, card, unanswered }: Pressed,
  storms: readonly Storm[],
) {
  const ofStorms = (value: number | null) => (storms.length === 0 ? null : value);
  const sum = (of: (storm: Storm) => number) => storms.reduce((total, storm) => total + of(storm), 0);
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
    storms: ofStorms(storms.length),
    stormReminders: ofStorms(reminders),
    stormLastSeconds: ofStorms(rounded(Math.max(...storms.map(({ latenessMaxSeconds }) => latenessMaxSeconds)), 3)),
    stormTwice: ofStorms(sum(({ duplicates }) => duplicates)),
    stormLost: ofStorms(sum(({ missing }) => missing.length)),
  } as const;
}
