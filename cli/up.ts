/** `dondoc up`: the embedded stack and every part of dondoc, until a signal. */
import { readEnvironment } from '../config/env.ts';
import { exampleSlackUsers, importDemoTasks, seedDirectory } from '../examples/demo.ts';
import { freePort } from '../ops/ports.ts';
import { untilSignal } from '../ops/process.ts';
import { type StackEvent, startStack } from '../ops/stack.ts';
import type { Context } from './context.ts';
import { connectionsOf, startSystem } from './system.ts';

export async function up({ state, print, say }: Context, demo: boolean): Promise<void> {
  const began = performance.now();
  const signalled = untilSignal();
  const log = ({ part, event, ms, detail }: StackEvent) =>
    say(`  ${part} ${event}${ms === undefined ? '' : ` in ${(ms / 1000).toFixed(1)} s`}${detail === undefined ? '' : `: ${detail}`}`);
  const stack = await startStack({
    state,
    slackUsers: exampleSlackUsers(),
    log,
    environment: readEnvironment(process.env),
    startedAt: new Date().toISOString(),
  });
  const system = await startSystem(connectionsOf(stack.info), await freePort(stack.webPort)).catch(async (error: unknown) => {
    await stack.stop();
    throw error;
  });
  stack.setWeb(system.listensAt);

  await seedDirectory(system);
  if (demo) await importDemoTasks(system, state);
  system.sweep();
  const tasks = await system.database.task.count();
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  const { info } = stack;
  const ready = {
    event: 'ready',
    web: info.web,
    slack: info.slack?.url ?? null,
    slackControl: info.slack?.control ?? null,
    mail: info.mail.url,
    mailApi: info.mail.api,
    smtpIn: null,
    temporal: info.temporal.address,
    temporalUi: info.temporalUi,
    tasks,
    seconds,
  };
  print(
    ready,
    `\ndondoc is ready (${tasks} tasks, ${seconds} s)\n  web      ${ready.web}\n  Slack    ${ready.slack ?? 'absent on this platform'}\n  mails    ${ready.mail}\n  Temporal ${ready.temporalUi}`,
  );
  await signalled;
  await system.stop();
  await stack.stop();
  // Everything is stopped; the migration engine's own lock timer would hold the process for up to ten seconds more.
  process.exit(0);
}
