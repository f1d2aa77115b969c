/** What the whole life of a task costs the engine: `npm run -s bench:cost`. One JSON line a system. */
import { costDondoc, costStaying, type LifeCost } from './cost-dondoc.ts';
import { costSample, LIFE_COMMANDS, LIFE_REMINDERS } from './cost-sample.ts';
import { costGoalsOf } from './goals.ts';
import { MACHINE } from './machine.ts';
import { say } from './progress.ts';

export interface CostLine {
  readonly bench: 'cost';
  readonly system: string;
  /** Of dondoc: whether its couriers stay for the next message. */
  readonly setting: string;
  readonly reminders: number;
  readonly commands: number;
  readonly events: number;
  readonly actions: number;
  readonly machine: string;
}

if (import.meta.main) {
  const lines: CostLine[] = [];
  const print = (line: Omit<CostLine, 'bench' | 'machine'>) => {
    lines.push({ bench: 'cost', ...line, machine: MACHINE });
    process.stdout.write(`${JSON.stringify(lines.at(-1))}\n`);
  };
  const own = (setting: string, cost: LifeCost) => print({ system: 'dondoc', setting, ...cost });
  own('couriers stay', await costStaying());
  own('couriers go at once', await costDondoc());
  // With the assignment.
  const commands = LIFE_COMMANDS.length + 1;
  print({ system: 'temporal-sample', setting: 'none', reminders: LIFE_REMINDERS, commands, ...(await costSample()) });
  for (const sentence of costGoalsOf(lines)) say(sentence);
  process.exit(0);
}
