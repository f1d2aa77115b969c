/**
 * One courier's run: claims what is due a little ahead, makes its messages, and puts each on the wire at its moment, at the speed that the
 * provider takes. The ledger is the queue; what is in memory is only what is next.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { UNMADE } from '../domain/backlog.ts';
import { byDeadline } from '../domain/message.ts';
import type { Channel, Email } from '../domain/names.ts';
import { limitPerDay } from '../domain/rate-limit.ts';
import { type Clocks, SendQueue } from '../domain/send-queue.ts';
import type { Task } from '../domain/task.ts';
import { addMilliseconds, epochMs, type IsoInstant } from '../domain/time.ts';
import { createDepartures, type Departures } from '../prisma/departures.ts';
import { createTextOfStep } from '../prisma/policies.ts';
import { nameOfDay, type RateLimits } from '../prisma/rate-limits.ts';
import { storedTask } from '../prisma/task-record.ts';
import { AheadMarks } from './ahead.ts';
import { ASK_AFTER_MS, type ClaimedMessage, createClaims, KEEP_EVERY_MS } from './claim.ts';
import type { CourierPause } from './interface.ts';
import { createMark, type MarkDependencies, type Marked } from './mark.ts';
import { nextDue } from './next-due.ts';
import type { NoticeInHand, NoticeLane } from './notices/send.ts';
import type { ReadyMessage, Sender, SendOutcome } from './sender.ts';
import { createSettle, type Settled } from './settle.ts';
import { createAsk } from './uncertain.ts';
import { createNotificationDoubts } from './uncertain-notifications.ts';
import { UNMADE_RETRY_MS } from './unmade.ts';

export interface DeliverDependencies extends Omit<MarkDependencies, 'shadow'> {
  readonly sender: Sender;
  readonly now: () => IsoInstant;
  readonly rateLimits: RateLimits;
  /** A provider knows the recipient no more; safe to repeat. */
  readonly loseChannel: (recipient: Email, channel: Channel) => Promise<void>;
  /** Looks at the day's volume before anything of it goes out, and puts a hold over it where it is far above the usual. */
  readonly checkVolume: (at: IsoInstant) => Promise<void>;
  /** The notices of this channel's courier. */
  readonly notices: (partition: number) => NoticeLane;
  readonly heartbeat: () => void;
  /** Ends the run: what is on the wire is waited for, nothing more is taken. */
  readonly cancelled: () => AbortSignal | undefined;
  readonly chance: () => number;
  /** A run has failed, and another one goes on: whoever operates hears why. */
  readonly onFailure: (error: unknown) => void;
  /** A run hears by itself what is planned for it, and is not signalled, until the end that it returns. */
  readonly attend: (partition: number) => Promise<() => Promise<void>>;
  /** Another worker has nothing of the channel in hand, and this one has more than this run: it is to be left to the other. */
  readonly isOneTooMany: (partition: number) => Promise<boolean>;
  /** A run has ended, and the next one begins by what the ledger says now. */
  readonly onPause: (partition: number) => void;
  readonly ahead: Ahead;
  /** Calls back whenever something was planned on the channel; @returns how to be called no more */
  readonly onPlanned: (channel: Channel, heard: () => void) => () => void;
}

/**
 * How far a run looks ahead, in milliseconds of the clock by which people are told. Nothing of both where that clock is moved by hand:
 * it stands still while a run waits.
 */
export interface Ahead {
  /** So long before its moment something is claimed and made. */
  readonly prepareMs: number;
  /** A run does not end while something is due so soon. */
  readonly stayMs: number;
  /** Nor so soon after its last message: the next one, which is rarely far, costs the engine nothing and waits for nothing. */
  readonly lingerMs: number;
}

/** Claiming and making a card takes up to a millisecond where the couriers of a process share a core; a storm is begun so much earlier. */
export const AHEAD: Omit<Ahead, 'lingerMs'> = { prepareMs: 2_000, stayMs: 60_000 };
/** Of a run that has nothing in hand: then another worker may take it, and the engine's limit of an hour is far. */
const RUN_MS_MAX = 30 * 60_000;
const PREPARE_MS_EACH = 2;
const PREPARE_MS_MAX = 30_000;

