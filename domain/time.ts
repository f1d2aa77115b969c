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
  return toIsoInstant(Instant.fromEpochMilliseconds(Math.trunc(epochMs)));
}

/** Epoch milliseconds of an instant. */
export function epochMs(instant: IsoInstant): number {
  return Instant.from(instant).epochMilliseconds;
}

/** The local date at an instant in a zone. */
export function localDate(instant: IsoInstant, timeZone: string): IsoDate {
  return Instant.from(instant).toZonedDateTimeISO(timeZone).toPlainDate().toString() as IsoDate;
}

/** The zone of the committee (no daylight saving time). */
export const COMMITTEE_TIME_ZONE = 'Asia/Ho_Chi_Minh';
