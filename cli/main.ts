/** The `dondoc` command. Results on stdout, logs on stderr; status 0 done, 1 refused or failed, 2 wrong usage. */
import { Command, CommanderError } from 'commander';
import { type AbsenceFlags, addAbsence, endAbsenceNow, listAbsences } from './absence.ts';
import { act, FLAGS, VERBS, type VerbName } from './act.ts';
import {
  type DecisionFlags,
  listAgencies,
  type MergeFlags,
  mergeAgencies,
  type NameFlags,
  renameAgency,
  type SplitFlags,
  splitAgency,
  undoChange,
} from './agency.ts';
import { BULK_VERBS, bulk } from './bulk.ts';
import { type Context, Failure, Usage } from './context.ts';
import { doctor } from './doctor.ts';
import type { FutureFlags } from './futures.ts';
import { type ImportFlags, importFile } from './import.ts';
import { checkPolicy } from './policy.ts';
import { diffPolicies } from './policy-diff.ts';
import { type RehearseFlags, rehearseYear } from './rehearse.ts';
import { replayPolicy } from './replay.ts';
import { type ReportFlags, report } from './report.ts';
import { ROLES } from './roles.ts';
import { simulatePolicy } from './simulate.ts';
import { type ListFlags, listTasks, showTask } from './task.ts';

const program = new Command('dondoc')
  .description('Follows every assigned task until it is really done.')
  .exitOverride()
  .option('--state <dir>', 'state folder (or DONDOC_STATE)')
  .option('--json', 'one JSON document on stdout');

function context(): Context {
  const { state, json } = program.opts<{ state?: string; json?: boolean }>();
  return {
    state: state ?? process.env.DONDOC_STATE ?? '.dondoc',
    json: json === true,
    print: (document, human) => void process.stdout.write(`${json === true ? JSON.stringify(document) : human}\n`),
    say: (line) => void process.stderr.write(`${line}\n`),
  };
}

/** `true` is status 0, `false` status 1. */
const status = (well: boolean) => {
  if (!well) process.exitCode = 1;
};

/** Flags may stand before or after the subcommand. */
const everywhere = (command: Command) =>
  command
    .option('--state <dir>')
    .option('--json')
    .hook('preAction', (_, action) => {
      const { state, json } = action.opts<{ state?: string; json?: boolean }>();
      if (state !== undefined) program.setOptionValue('state', state);
      if (json === true) program.setOptionValue('json', true);
    });

everywhere(program.command('up'))
  .description('start the embedded stack and every part of dondoc')
  .option('--demo', 'with demo data')
  .option('--no-demo', 'without demo data')
  .action(async (flags: { demo?: boolean }) => {
    // Whatever else is asked need not wait until every part is read.
    const { up } = await import('./up.ts');
    return up(context(), flags.demo === true);
  });

everywhere(program.command('import <file>'))
  .description('import tasks, agencies or people from a CSV file')
  .option('--dry-run', 'check everything, write nothing')
  .option('--skip-refused', 'write the good rows; the others go to a file that can be mended and imported again')
  .option('--as-of <date>', 'the date on which the file tells the truth')
  .option('--shift-to <date>', 'move all dates so that --as-of becomes this date')
  .action(async (file: string, flags: ImportFlags) => status(await importFile(context(), file, flags)));

const task = program.command('task').description('tasks, and the commands that chat and mail send');
everywhere(task.command('list'))
  .option('--status <status>')
  .option('--agency <code>')
  .option('--assignee <email>')
  .option('--overdue')
  .option('--limit <n>', 'at most so many', '100')
  .action((flags: ListFlags) => listTasks(context(), flags));
everywhere(task.command('show <code>')).action((code: string) => showTask(context(), code));
for (const [verb, { about, flags }] of Object.entries(VERBS)) {
  const command = everywhere(task.command(`${verb} <code>`))
    .description(about)
    .requiredOption('--as <email>', 'who acts')
    .option('--key <key>', 'the same act under the same key has one effect');
  for (const flag of flags) {
    const [written, meaning] = FLAGS[flag];
    command.option(written, meaning);
  }
  // The table's own keys.
  command.action(async (code: string, given: Parameters<typeof act>[3]) => status(await act(context(), verb as VerbName, code, given)));
}

const many = program.command('bulk').description('one act on every open task that a filter finds; see it first with --dry-run');
for (const verb of BULK_VERBS) {
  const { about, flags } = VERBS[verb];
  const command = everywhere(many.command(verb))
    .description(about)
    .requiredOption('--as <email>', 'who acts')
    .option('--dry-run', 'only say which tasks, and whom it concerns')
    .option('--key <key>', 'the same act under the same key has one effect')
    .option('--in-agency <code>', 'led by this agency')
    .option('--in-group <text>', 'of this group of work')
    .option('--of-assignee <email>', 'of this assignee')
    .option('--in-status <status>', 'in this status')
    .option('--overdue', 'past the deadline')
    .option('--all', 'every open task');
  for (const flag of flags) {
    const [written, meaning] = FLAGS[flag];
    command.option(written, meaning);
  }
  command.action(async (given: Parameters<typeof bulk>[2]) => status(await bulk(context(), verb, given)));
}

