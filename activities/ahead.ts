/**
 * Marks a storm ahead of its moment. To mark thousands of messages takes longer than to send them; to say that hundreds leave takes one row
 * (docs/decisions/0020). Fewer are marked at their moment, as any message is.
 */
import { addMilliseconds, epochMs, type IsoInstant } from '../domain/time.ts';
import type { Departures } from '../prisma/departures.ts';
import type { Markable, Marked } from './mark.ts';

/** Fewer take no longer to be marked than to be let leave. */
const STORM_MIN = 10;
/** What a storm is begun before its moment, and more for each notification: a courier marks 2,500 in 0.8 to 1 s, while the other does the same. */
const LEAD_MS = 1_000;
const LEAD_MS_EACH = 0.4;
/** Of notifications; a statement's worth: a command that wants a row of it waits no longer. A crash leaves two of them in doubt that were not posted yet. */
const PORTION_MAX = 500;
/** A portion takes so long at most: what begins later would keep the moment waiting. */
const PORTION_MS = 100;
/** What is still here so long after its moment is claimed again: nobody could cancel it any more. */
const LEAVES_WITHIN_MS = 2_000;

export interface AheadDependencies {
  readonly departures: Departures;
  /** @returns those of which everything may go at the moment */
  readonly mark: (messages: readonly Markable[], moment: IsoInstant) => Promise<ReadonlyMap<string, readonly Marked[]>>;
  /** @param messages that are about to go */
  readonly warmUp: (messages: number) => Promise<void>;
  readonly now: () => IsoInstant;
}

/** One message of a portion. */
interface Mark {
  /** The first is 0. A portion is marked for as many milliseconds after the moment: so the row can tell them apart. */
  readonly portion: number;
  /** Null where it is looked at once more as it goes: not everything of it could be marked, or a command has changed something since. */
  readonly marked: readonly Marked[] | null;
}

/** One moment at a time, of one run. */
export class AheadMarks {
  private readonly o: AheadDependencies;
  /** By message, until it is taken to be posted. */
  private readonly marks = new Map<string, Mark>();
  private moment: IsoInstant | null = null;
  /** How many there are. */
  private portions = 0;
  /** So many of the portions may be on the wire. */
  private left = 0;
  private isExpired = false;
  private marking: Promise<void> | undefined;
  private leaving: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;
  /** The last moment that was looked at, whether or not anything was marked for it. */
  private looked: IsoInstant | null = null;

  constructor(o: AheadDependencies) {
    this.o = o;
  }

  /** When to call `begin` for the next moment, for so many notifications; null where that has been done. */
  beginsAt(next: IsoInstant | null, count: (at: IsoInstant) => number): IsoInstant | null {
    return next === null || next === this.looked ? null : addMilliseconds(next, -Math.round(LEAD_MS + LEAD_MS_EACH * count(next)));
  }

  /** In the background. @param messages all that are due at the moment, in the order in which they go */
  begin(moment: IsoInstant, messages: readonly Markable[]): void {
    this.looked = moment;
    // What is still under way of the moment before would be taken for this one's.
    if (messages.length < STORM_MIN || this.marking !== undefined || this.leaving !== undefined || this.marks.size > 0) return;
    const portions = portionsOf(messages);
    this.moment = moment;
    this.portions = portions.length;
    this.left = 0;
    this.isExpired = false;
    this.marking = this.markAll(moment, portions)
      .catch((error: unknown) => {
        this.failure = { error };
      })
      .finally(() => {
        this.marking = undefined;
      });
  }

  private async markAll(moment: IsoInstant, portions: readonly (readonly Markable[])[]): Promise<void> {
    void this.o.warmUp(portions.flat().length);
    await this.o.departures.waitFor(moment, addMilliseconds(moment, portions.length - 1));
    for (const [portion, messages] of portions.entries()) {
      if (epochMs(moment) - epochMs(this.o.now()) < PORTION_MS) return;
      const marked = await this.o.mark(messages, addMilliseconds(moment, portion));
      for (const { id } of messages) this.marks.set(id, { portion, marked: marked.get(id) ?? null });
    }
  }

  /** Whether anything is marked, or being marked, and not taken. */
  isBusy(): boolean {
    return this.marking !== undefined || this.marks.size > 0;
  }

  /** Whether something waits for nothing but to be let leave. */
  isDue(at: IsoInstant): boolean {
    return this.moment !== null && at >= this.moment && this.isBusy();
  }

  /** Before anything is taken as of an instant. @throws Error where the store is away */
  async settle(at: IsoInstant): Promise<void> {
    if (this.moment === null || at < this.moment) return;
    await this.marking;
    if (this.failure !== undefined) throw this.failure.error;
    if (this.marks.size > 0 && (this.isExpired || at > addMilliseconds(this.moment, LEAVES_WITHIN_MS))) await this.giveUp();
  }

  /**
   * Of messages that are posted now those that are marked already, each with what may go; their portions leave first, and the next one after
   * them, which nobody is to wait for.
   * @throws Error where another run has taken over, or the store is away: nothing may be sent
   */
  async take(messages: readonly string[]): Promise<ReadonlyMap<string, readonly Marked[]>> {
    const portion = Math.max(-1, ...messages.map((id) => this.marks.get(id)?.portion ?? -1));
    while (portion >= this.left && !this.isExpired) await this.leave(portion + 1);
    if (this.isExpired && this.marks.size > 0) await this.giveUp();
    // Where that fails, whoever takes the first of it meets it.
    if (portion >= 0 && portion + 1 === this.left && this.left < this.portions) this.leave(this.left + 1).catch(() => {});
    const taken = new Map<string, readonly Marked[]>();
    for (const id of messages) {
      const marked = this.marks.get(id)?.marked ?? null;
      this.marks.delete(id);
      if (marked !== null) taken.set(id, marked);
    }
    return taken;
  }

  /** As which instant to mark what goes now: not as one of those that have not left. */
  attemptAt(at: IsoInstant): IsoInstant {
    if (this.moment === null || this.left >= this.portions) return at;
    const after = addMilliseconds(this.moment, this.portions);
    return at < this.moment || at > after ? at : after;
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

  private leave(portions: number): Promise<void> {
    this.leaving ??= this.leaveNow(portions).finally(() => {
      this.leaving = undefined;
    });
    return this.leaving;
  }

  private async leaveNow(portions: number): Promise<void> {
    const { withdrawn, recalled } = await this.o.departures.depart(addMilliseconds(this.moment as IsoInstant, portions - 1)); // something is marked
    this.left = portions;
    for (const id of withdrawn) {
      const mark = this.marks.get(id);
      if (mark !== undefined) this.marks.set(id, { ...mark, marked: null });
    }
    if (recalled) this.isExpired = true;
  }

  /** Nothing is left that is marked and not taken. */
  private async giveUp(): Promise<void> {
    await this.unmark([...this.marks.keys()]);
    while (this.left < this.portions) await this.leave(this.portions);
  }
}

/** In order, each with as many notifications as a statement is worth, and a whole message at least. */
function portionsOf(messages: readonly Markable[]): readonly (readonly Markable[])[] {
  const portions: Markable[][] = [];
  let count = PORTION_MAX;
  for (const message of messages) {
    if (count + message.items.length > PORTION_MAX) {
      portions.push([]);
      count = 0;
    }
    portions.at(-1)?.push(message);
    count += message.items.length;
  }
  return portions;
}
