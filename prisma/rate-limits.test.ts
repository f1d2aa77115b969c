/** Proves on the real PostgreSQL that a limit is one for all who take from it, and that a recipient's courier is the same to all. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { epochMs, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { freePort } from '../ops/ports.ts';
import { type EmbeddedPostgres, removeState, startPostgres } from '../ops/postgres.ts';
import { partitionOf } from '../worker/partition.ts';
import { type Database, openDatabase } from './database.ts';
import { applyMigrations } from './migrate.ts';
import { createRateLimits } from './rate-limits.ts';

const NOON = '2026-11-26T05:00:00.000Z' as IsoInstant;
const at = (ms: number) => instantFromEpochMs(epochMs(NOON) + ms);
const LIMIT = { max: 5, windowMs: 60_000 };
const routine = (count: number) => ({ urgent: 0, routine: count });
let state: string;
let postgres: EmbeddedPostgres;
let database: Database;
beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'dondoc-limits-'));
  postgres = await startPostgres({ state, port: await freePort(), supervision: { restartMs: 250, onCrash: () => {} } });
  await applyMigrations({ databaseUrl: postgres.databaseUrl, directory: fileURLToPath(new URL('./migrations', import.meta.url)) });
  database = openDatabase(postgres.databaseUrl);
});
afterAll(async () => {
  await database.$disconnect();
  await postgres.stop();
  removeState(state);
});

it('grants no more to many at once than to one', async () => {
  const limits = [createRateLimits(database), createRateLimits(database)];
  const taken = await Promise.all(Array.from({ length: 12 }, (_, index) => limits[index % 2]?.take('many', LIMIT, routine(2), NOON)));
  expect(taken.reduce((sum, each) => sum + (each?.granted ?? 0), 0)).toBe(5);
  expect((await limits[0]?.take('many', LIMIT, routine(9), at(59_000)))?.granted).toBe(0);
  expect((await limits[0]?.take('many', LIMIT, routine(9), at(62_000)))?.granted).toBe(5);
});

it('stops all of them when one is refused', async () => {
  const [one, other] = [createRateLimits(database), createRateLimits(database)];
  expect((await one.take('refused', LIMIT, routine(1), NOON)).granted).toBe(1);
  await one.refused('refused', LIMIT, 30_000, NOON);
  expect(await other.take('refused', LIMIT, routine(1), at(29_000))).toEqual({ granted: 0, nextAt: at(30_000) });
});

it('knows the courier of a recipient as the database does', async () => {
  const addresses = Array.from({ length: 200 }, (_, index) => `person-${index}@most.example`);
  const rows = await database.$queryRaw<{ address: string; partition: number }[]>`
    SELECT address, ascii(md5(address)) & 1 AS partition FROM unnest(${addresses}::text[]) AS address`;
  expect(rows.map(({ partition }) => partition)).toEqual(rows.map(({ address }) => partitionOf(address)));
  expect(new Set(rows.map(({ partition }) => partition))).toEqual(new Set([0, 1]));
  const [rule] = await database.$queryRaw<{ rule: string }[]>`
    SELECT pg_get_expr(d.adbin, d.adrelid) AS rule FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE d.adrelid = 'notification'::regclass AND a.attname = 'partition'`;
  expect(rule?.rule).toContain('(ascii(md5(recipient)) & 1)');
});
