/**
 * The whole life of a task as Temporal's samples would follow it: one workflow, a timer and an activity for each reminder, a signal and
 * an activity for each command. Kindly written: a command does not end the timer that runs, which the samples' `condition` with a
 * time-out would do and pay for again.
 */
import { condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';

export interface LifeActivities {
  /** Writes what happened to the database and tells those concerned. */
  carryOut(what: string): Promise<void>;
}

export const commandSignal = defineSignal<[string]>('command');
/** The command after which the task is closed. */
export const LAST = 'verify';

const { carryOut } = proxyActivities<LifeActivities>({ startToCloseTimeout: '1 minute' });

/** @param waitsMs before each reminder, from the one before it */
export async function followTask(waitsMs: readonly number[]): Promise<void> {
  const commands: string[] = [];
  setHandler(commandSignal, (command) => {
    commands.push(command);
  });
  await carryOut('assign');
  const waits = [...waitsMs];
  let rang = false;
  const setTimer = () => {
    const wait = waits.shift();
    rang = false;
    if (wait !== undefined) void sleep(wait).then(() => (rang = true));
  };
  setTimer();
  for (;;) {
    await condition(() => rang || commands.length > 0);
    const command = commands.shift();
    await carryOut(command ?? 'remind');
    if (command === LAST) return;
    if (command === undefined) setTimer();
  }
}
