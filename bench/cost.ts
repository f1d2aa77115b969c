/** What the whole life of a task costs the engine: `npm run -s bench:cost`. One JSON line a system. */
import { costDondoc } from './cost-dondoc.ts';
import { costSample, LIFE_COMMANDS, LIFE_REMINDERS } from './cost-sample.ts';
import { MACHINE } from './machine.ts';

export interface CostLine {
  readonly bench: 'cost';
  readonly system: string;
  readonly reminders: number;
  readonly commands: number;
  readonly events: number;
  readonly actions: number;
  readonly machine: string;
}

if (import.meta.main) {
  const own: CostLine = { bench: 'cost', system: 'dondoc', ...(await costDondoc()), machine: MACHINE };
  process.stdout.write(`${JSON.stringify(own)}\n`);
  const line: CostLine = {
    bench: 'cost',
    system: 'temporal-sample',
    reminders: LIFE_REMINDERS,
    // With the assignment.
    commands: LIFE_COMMANDS.length + 1,
    ...(await costSample()),
    machine: MACHINE,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  process.exit(0);
}
