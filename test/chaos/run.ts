/** `npm run chaos -- --minutes 3 --seed 7 [--notifications N] [--fault-times N] [--without-reconcile] [--keep] [--json]`: see docs/chaos.md. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ChaosResult, runChaos } from './chaos.ts';

const DIFFERENCES_SHOWN = 50;
const BAD_WITHOUT_RECONCILE_MS = 30_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    notifications: { type: 'string' },
    'fault-times': { type: 'string', default: '1' },
    'without-reconcile': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const forMs = Number(values.minutes) * 60_000;
const notifications = Number(values.notifications ?? Math.round(Number(values.minutes) * 1_000));
const faultTimes = Number(values['fault-times']);
if (!(forMs > 0 && notifications > 0 && faultTimes > 0)) {
  process.stderr.write('write --minutes, --notifications and --fault-times as numbers above 0\n');
  process.exit(2);
}

const aborted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => aborted.abort(new Error(`ended by ${signal}`)));
// Whatever goes wrong in the run itself, its processes are not left behind.
process.once('uncaughtException', (error) => aborted.abort(error));

const result = await runChaos({
  seed: values.seed,
  forMs,
  notifications,
  faultTimes,
  withoutReconcile: values['without-reconcile'],
  // Most of a short run goes out after the chaos; told twice again and again, it would not come to rest for long.
  ...(values['without-reconcile'] ? { badForMs: BAD_WITHOUT_RECONCILE_MS } : {}),
  patienceMs: 120_000,
  signal: aborted.signal,
  state: mkdtempSync(join(tmpdir(), 'dondoc-chaos-')),
  keep: values.keep,
  say: (line) => void process.stderr.write(`${line}\n`),
});
process.stdout.write(values.json ? `${JSON.stringify({ seed: values.seed, ...result })}\n` : human(values.seed, result));
process.exit(result.differences.length === 0 ? 0 : 1);

function human(seed: string, r: ChaosResult): string {
  const of = (verdict: string) => r.differences.filter((each) => each.verdict === verdict).length;
  const all = Object.values(r.notifications).reduce((a, b) => a + b, 0);
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  return [
    `seed ${seed}, ${r.tasks} tasks, at rest ${(r.restedAfterMs / 1_000).toFixed(0)} s after the last fault`,
    `notifications ${all}: ${list(r.notifications)}`,
    `messages: Slack ${r.messages.slack}, mails ${r.messages.email}, gateway ${r.messages.webhook}`,
    `presses ${r.presses}; commands ${r.commands.handedIn} handed in ${r.commands.deliveries} times, ${r.commands.stored} stored with those of presses`,
    `kills: ${list(r.kills)}; ended by themselves: ${list(r.ended)}`,
    `faults: ${list(r.faults)}`,
    `of them by method of Slack: ${list(r.faultyCalls)}`,
    ...Object.entries(r.uncertain).map(([why, count]) => `uncertain, ${why}: ${count}`),
    ...r.differences.slice(0, DIFFERENCES_SHOWN).map(({ verdict, what, why }) => `${verdict}: ${what}: ${why}`),
    ...(r.differences.length > DIFFERENCES_SHOWN ? [`… and ${r.differences.length - DIFFERENCES_SHOWN} more`] : []),
    `lost ${of('lost')}, twice ${of('twice')}${of('wrong') === 0 ? '' : `, wrong ${of('wrong')}`}`,
    '',
  ].join('\n');
}