/** With a limit no more is taken in hand than goes out in a window or so many seconds: what waits in the ledger can go by another courier. */
const IN_HAND_SECONDS = 20;
/** Without one, as much as a hundred megabytes hold. */
const IN_HAND_MAX = 12_000;
/** While these are marked, the ones before are on the wire. */
const BATCH_MAX = 100;
/** Room for fewer is not worth a statement while others are on the wire. */
const BATCH_SHARE = 0.4;
const HEARTBEAT_MS = 2_000;
/** A notice can be lost, and a clock put back: the ledger is looked at so often while a run stays. */
const LOOK_AGAIN_MS = 5_000;
/** Whether another worker waits for something to do is asked so often. */
const SHARE_EVERY_MS = 5_000;
/** What is due and cannot be claimed is just being changed by a command. */
const LOOK_MS_MIN = 50;
/** Answers that come within so long of each other are written together; a card's reader notices nothing of it. */
const GATHER_MS = 20;
/** While more may go at once, that is worth more than what is written of what went (bench:storm: the last after 1.7 s instead of 2.3 s). */
const GATHER_MS_IN_STORM = 2_000;
/** The other courier of a channel may still be at it, and shares the core. */
const GATHER_MS_AFTER_STORM = 500;
/** With less left of what may be unsettled, a storm waits for what is written. */
const STORM_ROOM = 0.25;
/** A statement's worth: a command that wants a row of it waits no longer. */
const SETTLE_MAX = 1_000;
/** Over some seconds: a database that starts anew is back by then. */
const SETTLE_ATTEMPTS_MAX = 6;
const SETTLE_RETRY_MS = 200;

/** With more of them in hand what is about tasks would wait for its turn: a morning's digests must not keep the reminders. */
const NOTICES_IN_HAND_MAX = 20;

/** A message in hand: the tasks that it tells of are not kept, their numbers are. */
interface Outgoing extends Pick<ClaimedMessage, 'id' | 'recipient' | 'urgent' | 'held' | 'readyAt'> {
  readonly items: readonly { readonly id: string; readonly code: Task['code']; readonly seq: number; readonly policy: Task['policy'] }[];
  readonly ready: ReadyMessage;
}

/**
 * Twice: a second run takes over what the first had in hand, and asks about what it had on the wire. Fails or is killed: the same. Lost:
 * nothing; what is not written to be sent is in the ledger.
 * @returns the activity; a call without a partition is of a courier of an earlier version, and does nothing
 */
export function createDeliver(o: DeliverDependencies) {
  const textOf = createTextOfStep(o.database);
  return async (_channel: Channel, partition?: number): Promise<CourierPause> => {
    if (partition === undefined) return { next: null };
    const beat = setInterval(o.heartbeat, HEARTBEAT_MS);
    try {
      return await new Courier(o, partition, textOf).run();
    } catch (error) {
      o.onFailure(error);
      throw error;
    } finally {
      o.onPause(partition);
      clearInterval(beat);
    }
  };
}

class Courier {
  private readonly queue: SendQueue<Outgoing | NoticeInHand>;
  private readonly notices: NoticeLane;
  private readonly claims: ReturnType<typeof createClaims>;
  private readonly mark: ReturnType<typeof createMark>['mark'];
  private readonly departures: Departures;
  private readonly ahead: AheadMarks;
  private readonly settle: ReturnType<typeof createSettle>;
  private readonly ask: () => Promise<boolean>;
  private readonly o: DeliverDependencies;
  private readonly partition: number;
  /** Asked for once: it is looked at with each message. */
  private readonly signal: AbortSignal | undefined;
  private readonly textOf: ReturnType<typeof createTextOfStep>;
  /** Marked or about to be, and not answered yet. */
  private onWire = 0;
  private unsettled: Settled[] = [];
  /** Taken from the unsettled, and not written yet. */
  private inSettlement = 0;
  private settling: Promise<void> | undefined;
  private gathering: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private asking: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;
  /** By the clock that only goes on. */
  private readonly beganMs = performance.now();
  private shareFromMs = this.beganMs + SHARE_EVERY_MS;
  private lastPostMs: number | undefined;
  /** By the same; the provider has asked for patience, or takes no more now. */
  private closedUntilMs = 0;
  private opening: NodeJS.Timeout | undefined;
  /** What is in hand is kept from then on. */
  private keepFrom: IsoInstant;
  private changed: () => void = () => {};

