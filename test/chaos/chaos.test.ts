/**
 * Proves on real parts, every one of which is killed once while Slack answers badly, that nothing is lost and nothing told twice, and that
 * every command has one effect; and that a message that was told twice would be seen. A short form of `npm run chaos` (docs/chaos.md); it
 * does not prove what only thousands of messages meet.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runChaos } from './chaos.ts';

const state = () => mkdtempSync(join(tmpdir(), 'dondoc-chaos-'));

it('loses nothing and tells nobody twice', { timeout: 300_000 }, async () => {
  const result = await runChaos({
    seed: '7',
    forMs: 8_000,
    notifications: 60,
    faultTimes: 3,
    aheadMs: 50_000,
    badForMs: 30_000,
    // A courier of a clock that is ahead sleeps by the engine's, which is not: a minute of doubt lasts nearly two.
    patienceMs: 120_000,
    state: state(),
  });
  expect(result.differences).toEqual([]);
  expect(Object.keys(result.kills)).toHaveLength(7);
  expect(result.messages.slack).toBeGreaterThan(0);
  expect(result.messages.email).toBeGreaterThan(0);
  expect(result.commands.deliveries).toBeGreaterThan(result.commands.handedIn);
  expect(result.messages.webhook).toBeGreaterThan(0);
  expect(result.presses).toBeGreaterThan(result.tasks);
  // Of Slack's answers, and of what it sends to the bot.
  expect(Object.keys(result.faults)).toEqual(expect.arrayContaining(['slow', 'twice', 'overtaken']));
  expect(Object.keys(result.faultyCalls)).toEqual(expect.arrayContaining(['chat.postMessage', 'chat.update', 'views.open']));
});

it('would see it: where nobody asks whether a message came, some are told twice', { timeout: 300_000 }, async () => {
  const result = await runChaos({
    seed: '7',
    forMs: 10_000,
    notifications: 90,
    faultTimes: 6,
    withoutKills: true,
    withoutReconcile: true,
    aheadMs: 50_000,
    badForMs: 0,
    patienceMs: 40_000,
    state: state(),
  });
  expect(result.differences.filter(({ verdict }) => verdict === 'twice')).not.toEqual([]);
});
