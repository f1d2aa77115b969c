/** Names for people to read, of everyone whom a page mentions: two statements. */
import { z } from 'zod';
import type { Names } from '../../config/refusal-text.ts';
import type { Locale } from '../../domain/names.ts';
import type { Database } from '../../prisma/database.ts';
import { nameColumn } from './task-line.ts';

const named = z.array(z.object({ key: z.string(), name: z.string() }));
/** No address and no code is longer; longer texts need not be looked up. */
const KEY_MAX = 254;

/**
 * The names of the people and agencies that stand anywhere in what the page shows. Whoever is not in the directory is
 * called by address or code.
 */
export async function readNames(database: Database, locale: Locale, shown: unknown): Promise<Names> {
  const keys = [...textsIn(shown)];
  const [people, agencies] = await Promise.all([
    database.$queryRaw`SELECT email AS key, name FROM person WHERE email = ANY(${keys})`,
    database.$queryRaw`SELECT code AS key, ${nameColumn(locale)} AS name FROM agency WHERE code = ANY(${keys})`,
  ]);
  return { person: lookUp(people), agency: lookUp(agencies) };
}

function lookUp(rows: unknown): (key: string) => string {
  const names = new Map(named.parse(rows).map(({ key, name }) => [key, name]));
  return (key) => names.get(key) ?? key;
}

function textsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value === 'string') {
    if (value.length <= KEY_MAX) found.add(value);
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) textsIn(inner, found);
  }
  return found;
}
