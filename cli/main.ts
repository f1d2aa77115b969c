/** The `dondoc` command. Results on stdout, logs on stderr; status 0 done, 1 refused or failed, 2 wrong usage. */
import { Client, Connection } from '@temporalio/client';
import { Command } from 'commander';
import { refusalText } from '../config/refusal-text.ts';
import { request } from '../domain/command.ts';
import { email, taskCode } from '../domain/names.ts';
import { instantFromEpochMs } from '../domain/time.ts';
import { createInbox } from '../inbox/inbox.ts';
import { readStackInfo } from '../ops/stack.ts';
import { openDatabase } from '../prisma/database.ts';
import { examine } from './doctor.ts';
import { listTasks, showTask } from './task.ts';
import { up } from './up.ts';

const program = new Command('dondoc').description('Follows every assigned task until it is really done.').exitOverride();
const state = () => (program.opts().state as string | undefined) ?? process.env.DONDOC_STATE ?? '.dondoc';
program.option('--state <dir>', 'state folder (or DONDOC_STATE)').option('--json', 'one JSON document on stdout');

/** What is said to a person instead of a stack trace. */
class Failure extends Error {}

function running() {
  const info = readStackInfo(state());
  if (info === null || info.pid === 0)
    throw new Failure(`no stack runs on the state folder ${state()}; start one with: npm start -- --state ${state()}`);
  return info;
}

function print(document: unknown, human: string): void {
  process.stdout.write(`${program.opts().json ? JSON.stringify(document) : human}\n`);
}

program
  .command('up')
  .description('start the embedded stack and every part of dondoc')
  .option('--demo', 'with demo data')
  .option('--no-demo', 'without demo data')
  .action((options: { demo?: boolean }) => up({ state: state(), json: program.opts().json === true, demo: options.demo === true }));

const task = program.command('task').description('tasks, and the commands that chat and mail send');
task
  .command('list')
  .option('--status <status>')
  .option('--agency <code>')
  .option('--assignee <email>')
  .option('--overdue')
  .option('--limit <n>', 'at most so many', '100')
  .action(async (options: { status?: string; agency?: string; assignee?: string; overdue?: boolean; limit: string }) => {
    const database = openDatabase(running().databaseUrl, 2);
    const found = await listTasks(database, { ...options, limit: Number(options.limit) }, instantFromEpochMs(Date.now()));
    print(found, found.tasks.map(({ code, status, deadline, title }) => `${code}  ${status}  ${deadline}  ${title}`).join('\n'));
    await database.$disconnect();
  });
task.command('show <code>').action(async (code: string) => {
  const database = openDatabase(running().databaseUrl, 2);
  const shown = await showTask(database, code);
  await database.$disconnect();
  if (shown === null) throw new Failure(refusalText('en', { refused: 'task_unknown', details: { code } }));
  print(shown, JSON.stringify(shown, null, 2));
});

const said = (options: Record<string, string | undefined>) => [
  ...(options.text === undefined ? [] : [{ type: 'text', text: options.text }]),
  ...(options.link === undefined ? [] : [{ type: 'link', url: options.link }]),
];
const verbs: Record<string, (options: Record<string, string | undefined>) => unknown> = {
  acknowledge: () => ({ type: 'AcknowledgeTask' }),
  report: (options) => ({ type: 'ReportDone', evidence: said(options) }),
  verify: (options) => ({ type: 'VerifyTask', note: options.text ?? '' }),
  return: (options) => ({ type: 'ReturnTask', reason: options.reason ?? '' }),
  transfer: (options) => ({ type: 'RequestTransfer', toAgency: options.to, reason: options.reason ?? '' }),
  cancel: (options) => ({ type: 'CancelTask', reason: options.reason ?? '' }),
};
for (const [verb, toRequest] of Object.entries(verbs)) {
  task
    .command(`${verb} <code>`)
    .requiredOption('--as <email>', 'who acts')
    .option('--reason <text>')
    .option('--text <text>', 'evidence or note')
    .option('--link <url>', 'evidence')
    .option('--to <agency>')
    .option('--key <key>', 'repeat an act under the same key; the outcome is the same')
    .action(async (code: string, options: Record<string, string | undefined>) => {
      const info = running();
      const parsed = request.safeParse(toRequest(options));
      if (!parsed.success) throw new Failure(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
      const database = openDatabase(info.databaseUrl, 2);
      const connection = await Connection.connect({ address: info.temporalAddress });
      const inbox = createInbox({
        database,
        temporal: new Client({ connection }),
        now: () => instantFromEpochMs(Date.now()),
        waitMs: 10_000,
      });
      const key = `cli:${options.key ?? crypto.randomUUID()}`;
      const answer = await inbox.submit({
        key,
        code: taskCode.parse(code),
        actor: email.parse(options.as),
        via: 'cli',
        request: parsed.data,
      });
      await connection.close();
      await database.$disconnect();
      if (answer.answer === 'refused') process.exitCode = 1;
      if (answer.answer === 'not_stored') process.exitCode = 1;
      print(answer, answer.answer === 'refused' ? refusalText('en', answer.refusal) : `${code}: ${answer.answer}`);
    });
}

program
  .command('doctor')
  .description('verify the record of every task')
  .action(async () => {
    const database = openDatabase(running().databaseUrl, 2);
    const report = await examine(database);
    await database.$disconnect();
    if (report.findings.length > 0) process.exitCode = 1;
    print(
      report,
      [
        `${report.tasks} tasks, ${report.events} events`,
        ...report.findings.map(({ code, finding, detail }) => `${code}: ${finding} (${detail})`),
      ].join('\n'),
    );
  });

try {
  await program.parseAsync();
} catch (error) {
  const { code, message, exitCode } = error as { code?: string; message: string; exitCode?: number };
  if (code?.startsWith('commander.') === true) process.exitCode = exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`dondoc: ${message}\n`);
    process.exitCode = 1;
  }
}
