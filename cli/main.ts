/** The `dondoc` command. Results on stdout, logs on stderr; status 0 done, 1 refused or failed, 2 wrong usage. */
import { Command, CommanderError } from 'commander';
import { CHANNELS } from '../domain/names.ts';
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
import { checkCalendar, type LoadFlags, load, showCalendar } from './calendar.ts';
import { type Context, Failure, Usage } from './context.ts';
import { delivery } from './delivery.ts';
import { doctor } from './doctor.ts';
import type { FutureFlags } from './futures.ts';
import { heartbeat } from './heartbeat.ts';
import { type HoldFlags, hold, letGo, listHolds } from './hold.ts';
import { type ImportFlags, importFile } from './import.ts';
import { checkPolicy, listPolicies, loadPolicyFile, showPolicy } from './policy.ts';
import { diffPolicies } from './policy-diff.ts';
import { type RehearseFlags, rehearseYear } from './rehearse.ts';
import { replayPolicy } from './replay.ts';
import { type ReportFlags, report } from './report.ts';
import { type DocumentFlags, reportDocument } from './report-document.ts';
import { type ExplainFlags, explainFigures } from './report-explain.ts';
import { type LetterFlags, writeLetters } from './report-letters.ts';
import { reportShadow, type ShadowFlags } from './report-shadow.ts';
import { evaluateRisk } from './risk.ts';
import { ROLES } from './roles.ts';
import { simulatePolicy } from './simulate.ts';
import { type ListFlags, listTasks, showTask } from './task.ts';
import { explainSilence, type LanguageFlags, why } from './why.ts';

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
  .option('--locale <locale>', 'in which language mistakes are explained: vi, en (default), fr')
  .action(async (file: string, flags: ImportFlags) => status(await importFile(context(), file, flags)));

const task = program.command('task').description('tasks, and the commands that chat and mail send');
everywhere(task.command('list'))
  .option('--status <status>')
  .option('--agency <code>')
  .option('--assignee <email>')
  .option('--overdue')
  .option('--missing-evidence', 'with a product due by now that has neither evidence nor waiver')
  .option('--risk <level>', 'low, medium, high: as computed, or as somebody said')
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
    .option('--under-policy <name>', 'followed under this policy: NAME or NAME@VERSION')
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
everywhere(absence.command('end <which>'))
  .description('end an absence by its id; by an address, say that who was believed gone for good is there')
  .requiredOption('--as <email>', 'the person, the head of the agency, or a coordinator')
  .action(async (which: string, flags: { as: string }) => status(await endAbsenceNow(context(), which, flags.as)));
everywhere(absence.command('list')).action(() => listAbsences(context()));

const reporting = everywhere(program.command('report'))
  .description("the scoreboard's figures")
  .option('--as-of <date>')
  .option('--by-agency', 'the figures of each lead agency too')
  .option('--structure <structure>', 'new: agencies as they are now; old: as tasks were given to them')
  .option('--format <format>', 'as a document to hand on: md, html, docx or xlsx')
  .option('--out <path>', 'the file, or the folder for letters')
  .option('--since <date>', 'the day of the last report: what has changed')
  .option('--agency <code>', 'of one lead agency')
  .option('--lang <language>', 'vi, en or fr')
  .action((flags: ReportFlags & Partial<DocumentFlags>) => {
    const { format, byAgency, structure, ...rest } = flags;
    if (format === undefined) {
      const [stray] = (['out', 'since', 'agency', 'lang'] as const).filter((flag) => rest[flag] !== undefined);
      if (stray !== undefined) throw new Usage(`--${stray} goes with --format, or with a subcommand of report`);
      return report(context(), flags);
    }
    if (byAgency === true || structure !== undefined) throw new Usage('--by-agency and --structure do not go with --format');
    return reportDocument(context(), { format, ...rest });
  });
everywhere(reporting.command('explain <a> <b>'))
  .description('why two figures differ: the tasks in one and not in the other, each with the reason')
  // A flag that `report` has too is taken by it, wherever it stands.
  .action((a: string, b: string, _flags: object, command: Command) =>
    explainFigures(context(), a, b, command.optsWithGlobals<ExplainFlags>()),
  );
everywhere(reporting.command('letters'))
  .description('a nudge letter (DOCX) for each agency with late tasks; see them first with --dry-run')
  .option('--dry-run', 'only say which agencies and tasks')
  .action((_flags: object, command: Command) => writeLetters(context(), command.optsWithGlobals<LetterFlags>()));

