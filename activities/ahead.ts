/**
 * Marks a storm ahead of its moment. To mark thousands of messages takes longer than to send them; to say that they leave takes one row
 * (docs/decisions/0020). Fewer are marked at their moment, as any message is.
 */
import { addMilliseconds, epochMs, type IsoInstant } from '../domain/time.ts';
import type { Departures } from '../prisma/departures.ts';
import type { Markable, Marked } from './mark.ts';

/** Fewer take no longer to be marked than to be let leave. */
const STORM_MIN = 10;
/** Enough for ten thousand on two cores that nothing else uses (bench:storm); whoever is not marked by then is marked at the moment. */
const LEAD_MS = 1_500;
/** A statement's worth: a command that wants a row of it waits no longer. */
const BATCH_MAX = 500;
/** A batch takes so long at most: what begins later would keep the moment waiting. */
const BATCH_MS = 100;
/** What is still here so long after its moment is claimed again: nobody could cancel it any more. */
const LEAVES_WITHIN_MS = 2_000;

export interface AheadDependencies {
  readonly departures: Departures;
  /** @returns those of which everything may go at the moment */
  readonly mark: (messages: readonly Markable[], moment: IsoInstant) => Promise<ReadonlyMap<string, readonly Marked[]>>;
  readonly warmUp: () => Promise<void>;
  readonly now: () => IsoInstant;
}

/** One moment at a time, of one run. */
export class AheadMarks {
  private readonly o: AheadDependencies;
  /** By message, until it is taken to be posted. */
  private readonly marks = new Map<string, readonly Marked[]>();
  private moment: IsoInstant | null = null;
  private hasLeft = true;
  private isExpired = false;
  private marking: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;
  /** The last moment that was looked at, whether or not anything was marked for it. */
  private looked: IsoInstant | null = null;

  constructor(o: AheadDependencies) {
    this.o = o;
  }

  /** When to call `begin` for the next moment; null where that has been done. */
  beginsAt(next: IsoInstant | null): IsoInstant | null {
    return next === null || next === this.looked ? null : addMilliseconds(next, -LEAD_MS);
  }

  /** In the background. @param messages all that are due at the moment, in the order in which they go */
  begin(moment: IsoInstant, messages: readonly Markable[]): void {
    this.looked = moment;
    if (messages.length < STORM_MIN || this.marking !== undefined || this.marks.size > 0) return;
    this.moment = moment;
    this.hasLeft = false;
    this.isExpired = false;
    this.marking = this.markAll(moment, messages)
      .catch((error: unknown) => {
        this.failure = { error };
      })
      .finally(() => {
        this.marking = undefined;
      });
  }

  private async markAll(moment: IsoInstant, messages: readonly Markable[]): Promise<void> {
    void this.o.warmUp();
    await this.o.departures.waitFor(moment);
    for (let from = 0; from < messages.length; from += BATCH_MAX) {
      if (epochMs(moment) - epochMs(this.o.now()) < BATCH_MS) return;
      const batch = messages.slice(from, from + BATCH_MAX);
      for (const [id, marked] of await this.o.mark(batch, moment)) this.marks.set(id, marked);
    }
  }

  /** Whether something waits for nothing but to be let leave. */
  isDue(at: IsoInstant): boolean {
    return !this.hasLeft && this.moment !== null && at >= this.moment;
  }

  /** Before anything is marked or posted as of an instant. @throws Error where another run has taken over, or the store is away */
  async leave(at: IsoInstant): Promise<void> {
    if (this.moment === null || at < this.moment) return;
    if (!this.hasLeft) {
      await this.marking;
      if (this.failure !== undefined) throw this.failure.error;
      const { withdrawn, recalled } = await this.o.departures.depart();
      this.hasLeft = true;
      // They are marked at their moment, as any message is.
      for (const id of withdrawn) this.marks.delete(id);
      this.isExpired = recalled;
    }
    if (this.marks.size > 0 && (this.isExpired || at > addMilliseconds(this.moment, LEAVES_WITHIN_MS)))
      await this.unmark([...this.marks.keys()]);
  }

  /** What may go of a message that is posted now; undefined where it is not marked yet. */
  take(message: string): readonly Marked[] | undefined {
    const marked = this.marks.get(message);
    this.marks.delete(message);
    return marked;
  }

  /** The provider takes nothing for a while: what has not gone is claimed again. */
  expire(): void {
    this.isExpired = true;
  }

  /** Messages that were not posted are claimed as before. */
  async unmark(messages: readonly string[]): Promise<void> {
    await this.marking;
    for (const id of messages) this.marks.delete(id);
    await this.o.departures.unmark(messages);
  }
}