  constructor(o: DeliverDependencies, partition: number, textOf: ReturnType<typeof createTextOfStep>) {
    this.o = o;
    this.partition = partition;
    this.signal = o.cancelled();
    this.textOf = textOf;
    const { sender, database, rateLimits, now } = o;
    this.keepFrom = addMilliseconds(now(), KEEP_EVERY_MS);
    this.queue = new SendQueue(sender.pace.perRecipientMs);
    this.claims = createClaims(database, { channel: sender.channel, partition });
    const { mark, markAhead } = createMark({ ...o, shadow: sender.shadow });
    this.mark = mark;
    this.departures = createDepartures(database, { channel: sender.channel, partition, run: randomUUID() });
    this.ahead = new AheadMarks({
      departures: this.departures,
      mark: markAhead,
      warmUp: async (messages) => sender.warmUp?.(messages),
      now,
    });
    this.settle = createSettle({ ...o, sender });
    this.notices = o.notices(partition);
    const doubts = [createNotificationDoubts({ database, sender, partition, settle: this.settle, textOf }), this.notices.doubts];
    this.ask = createAsk({ sender, doubts, rateLimits, now });
  }

  async run(): Promise<CourierPause> {
    await this.departures.takeOver(this.o.now(), ASK_AFTER_MS);
    await this.notices.takeOver();
    const silence = this.o.onPlanned(this.o.sender.channel, () => this.changed());
    const wake = () => this.changed();
    this.signal?.addEventListener('abort', wake);
    let leave = await this.o.attend(this.partition);
    try {
      for (;;) {
        const woken = new Promise<void>((resolve) => {
          this.changed = resolve;
        });
        if (this.failure !== undefined) throw this.failure.error;
        if (this.signal?.aborted === true || (await this.isToBeLeft())) return { next: this.o.now() };
        // What was marked ahead of this moment waits for nothing else.
        if (this.ahead.isDue(this.o.now())) this.send();
        await this.fill();
        this.markAhead();
        // What becomes ready from here on is waited for, also where it does so before the wait begins.
        const clocks = this.clocks();
        this.send();
        const begin = await this.nextBegin();
        if (this.isIdle() && !this.staysFor(begin)) {
          await leave();
          // Whoever planned something until now took this run for one that listens.
          const since = await this.nextBegin();
          if (!this.staysFor(since)) return { next: since };
          leave = await this.o.attend(this.partition);
          continue;
        }
        await this.until(begin, woken, clocks);
      }
    } finally {
      await leave();
      silence();
      this.signal?.removeEventListener('abort', wake);
      await this.end();
    }
  }

  /** Not just before a moment for which messages are marked already: the storm is over sooner than they are marked anew. */
  private async isToBeLeft(): Promise<boolean> {
    const { elapsedMs } = this.clocks();
    if (elapsedMs < this.shareFromMs || this.ahead.isBusy()) return false;
    this.shareFromMs = elapsedMs + SHARE_EVERY_MS;
    return this.o.isOneTooMany(this.partition);
  }

  /** Takes in hand what is due, until nothing more is or the hands are full. */
  private async fill(): Promise<void> {
    const { now } = this.o;
    const max = this.inHandMax();
    await this.keep(now());
    await this.claims.releaseExpired(now());
    await this.notices.releaseExpired();
    if (this.asking === undefined && (await this.ask())) this.askOn();
    while (this.queue.size < max && !this.isEnding()) {
      // As of the instant that is claimed for: a run that began in the evening may still be there when the morning comes.
      const at = now();
      const by = await this.aheadOf(at);
      await this.o.checkVolume(by);
      await this.takeNotices(max - this.queue.size);
      const claimed = await this.claims.claim({ at, by, max: max - this.queue.size });
      if (claimed.length === 0) return;
      const joined = await this.joined(claimed);
      await this.put(joined);
      this.send();
    }
  }

  private async takeNotices(room: number): Promise<void> {
    const max = Math.min(room, NOTICES_IN_HAND_MAX - this.queue.all().filter(isNotice).length);
    for (const notice of max <= 0 ? [] : await this.notices.claim(max)) this.queue.add(notice);
  }

  /** What waits for its turn longer than a lease lasts would be taken anew beside itself. */
  private async keep(at: IsoInstant): Promise<void> {
    if (at < this.keepFrom) return;
    this.keepFrom = addMilliseconds(at, KEEP_EVERY_MS);
    if (this.queue.size === 0) return;
    const [notices, messages] = sorted(this.queue.all());
    await this.claims.keep(idsOf(messages), at);
    await this.notices.keep(idsOf(notices));
  }

