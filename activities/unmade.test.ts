/** Proves that a message counts as one that cannot be made only while the store answers. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../prisma/database.ts';
import { type LedgerStore, openLedgerStore } from '../test/ledger-store.ts';
import { unmadeBy } from './unmade.ts';

let store: LedgerStore;
beforeAll(async () => {
  store = await openLedgerStore();
});
afterAll(() => store.stop());

it('says what was wrong where the store answers', async () => {
  expect(await unmadeBy(new Error('no such text'), store.database)).toEqual({ unmade: 'no such text' });
});

it('ends the run where it does not', async () => {
  const away = openDatabase('postgresql://nobody@127.0.0.1:1/nothing');
  await expect(unmadeBy(new Error('no such text'), away)).rejects.toThrow("Can't reach database server");
  await away.$disconnect();
});
