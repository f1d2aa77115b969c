/** The list's filters as they stand in the URL: the same parameters that the scoreboard's figures link to. */
import { z } from 'zod';
import { agencyCode, RISK_LEVELS, STATUSES } from '../domain/names.ts';
import { STANDINGS } from '../domain/scoreboard.ts';
import { isoDate } from '../domain/time.ts';
import type { Query } from './view.ts';

/** `counted` is every task that the scoreboard's total counts, in whatever standing. */
export const STANDING_CHOICES = ['counted', ...STANDINGS] as const;

const words = z
  .string()
  .trim()
  .max(200)
  // PostgreSQL stores no NUL; the other control characters are no words either.
  .regex(/^[^\u0000-\u001f\u007f]*$/)
  // Vietnamese comes composed or decomposed, by keyboard; stored texts are composed.
  .transform((given) => given.normalize('NFC'));

const FIELDS = {
  standing: z.enum(STANDING_CHOICES),
  status: z.enum(STATUSES),
  agency: agencyCode,
  /** As computed, or as somebody said; such a list begins with the likeliest. */
  risk: z.enum(RISK_LEVELS),
  /** Part of the assignee's name or address. */
  assignee: words,
  /** Part of the title or code. */
  q: words,
  /** A local date; a deadline on that day counts. */
  due_before: isoDate,
  /** Only tasks that lack evidence that is owed. */
  missing_evidence: z.literal('yes'),
  page: z
    .string()
    .regex(/^[1-9]\d{0,5}$/)
    .transform(Number),
} as const;

export type FilterName = keyof typeof FIELDS;
export const FILTER_NAMES = Object.keys(FIELDS) as FilterName[];
export type Filters = { readonly [Name in FilterName]?: z.infer<(typeof FIELDS)[Name]> };
/** A filter that means nothing, with the value as given. */
export interface BadFilter {
  readonly name: FilterName;
  readonly value: string;
}

/** Reads the filters; an empty value is no filter, as a form sends it. */
export function readFilters(query: Query): { filters: Filters; bad: BadFilter[] } {
  const read: Record<string, unknown> = {};
  const bad: BadFilter[] = [];
  for (const name of FILTER_NAMES) {
    const value = query[name] ?? '';
    if (value.trim() === '') continue;
    const parsed = FIELDS[name].safeParse(value);
    if (parsed.success) read[name] = parsed.data;
    else bad.push({ name, value });
  }
  return { filters: read as Filters, bad }; // each field was parsed by its own schema above
}