const absence = program.command('absence').description('who stands in for whom');
everywhere(absence.command('add <person>'))
  .requiredOption('--substitute <email>', 'who stands in')
  .requiredOption('--from <date>', 'first day')
  .requiredOption('--to <date>', 'last day')
  .requiredOption('--as <email>', 'the person, the head of the agency, or a coordinator')
  .action(async (person: string, flags: AbsenceFlags) => status(await addAbsence(context(), person, flags)));
everywhere(absence.command('end <id>'))
  .requiredOption('--as <email>', 'the person, the head of the agency, or a coordinator')
  .action(async (id: string, flags: { as: string }) => status(await endAbsenceNow(context(), id, flags.as)));
everywhere(absence.command('list')).action(() => listAbsences(context()));

everywhere(program.command('report'))
  .description("the scoreboard's figures")
  .option('--as-of <date>')
  .option('--by-agency', 'the figures of each lead agency too')
  .option('--structure <structure>', 'new: agencies as they are now; old: as tasks were given to them')
  .action((flags: ReportFlags) => report(context(), flags));

const agency = program.command('agency').description('agencies, and their merging, splitting and renaming');
/** What every change of agencies takes. */
const decided = (command: Command) =>
  everywhere(command)
    .requiredOption('--as <email>', 'the coordinator who enters it')
    .option('--from <date>', 'since when it holds: today (the default) or earlier')
    .option('--dry-run', 'say what would change, change nothing');
const names = (command: Command) =>
  command.option('--name-vi <name>', 'Vietnamese').option('--name-en <name>', 'English').option('--name-fr <name>', 'French');
everywhere(agency.command('list')).action(() => listAgencies(context()));
names(decided(agency.command('merge <agencies...>')))
  .requiredOption('--into <code>', 'a new agency, or one of those merged')
  .option('--head <email>', 'absent: the head of the first that has one')
  .action(async (codes: string[], flags: MergeFlags) => status(await mergeAgencies(context(), codes, flags)));
decided(agency.command('split <agency>'))
  .requiredOption('--into <part...>', 'CODE=person@…,person2@… for each part; who is not named stays')
  .option('--name-vi <names...>', 'CODE=name, for each new part')
  .option('--name-en <names...>', 'CODE=name')
  .option('--name-fr <names...>', 'CODE=name')
  .action(async (code: string, flags: SplitFlags) => status(await splitAgency(context(), code, flags)));
names(decided(agency.command('rename <agency>'))).action(async (code: string, flags: DecisionFlags & NameFlags) =>
  status(await renameAgency(context(), code, flags)),
);
everywhere(agency.command('undo <change>'))
  .requiredOption('--as <email>', 'the coordinator who undoes it')
  .option('--dry-run', 'say what would go back, change nothing')
  .action(async (change: string, flags: Omit<DecisionFlags, 'from'>) => status(await undoChange(context(), change, flags)));

const policy = program.command('policy').description('escalation policies');
everywhere(policy.command('check <file>')).action((file: string) => status(checkPolicy(context(), file)));

/** Which tasks, and from when to when. */
const within = (command: Command) =>
  everywhere(command)
    .option('--task <code>', 'one task')
    .option('--all', 'every task (the default)')
    .option('--from <date>', 'first day')
    .option('--to <date>', 'last day');
within(policy.command('simulate [file]'))
  .description('what open tasks will tell if nobody acts; without a file or name under the policy of each')
  .action((file: string | undefined, flags: FutureFlags) => simulatePolicy(context(), file, flags));
within(policy.command('diff <a> <b>'))
  .description('who would hear more, less, earlier or later under the second of two files or names')
  .action((a: string, b: string, flags: FutureFlags) => diffPolicies(context(), a, b, flags));
within(policy.command('replay [file]'))
  .description('what really happened under a policy: who would have been told, and what late tasks had been heard of earlier')
  .action((file: string | undefined, flags: FutureFlags) => replayPolicy(context(), file, flags));
everywhere(program.command('rehearse'))
  .description('a whole year with modelled people: peaks, caps, who has too much')
  .requiredOption('--year <year>', 'for example 2027')
  .option('--people <n>', 'how many people', '400')
  .option('--tasks <n>', 'how many tasks', '1287')
  .option('--seed <text>', 'the same seed gives the same report', '57')
  .option('--policy <file>', "the committee's own where absent")
  .option('--engine <n>', 'so many of the tasks on the real engine too; 0: none', '30')
  .action(async (flags: RehearseFlags) => status(await rehearseYear(context(), flags)));

everywhere(program.command('doctor'))
  .description('compare record, rows, workflows and ledger')
  .option('--fix', 'mend what is safe')
  .action(async (flags: { fix?: boolean }) => status(await doctor(context(), flags.fix === true)));

everywhere(program.command('migrate'))
  .description('production: bring the database of DATABASE_URL up to date')
  .action(async () => (await import('./role.ts')).migrate(context()));
for (const role of ROLES) {
  everywhere(program.command(role))
    .description(`production: run the ${role} alone`)
    .action(async () => (await import('./role.ts')).runRole(context(), role));
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`dondoc: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof Usage ? 2 : 1;
    // A mistake of ours must be found again; a sentence for people is enough for everything else.
    if (!(error instanceof Failure) && !(error instanceof Usage) && process.env.DONDOC_DEBUG) console.error(error);
  }
}
