/** What the whole life of a task costs the engine: `npm run -s bench:cost`. One JSON line a system. */
import { costDondoc, costStaying, type LifeCost } from './cost-dondoc.ts';
import { costSample, LIFE_COMMANDS, LIFE_REMINDERS } from './cost-sample.ts';
import { MACHINE } from './machine.ts';

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
  const own = (setting: string, cost: LifeCost): CostLine => ({ bench: 'cost', system: 'dondoc', setting, ...cost, machine: MACHINE });
  process.stdout.write(`${JSON.stringify(own('couriers stay', await costStaying()))}\n`);
  process.stdout.write(`${JSON.stringify(own('couriers go at once', await costDondoc()))}\n`);
  const line: CostLine = {
    bench: 'cost',
    system: 'temporal-sample',
    setting: 'none',
    reminders: LIFE_REMINDERS,
    // With the assignment.
    commands: LIFE_COMMANDS.length + 1,
    ...(await costSample()),
    machine: MACHINE,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  process.exit(0);
}
