/**
 * The only door to the Temporal date API, so that the engine of the same name is never confused with it.
 * Instants travel as ISO strings in UTC with millisecond precision; local dates as `YYYY-MM-DD`.
 */
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';

export const Instant = Temporal.Instant;
export type Instant = Temporal.Instant;
export const PlainDate = Temporal.PlainDate;
export type PlainDate = Temporal.PlainDate;
export const PlainTime = Temporal.PlainTime;
export type PlainTime = Temporal.PlainTime;

/** An instant in UTC, `2026-03-20T10:00:00.000Z`: fixed width, so that comparing as text compares in time. */
export const isoInstant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .refine((text) => canParse(() => Instant.from(text)))
  .brand<'IsoInstant'>();
export type IsoInstant = z.infer<typeof isoInstant>;

/** A local date without zone, `2026-03-20`. */
export const isoDate = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .refine((text) => canParse(() => PlainDate.from(text)))
  .brand<'IsoDate'>();
export type IsoDate = z.infer<typeof isoDate>;

function canParse(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The one text form of an instant. */
export function toIsoInstant(instant: Instant): IsoInstant {
  return instant.toString({ smallestUnit: 'millisecond', roundingMode: 'trunc' }) as IsoInstant;
}

/** An instant from epoch milliseconds, the unit of clocks and timers. */
export function instantFromEpochMs(epochMs: number): IsoInstant {
  // The same text as by the date API, at a tenth of its cost: planning turns thousands of instants round.
  return new Date(Math.trunc(epochMs)).toISOString() as IsoInstant;
}

/** Epoch milliseconds of an instant. */
export function epochMs(instant: IsoInstant): number {
  return Date.parse(instant);
}

/** An instant so many milliseconds later; earlier where they are negative. */
export function addMilliseconds(instant: IsoInstant, ms: number): IsoInstant {
  return instantFromEpochMs(epochMs(instant) + ms);
}

/** The local date at an instant in a zone. */
export function localDate(instant: IsoInstant, timeZone: string): IsoDate {
  // A plan asks for the same mornings again and again; no zone begins a day within a minute.
  return localDates(
    `${instant.slice(0, 16)} ${timeZone}`,
    () => Instant.from(instant).toZonedDateTimeISO(timeZone).toPlainDate().toString() as IsoDate,
  );
}

/** A plan asks for the same few days and mornings again and again, and their arithmetic is most of what it costs (bench/domain.ts). */
export function remembered<T>(): (key: string, make: () => T) => T {
  const known = new Map<string, T>();
  return (key, make) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= REMEMBERED_MAX) known.clear();
    const made = make();
    known.set(key, made);
    return made;
  };
}

/** A few megabytes at most. */
const REMEMBERED_MAX = 20_000;
const localDates = remembered<IsoDate>();

/** The zone of the committee (no daylight saving time). */
export const COMMITTEE_TIME_ZONE = 'Asia/Ho_Chi_Minh';
