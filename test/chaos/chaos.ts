/**
 * A run of chaos: people are assigned tasks, are told, and act, while every part is killed and Slack answers as it does on its worst day.
 * Then everything is calm, the ledger comes to rest, and what arrived is compared with it.
 *
 * The seed repeats: the tasks, what people do and when; when which part is killed and how long it stays away; which call of a method goes
 * wrong and how. It does not repeat in which order parallel calls reach the proxy, nor what a process was doing when it was killed: two
 * runs of one seed are two runs of one kind, not one run twice. The verdict must be the same.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { createDirectory } from '../../activities/directory.ts';
import { examine } from '../../cli/doctor.ts';
import { loadPolicy } from '../../config/policy.ts';
import { addDays, endOfOfficeHours } from '../../domain/calendar.ts';
import type { AgencyCode, Email } from '../../domain/names.ts';
import type { PlannedNotice } from '../../domain/notice.ts';
import { addMilliseconds, COMMITTEE_TIME_ZONE, type IsoInstant, instantFromEpochMs, localDate } from '../../domain/time.ts';
import { exampleSlackUsers, seedDirectory } from '../../examples/demo.ts';
import { createInbox } from '../../inbox/inbox.ts';
import type { SlackAccess } from '../../ops/local-slack.ts';
import { removeState } from '../../ops/postgres.ts';
import { createCalendars } from '../../prisma/calendars.ts';
import { type Database, openDatabase } from '../../prisma/database.ts';
import { storeNotices } from '../../prisma/notices.ts';
import { storePolicy } from '../../prisma/policies.ts';
import { chance } from '../../rehearsal/chance.ts';
import { createPayloadCodec } from '../../worker/payload-codec.ts';
import { openSmtpServer, type TakenMail } from '../smtp-server.ts';
import { readFaultLog } from './fault-proxy.ts';
import type { Fault } from './faults.ts';
import { type Kill, killsOf } from './kills.ts';
import { type ChaosNotice, loadOf, noticesOf } from './load.ts';
import { startParts } from './parts.ts';
import { type Assignee, letPeopleAct, type People, type Presser } from './people.ts';
import { keepCarriers, type Rest, readArrivals, readRecords, readRest } from './truth.ts';
import { openUnreliableGateway } from './unreliable-gateway.ts';
import { compareArrivals, compareRecords, type Difference } from './verdict.ts';

export interface ChaosOptions {
  readonly seed: string;
  readonly forMs: number;
  /** About how many are planned. */
  readonly notifications: number;
  /** How much likelier than usual a call to Slack goes wrong; 1 where it is not given. */
  readonly faultTimes?: number;
  /** Nobody asks Slack whether a message came: must end with something told twice. */
  readonly withoutReconcile?: boolean;
  /** Only calls go wrong: a part that comes back takes seconds, in which a short run has no calls. */
  readonly withoutKills?: boolean;
  /**
   * How long Slack, the mail server and the gateway go on answering badly once the chaos is over; where it is not given, until everything
   * has gone through them. What they leave in doubt by then costs another minute each time.
   */
  readonly badForMs?: number;
  /** Once the chaos is over: how long nothing may go on while something is still under way. */
  readonly patienceMs: number;
  /**
   * By how much the workers' clocks are put forward when nothing is killed any more, so that nobody waits for the leases of the dead; 0:
   * as time goes. Less than the minute by which a question to Slack looks back, since Slack's own clock is not put forward; nor is the engine's, by which
   * couriers wake.
   */
  readonly aheadMs?: number;
  /** A folder of its own; gone afterwards unless something differs and it is to be kept. */
  readonly state: string;
  readonly keep?: boolean;
  readonly say?: (line: string) => void;
  /** Ends the run early, with everything that it has started. */
  readonly signal?: AbortSignal;
}

type Counts = Readonly<Record<string, number>>;

export interface ChaosResult {
  readonly differences: readonly Difference[];
  readonly tasks: number;
  /** By channel and status. */
  readonly notifications: Counts;
  readonly messages: { readonly slack: number; readonly email: number; readonly webhook: number };
  /** What the ledger says of those that it is not sure of. */
  readonly uncertain: Counts;
  readonly presses: number;
  readonly commands: { readonly handedIn: number; readonly deliveries: number; readonly stored: number };
  readonly kills: Counts;
  /** Parts that ended without being killed. */
  readonly ended: Counts;
  /** By kind, of every provider. */
  readonly faults: Counts;
  /** Calls to Slack that went wrong, by method. */
  readonly faultyCalls: Counts;
  readonly restedAfterMs: number;
}