everywhere(reporting.command('shadow'))
  .description('what would have been sent to whom in shadow mode')
  .option('--from <date>', 'first day')
  .option('--to <date>', 'last day')
  .action((flags: ShadowFlags) => reportShadow(context(), flags));

const holds = everywhere(program.command('hold [what]'))
  .description('suspend sending: all, --agency or --channel; always with an end')
  .option('--agency <code>', 'to the people of this agency')
  .option('--channel <channel>', `by one of ${CHANNELS.join(', ')}`)
  .option('--until <when>', '+2h, a date, or an instant')
  .option('--reason <text>', 'why; shown wherever the hold is')
  .option('--except-urgent', 'let urgent notifications through')
  .option('--as <email>', 'the coordinator who decides it')
  .action(async (what: string | undefined, flags: HoldFlags) => status(await hold(context(), what, flags)));
everywhere(holds.command('list'))
  .description('what is held, until when and why')
  .action(() => listHolds(context()));
everywhere(holds.command('release <id>'))
  .description('let it go before its end: everything that still applies goes out merged')
  .action(async (id: string, _: object, command: Command) => status(await letGo(context(), id, command.optsWithGlobals<HoldFlags>())));

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

const risk = program.command('risk').description('early warning');
everywhere(risk.command('evaluate'))
  .description('how well the risk foretold the ends of finished tasks')
  .option('--at-share <share>', 'of the time from assignment to first deadline; absent: 0.5 and 0.75')
  .action((flags: { atShare?: string }) => evaluateRisk(context(), flags));

const policy = program.command('policy').description('escalation policies');
everywhere(policy.command('heartbeat'))
  .description('when each step of the policies in force last told anyone, and will next')
  .action(() => heartbeat(context()));
everywhere(policy.command('check <file>'))
  .description('every mistake with its line, and what would be right; beside a running stack people and channels too')
  .action(async (file: string) => status(await checkPolicy(context(), file)));
everywhere(policy.command('show <policy>'))
  .description('what holds in the end, of a file or of NAME[@VERSION]: each line with the file and line that it comes from')
  .action(async (named: string) => status(await showPolicy(context(), named)));
everywhere(policy.command('load <file>'))
  .description('put a version in force for new tasks; a version never changes')
  .action(async (file: string) => status(await loadPolicyFile(context(), file)));
everywhere(policy.command('list'))
  .description('every version, since when, and how many open tasks are followed under it')
  .action(() => listPolicies(context()));

const lang = (command: Command) => everywhere(command).option('--lang <code>', 'vi, en or fr', 'en');
lang(program.command('why <notification>'))
  .description('why a notification was planned, and what became of it')
  .action((which: string, flags: LanguageFlags) => why(context(), which, flags));
lang(program.command('why-not <task> <person> <date>'))
  .description('why somebody is, or was, not told of a task on a day')
  .action((code: string, person: string, date: string, flags: LanguageFlags) => explainSilence(context(), code, person, date, flags));

const calendar = program.command('calendar').description('working days and office hours');
everywhere(calendar.command('check <file>')).action(async (file: string) => status(await checkCalendar(context(), file)));
everywhere(calendar.command('show [name]'))
  .description('the calendars in force, and each day that is not what its weekday says')
  .option('--year <year>', 'default: this one')
  .action((name: string | undefined, { year }: { year?: string }) => showCalendar(context(), name, year));
everywhere(calendar.command('load <file>'))
  .description('put a calendar in force; open tasks are planned anew')
  .option('--as <email>', 'the coordinator who enters it')
  .option('--dry-run', 'say what would move, change nothing')
  .action(async (file: string, flags: LoadFlags) => status(await load(context(), file, flags)));

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
  .option('--engine <n>', 'so many of the tasks on the real engine too; all, or 0: none', '30')
  .action(async (flags: RehearseFlags) => status(await rehearseYear(context(), flags)));

everywhere(program.command('rollout').description('a new version of the code').command('check'))
  .description('whether the running workflows can go on with the code that is installed here; changes nothing')
  .action(async () => {
    // The engine's replayer is read by nobody else.
    const { checkRollout } = await import('./rollout.ts');
    status(await checkRollout(context()));
  });
everywhere(program.command('delivery'))
  .description('how long messages waited, a day and a channel, and what is late now and why')
  .option('--days <n>', 'so many days back', '14')
  .action((flags: { days: string }) => delivery(context(), flags));

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
