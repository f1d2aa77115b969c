/**
 * What a courier has in hand, in the order in which it may go: the urgent before the routine, people in turns, one message to a person
 * at a time and no sooner after another than the provider's conversations take. Pure: it changes nothing but itself.
 */
import type { Email } from './names.ts';
import type { IsoInstant } from './time.ts';

export interface Queued {
  readonly id: string;
  readonly recipient: Email;
  readonly urgent: boolean;
  /** Not before: what is claimed ahead waits for its moment. */
  readonly readyAt: IsoInstant;
}

/** Both clocks: the one by which people are told, and one that only ever goes on, in milliseconds. */
export interface Clocks {
  readonly now: IsoInstant;
  readonly elapsedMs: number;
}

export class SendQueue<M extends Queued> {
  /** By recipient, in the order of turns; each one's in the order in which they came. */
  private readonly urgent = new Map<Email, M[]>();
  private readonly routine = new Map<Email, M[]>();
  /** Who is being written to, or may not be written to before (milliseconds of the clock that only goes on). */
  private readonly closed = new Map<Email, number>();
  private readonly perRecipientMs: number;
  private count = 0;

  /** @param perRecipientMs between the end of one message to a person and the next */
  constructor(perRecipientMs: number) {
    this.perRecipientMs = perRecipientMs;
  }

  get size(): number {
    return this.count;
  }

  add(message: M): void {
    const lane = this.laneOf(message);
    const waiting = lane.get(message.recipient);
    if (waiting === undefined) lane.set(message.recipient, [message]);
    else waiting.push(message);
    this.count += 1;
  }

  /** Takes up to `max` messages that may go now; who is written to gets no other before `done`. */
  take(max: number, clocks: Clocks): M[] {
    const taken: M[] = [];
    for (const lane of [this.urgent, this.routine]) {
      // Who is put to the end of the turns is met again there: each is looked at once.
      let left = lane.size;
      for (const [recipient, waiting] of lane) {
        if (left === 0 || taken.length >= max) break;
        left -= 1;
        const [first] = waiting;
        if (first === undefined || first.readyAt > clocks.now || !this.isOpen(recipient, clocks.elapsedMs)) continue;
        waiting.shift();
        lane.delete(recipient);
        if (waiting.length > 0) lane.set(recipient, waiting);
        this.closed.set(recipient, Number.POSITIVE_INFINITY);
        this.count -= 1;
        taken.push(first);
      }
    }
    return taken;
  }

  /** How many could be taken now, counted up to `max` together, the urgent first. */
  countReady(max: number, clocks: Clocks): { readonly urgent: number; readonly routine: number } {
    const urgent = this.readyIn(this.urgent, max, clocks);
    return { urgent, routine: this.readyIn(this.routine, max - urgent, clocks) };
  }

  /** Whether anything could be taken now. */
  isReady(clocks: Clocks): boolean {
    return this.readyIn(this.urgent, 1, clocks) > 0 || this.readyIn(this.routine, 1, clocks) > 0;
  }

  /** @param wasSent whether anything went out to the person: only then the next one waits */
  done({ recipient }: M, elapsedMs: number, wasSent: boolean): void {
    if (wasSent && this.perRecipientMs > 0) this.closed.set(recipient, elapsedMs + this.perRecipientMs);
    else this.closed.delete(recipient);
  }

  /** What waits for one moment, in the order in which it goes. */
  waitingFor(at: IsoInstant): readonly M[] {
    return [this.urgent, this.routine].flatMap((lane) =>
      [...lane.values()]
        .flatMap((waiting) => waiting.filter(({ readyAt }) => readyAt === at).map((message, turn) => ({ message, turn })))
        .sort((a, b) => a.turn - b.turn)
        .map(({ message }) => message),
    );
  }

  /** What waits for a person and is not urgent: what comes now can still join it. */
  routineFor(recipient: Email): readonly M[] {
    return this.routine.get(recipient) ?? [];
  }

  remove(messages: readonly M[]): void {
    for (const message of messages) {
      const lane = this.laneOf(message);
      const waiting = lane.get(message.recipient);
      const index = waiting?.indexOf(message) ?? -1;
      if (waiting === undefined || index < 0) continue;
      waiting.splice(index, 1);
      if (waiting.length === 0) lane.delete(message.recipient);
      this.count -= 1;
    }
  }

  all(): M[] {
    return [...this.urgent.values(), ...this.routine.values()].flat();
  }

  clear(): M[] {
    const all = this.all();
    this.urgent.clear();
    this.routine.clear();
    this.count = 0;
    return all;
  }

  /**
   * When to look again: the next moment of a message, and how many milliseconds until the next person may be written to. Null where
   * nothing of the kind is waited for; who is being written to is not.
   */
  next(clocks: Clocks): { readonly at: IsoInstant | null; readonly inMs: number | null } {
    let at: IsoInstant | null = null;
    let inMs: number | null = null;
    for (const lane of [this.urgent, this.routine]) {
      for (const [recipient, [first]] of lane) {
        if (first === undefined) continue;
        if (first.readyAt > clocks.now) {
          if (at === null || first.readyAt < at) at = first.readyAt;
          continue;
        }
        const opens = this.closed.get(recipient);
        if (opens === undefined || opens === Number.POSITIVE_INFINITY) continue;
        const wait = Math.max(0, opens - clocks.elapsedMs);
        if (inMs === null || wait < inMs) inMs = wait;
      }
    }
    return { at, inMs };
  }

  private readyIn(lane: ReadonlyMap<Email, readonly M[]>, max: number, clocks: Clocks): number {
    let count = 0;
    for (const [recipient, [first]] of lane) {
      if (count >= max) break;
      if (first !== undefined && first.readyAt <= clocks.now && this.isOpen(recipient, clocks.elapsedMs)) count += 1;
    }
    return count;
  }

  private isOpen(recipient: Email, elapsedMs: number): boolean {
    const opens = this.closed.get(recipient);
    if (opens === undefined) return true;
    if (opens > elapsedMs) return false;
    this.closed.delete(recipient);
    return true;
  }

  private laneOf({ urgent }: M): Map<Email, M[]> {
    return urgent ? this.urgent : this.routine;
  }
}