const ASSIGNEES_MAX = 40;
/** Of a mail that was taken, the yes is lost; of one that was sent, the line breaks before it is taken. */
const MAIL_CUT_CHANCE = 0.01;
const MAIL_DROP_CHANCE = 0.01;
/** At rest is what has been so for this long. */
const STILL_MS = 3_000;
const LOOKS_EVERY_MS = 500;
const READS_MAX = 200;
/** Of the people, those to whom the bot has never written: Slack opens the conversation while everything falls. */
const UNOPENED_SHARE = 1 / 3;
/** Of the people, those whom the gateway reaches as well. */
const BY_GATEWAY_SHARE = 1 / 2;
/** Later than any deadline that is assigned. */
const LONGER_DAYS = 60;

export async function runChaos(o: ChaosOptions): Promise<ChaosResult> {
  const say = o.say ?? (() => {});
  const mails: TakenMail[] = [];
  let calm = false;
  const mailChance = chance(`${o.seed}/mail`);
  const mailFaults: Fault[] = [];
  const goesWrong = (likely: number, fault: Fault): boolean => {
    const isWrong = mailChance() < likely && !calm;
    if (isWrong) mailFaults.push(fault);
    return isWrong;
  };
  mkdirSync(o.state, { recursive: true, mode: 0o755 });
  const smtp = await openSmtpServer({
    onMail: async (mail) => void mails.push(mail),
    cuts: () => goesWrong(MAIL_CUT_CHANCE, 'cut_after'),
    drops: () => goesWrong(MAIL_DROP_CHANCE, 'cut_before'),
    log: join(o.state, 'mail.log'),
  });
  const gateway = await openUnreliableGateway({ seed: o.seed, times: o.faultTimes ?? 1, isCalm: () => calm });
  const parts = await startParts({
    seed: o.seed,
    faultTimes: o.faultTimes ?? 1,
    state: o.state,
    smtpPort: smtp.access.port,
    webhook: gateway.access,
    slackUsers: exampleSlackUsers(),
    withoutReconcile: o.withoutReconcile === true,
  }).catch(async (error: unknown) => {
    await smtp.close();
    await gateway.close();
    throw error;
  });
  const database = openDatabase(parts.databaseUrl);
  const connection = Connection.lazy({ address: parts.temporal.address });
  const temporal = new Client({
    connection,
    namespace: 'default',
    dataConverter: { payloadCodecs: [createPayloadCodec(parts.temporal.historySecret)] },
  });
  let differs = true;
  let acting: People | undefined;
  try {
    const now = (): IsoInstant => instantFromEpochMs(Date.now());
    const calendars = createCalendars({ database, now });
    await seedDirectory({ database, now, directory: createDirectory(database) });
    await storePolicy(database, loadPolicy(fileURLToPath(new URL('./policy.yaml', import.meta.url))), now());
    await keepCarriers(database);
    const { assignees, coordinators } = await furnish(o.seed, database, parts.slack);
    const longer = addDays(localDate(now(), COMMITTEE_TIME_ZONE), LONGER_DAYS);
    const tasks = loadOf(o.seed, {
      forMs: o.forMs,
      notifications: o.notifications,
      assignees: assignees.length,
      coordinators: coordinators.length,
      longer: { deadline: longer, deadlineAt: endOfOfficeHours((await calendars()).main, longer) },
    });
    const kills = o.withoutKills === true ? [] : killsOf(o.seed, o.forMs);
    const notices = noticesOf(o.seed, { ...o, assignees: assignees.length });
    await planNotices(database, notices, assignees, now());
    say(`seed ${o.seed}: ${o.forMs / 1_000} s of chaos, ${tasks.length} tasks, ${notices.length} notices, ${kills.length} kills`);
    const people = letPeopleAct({
      database,
      inbox: createInbox({ database, temporal, now, calendars }),
      calendars,
      slack: parts.slack,
      tasks,
      assignees,
      coordinators,
    });
    acting = people;
    await carryOut(kills, { ...o, kill: parts.kill, say });

    const quieten = async () => {
      say('nothing goes wrong any more');
      calm = true;
      await parts.quieten();
    };
    const rest = (maxMs: number) => untilAtRest({ ...o, maxMs, say, read: () => readRest(database, new Date()), isDone: people.isDone });
    say('nothing is killed any more');
    const badForMs = o.badForMs ?? Number.POSITIVE_INFINITY;
    // Before the clocks are put forward: what is in doubt after that waits its whole minute.
    if (badForMs === 0) await quieten();
    await parts.putForward(o.aheadMs ?? 0);
    const began = performance.now();
    if (badForMs > 0) {
      await rest(badForMs);
      await quieten();
    }
    const unrest = await rest(Number.POSITIVE_INFINITY);
    const restedAfterMs = performance.now() - began;
    const left = people.isDone() ? [] : [people.left()];
    await people.stop();

    const { arrivals, recorded, findings } = await inOnePiece(
      async () => (await readRest(database, new Date())).progress,
      async () => ({
        arrivals: await readArrivals(database, { slack: parts.slack, mails, hooks: gateway.taken() }, new Date()),
        recorded: await readRecords(database),
        findings: (await examine(database, temporal)).findings,
      }),
    );
    const records = {
      handed: people.handed,
      ...recorded,
      tasks: tasks.map(({ code }) => ({ code, pressed: people.pressed.get(code) ?? [] })),
    };
    const differences: Difference[] = [
      ...compareArrivals(arrivals),
      ...compareRecords(records),
      // An uncertain one is shown, and what is shown is not hidden.
      ...findings
        .filter(({ finding }) => finding !== 'notification_uncertain' && finding !== 'notice_uncertain')
        .map(({ code, finding, detail }): Difference => ({ verdict: 'wrong', what: code, why: `doctor: ${finding} (${detail})` })),
      ...people.failures.map((why): Difference => ({ verdict: 'wrong', what: 'the inbox failed', why })),
      ...[...unrest, ...left].map((why): Difference => ({ verdict: 'wrong', what: 'not at rest', why })),
    ];
    differs = differences.length > 0;
    const calls = readFaultLog(parts.faultLog).flatMap(({ method, fault }) => (fault === null ? [] : [{ method, fault }]));
    return {
      differences,
      tasks: tasks.length,
      notifications: countsOf(arrivals.ledger, ({ channel, status }) => `${channel} ${status}`),
      messages: { slack: arrivals.posts.length, email: arrivals.mails.length, webhook: arrivals.hooks.length },
      uncertain: countsOf(
        arrivals.ledger.filter(({ status }) => status === 'uncertain'),
        ({ channel, error }) => `${channel}: ${error}`,
      ),
      presses: people.presses(),
      commands: {
        handedIn: people.handed.length,
        deliveries: people.handed.reduce((sum, { answers }) => sum + answers.length, 0),
        stored: records.commands.length,
      },
      kills: countsOf(kills, ({ part }) => part),
      ended: countsOf(parts.ended, (part) => part),
      faults: countsOf([...calls.map(({ fault }) => fault), ...gateway.faults, ...mailFaults], (fault) => fault),
      faultyCalls: countsOf(calls, ({ method }) => method),
      restedAfterMs,
    };
  } finally {
    await acting?.stop();
    await parts.stop();
    await database.$disconnect();
    await connection.close();
    await smtp.close();
    await gateway.close();
    if (o.keep === true && differs) say(`the logs are in ${o.state}`);
    else removeState(o.state);
  }
}

