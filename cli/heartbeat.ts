/** `dondoc policy heartbeat`: when each step of the policies in force last told anyone, and when it will next. */
import { readHeartbeat } from '../prisma/heartbeat.ts';
import { type Context, withDatabase } from './context.ts';

export async function heartbeat(context: Context): Promise<void> {
  const policies = await withDatabase(context, (database) => readHeartbeat(database));
  const document = policies.map(({ policy: { name, version }, openTasks, steps }) => ({
    policy: name,
    version,
    openTasks,
    steps: steps.map(({ step, ...beat }) => ({ step: step.id, ...beat })),
  }));
  const moment = (at: string | null) => (at === null ? '-' : at.slice(0, 16)).padEnd(17);
  const lines = document.flatMap(({ policy, version, openTasks, steps }) => [
    `${policy} v${version}: ${openTasks} open tasks`,
    `  ${'step'.padEnd(24)}  ${'last'.padEnd(17)}  ${'next'.padEnd(17)}  told  planned`,
    ...steps.map(
      ({ step, lastAt, nextAt, told, planned }) =>
        `  ${step.padEnd(24)}  ${moment(lastAt)}  ${moment(nextAt)}  ${String(told).padStart(4)}  ${String(planned).padStart(7)}`,
    ),
  ]);
  context.print({ policies: document }, lines.length === 0 ? 'no policy is in force: there is no open task' : lines.join('\n'));
}
