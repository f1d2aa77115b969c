/** A calendar as people write it: which country's holidays, which hours, and what was decided beside them. One file a calendar. */
import Holidays from 'date-holidays';
import { z } from 'zod';
import { agencyCode } from '../domain/names.ts';
import { Instant, type IsoDate, isoDate, PlainDate } from '../domain/time.ts';

/** Longer, and it is no decree but another calendar. */
const DAYS_OFF_MAX = 31;
/** In the order of ISO: Monday is 1. */
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** Says which words are known where one is not. */
function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown word ${(issue.keys as string[]).join(', ')}; known here: ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

const date = z
  .string('write a date as YYYY-MM-DD')
  .refine((text) => isoDate.safeParse(text).success, { error: 'no such date; write YYYY-MM-DD', abort: true })
  .transform((text) => text as IsoDate); // the refinement has looked
const localTime = z
  .string('write a local time in quotes, for example "08:00"')
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a local time as HH:MM in quotes, for example "08:00"');
const year = z.int('write a year, for example 2027').min(2000).max(2100);
/** The decision's number, or what makes it one: who reads the calendar must find it again. */
const reason = z.string('say why: the number of the decision').trim().min(1, 'say why: the number of the decision').max(300);

const dayOff = strict({ date, to: date.optional(), reason }).superRefine(({ date: from, to }, context) => {
  if (to === undefined) return;
  const days = PlainDate.from(from).until(PlainDate.from(to), { largestUnit: 'days' }).days;
  if (days < 0) context.addIssue({ code: 'custom', path: ['to'], message: `lies before ${from}; write the last free day` });
  if (days >= DAYS_OFF_MAX)
    context.addIssue({ code: 'custom', path: ['to'], message: `more than ${DAYS_OFF_MAX} days at once; write the last free day` });
});

const officeHours = z
  .array(strict({ from: localTime, to: localTime }))
  .min(1, 'write at least one span, for example { from: "08:00", to: "12:00" }')
  .max(4)
  .superRefine((spans, context) => {
    spans.forEach(({ from, to }, index) => {
      const before = spans[index - 1];
      if (to <= from) context.addIssue({ code: 'custom', path: [index, 'to'], message: `not after ${from}` });
      if (before !== undefined && from < before.to)
        context.addIssue({ code: 'custom', path: [index, 'from'], message: `begins before the span above ends, at ${before.to}` });
    });
  });

export const calendarFile = strict({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'write lower-case letters, digits and hyphens'),
  /** The calendar of which it takes everything that it does not say itself, decisions too. */
  extends: z.string().nullable().default(null),
  /** ISO 3166, as date-holidays knows it; null: no public holidays. */
  country: z
    .string()
    .refine((code) => code in new Holidays().getCountries(), 'no country that is known; write its two letters, for example VN')
    .nullable()
    .optional(),
  timeZone: z.string().refine(isTimeZone, 'no time zone; write one as Asia/Ho_Chi_Minh').optional(),
  weekend: z
    .array(z.enum(WEEKDAYS, `write ${WEEKDAYS.join(', ')}`))
    .max(6, 'at least one day of the week is a working day')
    .transform((days) => days.map((day) => WEEKDAYS.indexOf(day) + 1))
    .optional(),
  officeHours: officeHours.optional(),
  /** A public holiday on a weekend makes the next working day free. */
  compensated: z.boolean().optional(),
  /** Of which years all decisions are in it. */
  known: strict({ from: year, to: year })
    .refine(({ from, to }) => from <= to, { path: ['to'], message: 'before `from`; write the last year that is known' })
    .optional(),
  /** Whose calendar it is. */
  agencies: z.array(agencyCode).default([]),
  daysOff: z.array(dayOff).default([]),
  workingDays: z.array(strict({ date, reason })).default([]),
  /** A working day made free against a free day that is worked. */
  swaps: z.array(strict({ off: date, working: date, reason })).default([]),
}).superRefine((file, context) => {
  if (file.extends === null) {
    for (const [key, cure] of Object.entries(NEEDED)) {
      if (file[key as keyof typeof NEEDED] === undefined)
        context.addIssue({ code: 'custom', path: [key], message: `missing; write ${cure}, or take it from another calendar: extends: vn` });
    }
  } else if (file.country !== undefined)
    context.addIssue({ code: 'custom', path: ['country'], message: 'a calendar with a country of its own extends none; leave out one' });
});
export type CalendarFile = z.infer<typeof calendarFile>;

const NEEDED = {
  country: 'country: VN (or null: no public holidays)',
  timeZone: 'timeZone: Asia/Ho_Chi_Minh',
  weekend: 'weekend: [saturday, sunday]',
  officeHours: 'officeHours: [{ from: "08:00", to: "12:00" }, { from: "13:00", to: "17:00" }]',
  known: 'known: { from: 2026, to: 2027 }',
} as const;

function isTimeZone(zone: string): boolean {
  try {
    Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