async function planNotices(
  database: Database,
  notices: readonly ChaosNotice[],
  assignees: readonly Assignee[],
  at: IsoInstant,
): Promise<void> {
  const reached = new Set((await database.person.findMany({ where: { webhookAddress: { not: null } } })).map(({ email }) => email));
  const planned = notices.flatMap(({ key, assignee, channels, afterMs }): PlannedNotice[] => {
    const person = assignees[assignee];
    if (person === undefined) return [];
    const channel = channels.find((each) => each !== 'webhook' || reached.has(person.email)) ?? channels[0];
    const body = { day: localDate(at, COMMITTEE_TIME_ZONE), agency: person.agency, at };
    return [{ key, kind: 'week', recipient: person.email, channel, sendAt: addMilliseconds(at, afterMs), notAfter: null, body }];
  });
  await storeNotices(database, planned, at);
}

/**
 * The people of the example directory who can be written to in Slack. Most have had their conversation for long; that of the others the
 * bot does not know, and Slack opens with their first message. Some are reached by the gateway as well. Who is what is the seed's.
 */
async function furnish(seed: string, database: Database, slack: SlackAccess): Promise<{ assignees: Assignee[]; coordinators: Presser[] }> {
  const people = await database.person.findMany({ where: { slackId: { not: null } }, orderBy: { email: 'asc' } });
  // Slack answers the same conversation however often it is opened: so the test knows it beforehand.
  const open = async (user: string): Promise<string> => {
    const answer = await fetch(`${slack.apiUrl}conversations.open`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ users: user }),
    });
    return ((await answer.json()) as { channel: { id: string } }).channel.id;
  };
  const assignees: Assignee[] = [];
  const coordinators: Presser[] = [];
  for (const { email, role, agencyCode, slackId } of people) {
    if (slackId === null) continue;
    const random = chance(`${seed}/person/${email}`);
    const conversation = await open(slackId);
    const slackDm = random() < UNOPENED_SHARE ? null : conversation;
    const webhookAddress = random() < BY_GATEWAY_SHARE ? email : null;
    await database.person.update({ where: { email }, data: { slackDm, webhookAddress } });
    // The store has what the directory's import has checked.
    const presser: Presser = { email: email as Email, slackId, conversation };
    if (role === 'coordinator') coordinators.push(presser);
    const supervisor = people.find((each) => each.agencyCode === agencyCode && each.role === 'supervisor');
    if (role !== 'assignee' || supervisor === undefined || assignees.length === ASSIGNEES_MAX) continue;
    assignees.push({ ...presser, agency: agencyCode as AgencyCode, supervisor: supervisor.email as Email });
  }
  return { assignees, coordinators };
}

