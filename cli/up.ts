/** `dondoc up`: the embedded stack and every part of dondoc, until a signal. */
import { assignNewcomerTasks, NEWCOMER_PEOPLE, seedDirectory } from '../examples/newcomer.ts';
import { freePort } from '../ops/ports.ts';
import { type StackEvent, startStack } from '../ops/stack.ts';
import { startSystem } from './system.ts';

export async function up(o: { state: string; json: boolean; demo: boolean }): Promise<void> {
  const began = performance.now();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const log = ({ part, event, ms, detail }: StackEvent) =>
    say(`  ${part} ${event}${ms === undefined ? '' : ` in ${(ms / 1000).toFixed(1)} s`}${detail === undefined ? '' : `: ${detail}`}`);
  const slackUsers = NEWCOMER_PEOPLE.map(({ slackId, email, name }) => ({
    id: slackId,
    name: email.split('@')[0] ?? email,
    realName: name,
    email,
  }));
  const stack = await startStack({ state: o.state, slackUsers, log, startedAt: new Date().toISOString() });
  const system = await startSystem(stack.info, await freePort(stack.webPort)).catch(async (error: unknown) => {
    await stack.stop();
    throw error;
  });
  stack.setWeb(system.webUrl);

  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await seedDirectory(system);
  if (o.demo) await assignNewcomerTasks(system);
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
    temporal: info.temporalAddress,
    temporalUi: info.temporalUi,
    tasks,
    seconds,
  };
  if (o.json) process.stdout.write(`${JSON.stringify(ready)}\n`);
  else
    process.stdout.write(
      `\ndondoc is ready (${tasks} tasks, ${seconds} s)\n  web      ${ready.web}\n  Slack    ${ready.slack}\n  mails    ${ready.mail}\n  Temporal ${ready.temporalUi}\n`,
    );
  await stopped;
  await system.stop();
  await stack.stop();
  // Everything is stopped; the migration engine's own lock timer would hold the process for up to ten seconds more.
  process.exit(0);
}
