/** A real store with a few people, one task for each word asked for, and rows of the ledger as a test writes them. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPolicy } from '../config/policy.ts';
import type { Person } from '../domain/directory.ts';
import type { IsoInstant } from '../domain/time.ts';
import { freePort } from '../ops/ports.ts';
import { removeState, startPostgres } from '../ops/postgres.ts';
import { type Database, openDatabase } from '../prisma/database.ts';
import { applyMigrations } from '../prisma/migrate.ts';
import { taskRow } from '../prisma/task-record.ts';
import { type Act, HA, LAN, MINH, NOW, SON, taskAfter } from './people.ts';

export interface LedgerRow {
  readonly taskCode?: string;
  readonly recipient?: Person;
  readonly channel?: string;
  readonly step?: string;
  readonly status: string;
  readonly sendAt: IsoInstant;
  readonly [column: string]: unknown;
}

export interface LedgerStore {
  readonly databaseUrl: string;
  readonly database: Database;
  /** A task in the state after some acts. */
  task(code: string, acts?: readonly Act[]): Promise<void>;
  add(...rows: readonly LedgerRow[]): Promise<void>;
  /** Everything of the ledger goes. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export async function openLedgerStore(): Promise<LedgerStore> {
  const state = mkdtempSync(join(tmpdir(), 'dondoc-ledger-'));
  const postgres = await startPostgres({ state, port: await freePort(), supervision: { restartMs: 250, onCrash: () => {} } });
  await applyMigrations({
    databaseUrl: postgres.databaseUrl,
    directory: fileURLToPath(new URL('../prisma/migrations', import.meta.url)),
  });
  const database = openDatabase(postgres.databaseUrl);
  const people = [LAN, MINH, HA, SON];
  const agencies = [...new Set(people.map(({ agency }) => agency))];
  await database.agency.createMany({
    data: agencies.map((code) => ({ code, kind: 'ministry', nameVi: code, nameEn: code, nameFr: code })),
  });
  await database.person.createMany({
    data: people.map(({ email, name, agency, role }) => ({ email, name, agencyCode: agency, role, slackId: `U-${email}` })),
  });
  // What the tasks of test/people.ts name.
  const { document } = loadPolicy(fileURLToPath(new URL('../config/policies/standard.yaml', import.meta.url)));
  const policy = { name: 'standard', version: 1, sha256: 'x', document: document as object, source: '', storedAt: NOW };
  await database.policy.create({ data: policy });
  let added = 0;
  const nextStep = () => {
    added += 1;
    return `step-${added}`;
  };
  return {
    databaseUrl: postgres.databaseUrl,
    database,
    async task(code, acts = []) {
      await database.task.create({ data: { code, ...taskRow(taskAfter(acts, { code })), armedAt: null } });
    },
    async add(...rows) {
      await database.notification.createMany({
        data: rows.map(({ recipient = LAN, channel = 'slack', taskCode = 'LEDGER-1', step = nextStep(), sendAt, ...row }) => ({
          id: randomUUID(),
          key: `${taskCode}/${step}/${recipient.email}/${channel}`,
          taskCode,
          kind: 'reminder',
          step,
          recipient: recipient.email,
          channel,
          sendAt,
          urgent: false,
          reason: 'test',
          plannedAt: '2026-01-01T00:00:00.000Z',
          ...(row.status === 'claimed' ? { claimId: randomUUID() } : {}),
          ...row,
        })),
      });
    },
    async clear() {
      await database.notification.deleteMany();
      await database.notice.deleteMany();
      await database.hold.deleteMany();
      await database.backlog.deleteMany();
      await database.$executeRaw`DELETE FROM rate_limit`;
    },
    async stop() {
      await database.$disconnect();
      await postgres.stop();
      removeState(state);
    },
  };
}