/** Kills by their hours, each in its own time; ends when the last part is back. */
async function carryOut(
  kills: readonly Kill[],
  o: {
    forMs: number;
    kill: (part: Kill['part'], awayMs: number) => Promise<void>;
    say: (line: string) => void;
    signal?: AbortSignal;
  },
): Promise<void> {
  const began = Date.now();
  const wait = (untilMs: number) =>
    pause(Math.max(0, began + untilMs - Date.now()), undefined, o.signal === undefined ? {} : { signal: o.signal });
  const back: Promise<void>[] = [];
  for (const { part, atMs, awayMs } of kills) {
    await wait(atMs);
    o.say(`${(atMs / 1_000).toFixed(1)} s: kill -9 ${part}, away for ${(awayMs / 1_000).toFixed(1)} s`);
    back.push(o.kill(part, awayMs));
  }
  await wait(o.forMs);
  await Promise.all(back);
}

/**
 * However slow the machine is, as long as anything goes on, and for `maxMs` at the most.
 * @returns what was still under way when nothing did any more; nothing where everything came to rest, or the time was over
 */
async function untilAtRest(o: {
  maxMs: number;
  patienceMs: number;
  read: () => Promise<Rest>;
  isDone: () => boolean;
  say: (line: string) => void;
  signal?: AbortSignal;
}): Promise<string[]> {
  const began = Date.now();
  let stillSince = Date.now();
  let wentOnAt = Date.now();
  let last = '';
  for (;;) {
    o.signal?.throwIfAborted();
    // Where the machine is slow a connection may not stand in time.
    const { unrest, progress } = await o.read().catch((): Rest => ({ unrest: { unknown: 1 }, progress: 'unknown' }));
    if (progress !== last) {
      wentOnAt = Date.now();
      o.say(`under way: ${JSON.stringify(unrest)}`);
    }
    last = progress;
    if (Object.keys(unrest).length > 0 || !o.isDone()) stillSince = Date.now();
    if (Date.now() - stillSince > STILL_MS || Date.now() - began > o.maxMs) return [];
    if (Date.now() - wentOnAt > o.patienceMs) return Object.entries(unrest).map(([what, count]) => `${what}: ${count}`);
    await pause(LOOKS_EVERY_MS);
  }
}

/** What is due later goes on falling due: read until nothing has gone on meanwhile. */
async function inOnePiece<T>(progress: () => Promise<string>, read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const before = await progress();
    const found = await read();
    if ((await progress()) === before) return found;
    if (tries === READS_MAX) throw new Error('the ledger could not be read in one piece: something goes on all the time');
  }
}

function countsOf<T>(items: readonly T[], nameOf: (item: T) => string): Counts {
  const counts: Record<string, number> = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
}