  /** In the background: what a crash has left in doubt keeps nobody else waiting. */
  private askOn(): void {
    this.asking = this.askAll()
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.asking = undefined;
        this.changed();
      });
  }

  private async askAll(): Promise<void> {
    while (!this.isEnding() && (await this.ask()));
  }

  private inHandMax(): number {
    const { limit } = this.o.sender.pace;
    return limit === null ? IN_HAND_MAX : Math.ceil(limit.max * Math.max(1, (IN_HAND_SECONDS * 1_000) / limit.windowMs));
  }

  /** Until when things are taken in hand. */
  private async aheadOf(at: IsoInstant): Promise<IsoInstant> {
    const { prepareMs } = this.o.ahead;
    if (prepareMs === 0) return at;
    return addMilliseconds(at, this.leadFor(await this.countDue(addMilliseconds(at, prepareMs), addMilliseconds(at, PREPARE_MS_MAX))));
  }

  /** How long before an instant its messages are begun, in milliseconds. */
  private async leadOf(next: IsoInstant): Promise<number> {
    const { prepareMs } = this.o.ahead;
    return prepareMs === 0 ? 0 : this.leadFor(await this.countDue(next, addMilliseconds(next, prepareMs)));
  }

  /** A storm is begun earlier than a single message. */
  private leadFor(count: number): number {
    return Math.min(PREPARE_MS_MAX, this.o.ahead.prepareMs + count * PREPARE_MS_EACH);
  }

  private countDue(from: IsoInstant, until: IsoInstant): Promise<number> {
    const { channel } = this.o.sender;
    return this.o.database.notification.count({
      where: { channel, partition: this.partition, status: 'planned', sendAt: { gte: from, lte: until } },
    });
  }

  /** What waits here for the same people goes back and is claimed with what has come: one message instead of two. */
  private async joined(claimed: readonly ClaimedMessage[]): Promise<ClaimedMessage[]> {
    const waitingFor = (recipient: Email) => this.queue.routineFor(recipient).filter((each) => !isNotice(each));
    const split = claimed.filter(({ recipient, urgent }) => !urgent && waitingFor(recipient).length > 0);
    const waiting = [...new Set(split.flatMap(({ recipient }) => waitingFor(recipient)))];
    this.queue.remove(waiting);
    await this.ahead.unmark(idsOf(waiting));
    await this.claims.release(idsOf([...split, ...waiting]));
    return claimed.filter((each) => !split.includes(each));
  }

  private async put(claimed: readonly ClaimedMessage[]): Promise<void> {
    const made = await this.o.sender.prepare(claimed);
    claimed.forEach((message, index) => {
      const ready = made[index] ?? { unmade: 'the channel made no message of it' };
      this.queue.add(outgoing(message, ready));
    });
  }

  /** In the background: a storm's messages are marked before their moment. */
  private markAhead(): void {
    const clocks = this.clocks();
    const { at: moment } = this.queue.next(clocks);
    const begins = this.markBegins(moment);
    if (moment === null || begins === null || begins > clocks.now) return;
    this.ahead.begin(moment, this.markable(moment));
  }

  private markBegins(moment: IsoInstant | null): IsoInstant | null {
    return this.ahead.beginsAt(moment, (at) => this.markable(at).reduce((sum, { items }) => sum + items.length, 0));
  }

  /** In the order in which they go, up to so many notifications as may be marked ahead. */
  private markable(moment: IsoInstant): readonly Outgoing[] {
    let room = this.o.sender.pace.aheadMax;
    const whole: Outgoing[] = [];
    for (const message of room === 0 ? [] : this.queue.waitingFor(moment)) {
      if (isNotice(message) || !('post' in message.ready)) continue;
      room -= message.items.length;
      if (room < 0) break;
      whole.push(message);
    }
    return whole;
  }

  /** Puts on the wire what may go, in the background. */
  private send(): void {
    if (this.sending !== undefined || this.room() === 0) return;
    this.sending = this.sendBatches()
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.sending = undefined;
      });
  }

  private async sendBatches(): Promise<void> {
    while (!this.isEnding()) {
      // One instant for all that follows: what is marked ahead for a later one has not left yet.
      const clocks = this.clocks();
      await this.ahead.settle(clocks.now);
      const room = this.room();
      if (room === 0) return;
      const granted = await this.granted(Math.min(room, BATCH_MAX, this.queue.size), clocks);
      const batch = this.queue.take(granted, clocks);
      if (batch.length < granted) await this.giveBackOfDay(granted - batch.length);
      if (batch.length === 0) return;
      this.onWire += batch.length;
      this.lastPostMs = clocks.elapsedMs;
      const [notices, messages] = sorted(batch);
      const marked = await this.marked(messages, clocks.now).catch((error: unknown) => {
        this.onWire -= batch.length;
        throw error;
      });
      for (const notice of notices) void this.carry(notice, () => this.postNotice(notice));
      for (const message of messages) void this.carry(message, () => this.post(message, marked.get(message.id) ?? []));
    }
  }

  /** By message what of it may go. */
  private async marked(batch: readonly Outgoing[], at: IsoInstant): Promise<ReadonlyMap<string, readonly Marked[]>> {
    const ahead = await this.ahead.take(idsOf(batch));
    const rest = batch.filter(({ id, ready }) => 'post' in ready && !ahead.has(id));
    return rest.length === 0 ? ahead : new Map([...ahead, ...(await this.mark(rest, this.ahead.attemptAt(at)))]);
  }

  /** How many of those that are ready the provider takes now, from all couriers together. */
  private async granted(wanted: number, clocks: Clocks): Promise<number> {
    const { sender, rateLimits, now } = this.o;
    const { limit, perDay } = sender.pace;
    if (wanted === 0 || clocks.elapsedMs < this.closedUntilMs) return 0;
    const { urgent, routine } = this.queue.countReady(wanted, clocks);
    const ready = urgent + routine;
    if (ready === 0) return 0;
    const at = now();
    const ofDay =
      perDay === null ? ready : (await rateLimits.take(nameOfDay(sender.channel), limitPerDay(perDay), { urgent, routine }, at)).granted;
    if (ofDay === 0) this.closeFor(LOOK_AGAIN_MS);
    if (ofDay === 0 || limit === null) return ofDay;
    const first = Math.min(urgent, ofDay);
    const { granted, nextAt } = await rateLimits.take(sender.channel, limit, { urgent: first, routine: ofDay - first }, at);
    if (granted < ofDay) {
      this.closeFor(Math.max(1, epochMs(nextAt) - epochMs(at)));
      await this.giveBackOfDay(ofDay - granted);
    }
    return granted;
  }

  /** A provider counts what it has taken. */
  private async giveBackOfDay(count: number): Promise<void> {
    const { sender, rateLimits, now } = this.o;
    if (sender.pace.perDay !== null) await rateLimits.giveBack(nameOfDay(sender.channel), count, now());
  }

  /** Also where it is closed while the run already waits for something else. */
  private closeFor(ms: number): void {
    this.closedUntilMs = this.clocks().elapsedMs + ms;
    clearTimeout(this.opening);
    this.opening = setTimeout(() => this.changed(), ms);
  }

  /** @param post what became of it is written or gathered; null where nothing of it was to go */
  private async carry(message: Outgoing | NoticeInHand, post: () => Promise<SendOutcome | null>): Promise<void> {
    try {
      const result = await post();
      if (result?.outcome === 'limited') await this.obey(result.retryAfterMs);
      if (result?.outcome !== 'sent' && result?.outcome !== 'ambiguous') await this.giveBackOfDay(1);
      this.queue.done(message, this.clocks().elapsedMs, result !== null);
    } catch (error) {
      this.failure ??= { error };
    } finally {
      this.onWire -= 1;
      this.flush();
      this.send();
      if (this.onWire === 0 || this.queue.size === 0) this.changed();
    }
  }

  private async post(message: Outgoing, marked: readonly Marked[]): Promise<SendOutcome | null> {
    const result = await this.outcomeOf(message, marked);
    if (result === null) return null;
    const items = message.items.filter(({ id }) => marked.some((kept) => kept.id === id));
    const notifications = idsOf(items);
    // Not what was sent: in a storm thousands of them wait to be written.
    const { id, recipient } = message;
    this.unsettled.push({ message: { id, recipient, items: seqsOf(items, marked) }, notifications, result, at: this.o.now() });
    return result;
  }

  private async postNotice(notice: NoticeInHand): Promise<SendOutcome | null> {
    const ready = await this.notices.ready(notice);
    if (ready === null) return null;
    const result = await ready.post();
    await surely(() => this.notices.settle(notice, result));
    return result;
  }

  /** Null where nothing of it may go any more. */
  private async outcomeOf(message: Outgoing, marked: readonly Marked[]): Promise<SendOutcome | null> {
    const { ready, items } = message;
    if ('unmade' in ready) {
      await this.putAside(message, ready.unmade);
      return null;
    }
    if (marked.length === 0) return null;
    const isAsMade =
      marked.length === items.length && items.every(({ id, seq }) => marked.some((kept) => kept.id === id && kept.seq === seq));
    const [made] = isAsMade ? [ready] : await this.madeAnew(message, marked);
    if (made === undefined || 'unmade' in made)
      return { outcome: 'transient', why: made?.unmade ?? 'nothing was made of it', retryAfterMs: UNMADE_RETRY_MS };
    return made.post();
  }

  /** A command has come since it was made: it says what is true now. */
  private async madeAnew({ id, recipient }: Outgoing, marked: readonly Marked[]): Promise<readonly ReadyMessage[]> {
    const rows = await this.o.database.notification.findMany({
      where: { id: { in: marked.map((kept) => kept.id) } },
      include: { task: { select: { state: true } } },
    });
    const notifications = await Promise.all(
      rows.map(async ({ id: each, key, kind, step, task: { state } }) => {
        const task = storedTask(state);
        return { id: each, key, kind: kind as ClaimedMessage['notifications'][number]['kind'], task, text: await this.textOf(task, step) };
      }),
    );
    return this.o.sender.prepare([{ id, recipient, notifications: notifications.sort((a, b) => byDeadline(a.task, b.task)) }]);
  }

  /** Nothing was sent: the mistake is ours. */
  private async putAside({ id }: Outgoing, why: string): Promise<void> {
    await this.o.database.notification.updateMany({
      where: { claimId: id, status: 'claimed' },
      data: {
        status: 'planned',
        claimId: null,
        leasedUntil: null,
        retryAt: addMilliseconds(this.o.now(), UNMADE_RETRY_MS),
        error: `${UNMADE}: ${why}`,
      },
    });
  }

  /** A provider's request for patience holds for all who send to it. */
  private async obey(retryAfterMs: number): Promise<void> {
    const { sender, rateLimits, now } = this.o;
    this.closeFor(retryAfterMs);
    this.ahead.expire();
    if (sender.pace.limit !== null) await rateLimits.refused(sender.channel, sender.pace.limit, retryAfterMs, now());
  }

  /** How many more may go on the wire; 0 also where so few are not worth a statement yet. */
  private room(): number {
    const { onWireMax } = this.o.sender.pace;
    const room = Math.min(onWireMax - this.onWire, this.roomUnsettled());
    return room <= 0 || (this.onWire > 0 && room < onWireMax * BATCH_SHARE) ? 0 : room;
  }

  /** How many more may be on their way before what went is written: a crash leaves them all to be asked about. */
  private roomUnsettled(): number {
    return this.o.sender.pace.unsettledMax - this.onWire - this.unsettled.length - this.inSettlement;
  }

  /** Writes back what has been answered, once it is worth a statement; what is answered meanwhile goes with the next. */
  private flush(): void {
    if (this.settling !== undefined || this.unsettled.length === 0) return;
    // Looked at once for all that is gathered: a storm comes through here with each message.
    if (this.gathering !== undefined && this.onWire > 0) return;
    const { unsettledMax } = this.o.sender.pace;
    const isFull = this.roomUnsettled() <= unsettledMax * STORM_ROOM;
    const isStorm = this.queue.isReady(this.clocks());
    const afterMs = isFull
      ? GATHER_MS
      : isStorm
        ? GATHER_MS_IN_STORM
        : this.unsettled.length >= BATCH_MAX
          ? GATHER_MS_AFTER_STORM
          : GATHER_MS;
    if (this.onWire === 0 && afterMs === GATHER_MS) this.settleNow();
    else this.gathering ??= setTimeout(() => this.settleNow(), afterMs);
  }

  private settleNow(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    if (this.settling !== undefined || this.unsettled.length === 0) return;
    const settled = this.unsettled.splice(0, SETTLE_MAX);
    this.inSettlement = settled.length;
    this.settling = surely(() => this.settle(settled))
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.settling = undefined;
        this.inSettlement = 0;
        this.flush();
        this.send();
        if (this.unsettled.length === 0) this.changed();
      });
  }

  private isIdle(): boolean {
    const isWritten = this.unsettled.length === 0 && this.settling === undefined;
    return this.queue.size === 0 && this.onWire === 0 && isWritten && this.asking === undefined;
  }

  private isAtEnd(): boolean {
    return this.isIdle() && this.sending === undefined;
  }

  private isEnding(): boolean {
    return this.failure !== undefined || this.signal?.aborted === true;
  }

  /** When the next thing is to be taken in hand; null where nothing waits. */
  private async nextBegin(): Promise<IsoInstant | null> {
    const next = await nextDue(this.o.database, { ...this.o.sender, partition: this.partition }, this.o.now());
    return next === null ? null : addMilliseconds(next, -(await this.leadOf(next)));
  }

  private staysFor(begin: IsoInstant | null): boolean {
    const { stayMs, lingerMs } = this.o.ahead;
    const { now, elapsedMs } = this.clocks();
    if (begin !== null && epochMs(begin) - epochMs(now) <= stayMs) return true;
    return this.lastPostMs !== undefined && elapsedMs - this.lastPostMs < lingerMs && elapsedMs - this.beganMs < RUN_MS_MAX;
  }

  /**
   * Waits until something has changed, the next thing comes into sight, or somebody may be written to.
   * @param clocks before `send` was last called
   */
  private async until(begin: IsoInstant | null, woken: Promise<void>, clocks: Clocks): Promise<void> {
    const untilInstant = (at: IsoInstant | null) => (at === null ? Number.POSITIVE_INFINITY : epochMs(at) - epochMs(clocks.now));
    const { at, inMs } = this.queue.next(clocks);
    const closedMs = this.queue.size > 0 && this.closedUntilMs > clocks.elapsedMs ? this.closedUntilMs - clocks.elapsedMs : 0;
    const marks = untilInstant(this.markBegins(at));
    const sends = Math.max(closedMs, Math.min(untilInstant(at), inMs ?? Number.POSITIVE_INFINITY));
    const claims = this.queue.size >= this.inHandMax() ? Number.POSITIVE_INFINITY : Math.max(LOOK_MS_MIN, untilInstant(begin));
    const sinceMs = this.clocks().elapsedMs - clocks.elapsedMs;
    const ms = Math.max(1, Math.min(LOOK_AGAIN_MS, sends, claims, marks) - sinceMs);
    let timer: NodeJS.Timeout | undefined;
    const later = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([woken, later]);
    clearTimeout(timer);
  }

  /** Waits for what is on the wire and gives back the rest. */
  private async end(): Promise<void> {
    clearTimeout(this.opening);
    const left = this.queue.clear();
    while (!this.isAtEnd()) {
      const woken = new Promise<void>((resolve) => {
        this.changed = resolve;
      });
      await Promise.race([woken, ...[this.sending, this.settling, this.asking].filter((each) => each !== undefined)]);
    }
    const [notices, messages] = sorted(left);
    // A store that is away is met by the next run, which takes over.
    await this.ahead
      .unmark(idsOf(messages))
      .then(() => this.claims.release(idsOf(messages)))
      .then(() => this.notices.release(idsOf(notices)))
      .catch(() => {});
  }

  private clocks(): Clocks {
    return { now: this.o.now(), elapsedMs: performance.now() };
  }
}

function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

function isNotice(each: Outgoing | NoticeInHand): each is NoticeInHand {
  return 'notice' in each;
}

function sorted(all: readonly (Outgoing | NoticeInHand)[]): [notices: NoticeInHand[], messages: Outgoing[]] {
  return [all.filter(isNotice), all.filter((each): each is Outgoing => !isNotice(each))];
}

/** What was answered is worth more than one attempt: what is not written has to be asked about. @throws what the last attempt met */
async function surely(write: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (attempt === SETTLE_ATTEMPTS_MAX) throw error;
      await pause(SETTLE_RETRY_MS * attempt);
    }
  }
}

function outgoing({ notifications, ...message }: ClaimedMessage, ready: ReadyMessage): Outgoing {
  const { id, recipient, urgent, held, readyAt } = message;
  const items = notifications.map(({ id: each, task: { code, seq, policy } }) => ({ id: each, code, seq, policy }));
  return { id, recipient, urgent, held, readyAt, items, ready };
}

function seqsOf(items: Outgoing['items'], marked: readonly Marked[]) {
  const seqs = new Map(marked.map(({ id, seq }) => [id, seq]));
  return items.map(({ id, code, seq }) => ({ code, seq: seqs.get(id) ?? seq }));
}
