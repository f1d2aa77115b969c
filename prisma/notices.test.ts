/** Proves on a real store that what coordinators were told of holds is kept as it was, and that a notice's key is used once for ever. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Email } from '../domain/names.ts';
import type { IsoInstant } from '../domain/time.ts';
import { freePort } from '../ops/ports.ts';
import { type EmbeddedPostgres, removeState, startPostgres } from '../ops/postgres.ts';
import { type Database, openDatabase } from './database.ts';
import { applyMigrations } from './migrate.ts';
import { messagesBetween, storeNotices } from './notices.ts';

const all = fileURLToPath(new URL('./migrations', import.meta.url));
const NOTICES = '20261126020000_notices';
const HOLD = '0b0b0b0b-0000-4000-8000-000000000001';
const HA = 'ha.le@vptw.example' as Email;
const AT = '2026-03-02T02:00:00.000Z' as IsoInstant;
let state: string;
let postgres: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'dondoc-notices-'));
  postgres = await startPostgres({ state, port: await freePort(), supervision: { restartMs: 250, onCrash: () => {} } });
  database = openDatabase(postgres.databaseUrl, 2);
});
afterAll(async () => {
  await database.$disconnect();
  await postgres.stop();
  removeState(state);
});

it('moves what was told of holds, each in its state, under the key of its mail', async () => {
  const { databaseUrl } = postgres;
  const before = mkdtempSync(join(tmpdir(), 'dondoc-migrations-'));
  for (const name of readdirSync(all))
    if (name < NOTICES || name.endsWith('.toml')) cpSync(join(all, name), join(before, name), { recursive: true });
  await applyMigrations({ databaseUrl, directory: before });
  rmSync(before, { recursive: true });
  await database.$executeRaw`INSERT INTO agency (code, kind, name_vi, name_en, name_fr) VALUES ('VPTW', 'central', 'a', 'b', 'c')`;
  for (const email of [HA, 'b@vptw.example'])
    await database.$executeRaw`INSERT INTO person (email, name, agency_code, role) VALUES (${email}, 'x', 'VPTW', 'coordinator')`;
  await database.$executeRaw`
    INSERT INTO hold (id, except_urgent, reason, made_at, until, breaker_day, planned, usual)
    VALUES (${HOLD}::uuid, true, '', ${AT}::timestamptz, '2026-03-02T06:00Z', '2026-03-02', 900, 100)`;
  await database.$executeRaw`
    INSERT INTO hold_notice (hold_id, recipient, channel, status, send_at, attempts, attempted_at, sent_at) VALUES
      (${HOLD}::uuid, ${HA}, 'email', 'sent', ${AT}::timestamptz, 1, ${AT}::timestamptz, ${AT}::timestamptz),
      (${HOLD}::uuid, 'b@vptw.example', 'slack', 'planned', ${AT}::timestamptz, 0, NULL, NULL)`;

  expect(await applyMigrations({ databaseUrl, directory: all })).toContain(NOTICES);
  const rows = await database.notice.findMany({ orderBy: { status: 'asc' } });
  expect(
    rows.map(({ key, kind, recipient, channel, body, urgent, status, attempts }) => [
      key,
      kind,
      recipient,
      channel,
      body,
      urgent,
      status,
      attempts,
    ]),
  ).toEqual([
    [`hold/${HOLD}/b@vptw.example`, 'hold', 'b@vptw.example', 'slack', { hold: HOLD }, true, 'planned', 0],
    [`hold/${HOLD}/${HA}`, 'hold', HA, 'email', { hold: HOLD }, true, 'sent', 1],
  ]);
  expect(await applyMigrations({ databaseUrl, directory: all })).toEqual([]);
  expect((await database.person.findUniqueOrThrow({ where: { email: HA } })).digest).toBe(true);
});

it('plans nothing anew under a key that was used, whatever has become of it', async () => {
  const planned = {
    key: `hold/${HOLD}/${HA}`,
    kind: 'hold' as const,
    recipient: HA,
    channel: 'email' as const,
    sendAt: AT,
    notAfter: null,
  };
  expect(await storeNotices(database, [{ ...planned, body: { hold: HOLD } }], AT)).toBe(false);
  expect(await database.notice.count()).toBe(2);
});

it('counts what a person was told, of that mode, within a span', async () => {
  const span = { recipient: HA, shadow: false, from: AT, until: '2026-03-02T02:00:00.001Z' as IsoInstant };
  expect(await messagesBetween(database, span)).toBe(1);
  expect(await messagesBetween(database, { ...span, until: AT })).toBe(0);
  expect(await messagesBetween(database, { ...span, shadow: true })).toBe(0);
  expect(await messagesBetween(database, { ...span, recipient: 'b@vptw.example' as Email })).toBe(0);
});
