/** `dondoc policy simulate`: what the running tasks will tell if nobody acts, by task, person and day. */
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Told } from '../domain/ledger.ts';
import type { Channel, Email, TaskCode } from '../domain/names.ts';
import { fullestDays, loads, Outbox } from '../domain/outbox.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { openTasks } from '../prisma/past.ts';
import { type Context, Failure, stream, withDatabase } from './context.ts';
import { chosenTask, type FutureFlags, futureOf, loadToday, readPolicyOf, spanAhead, type Today } from './futures.ts';

/** One line of the list; of the contract. */
export interface SimulatedNotification {
  readonly task: TaskCode;
  readonly step: string;
  readonly at: IsoInstant;
  readonly recipient: Email;
  readonly channel: Channel;
  /** The `key` of the notification whose message carries this one; null where it has its own. */
  readonly mergedInto: string | null;
  readonly key: string;
}

/** People and days that a list for people shows. */
const PEOPLE_SHOWN = 20;
const DAYS_SHOWN = 10;

export async function simulatePolicy(context: Context, file: string | undefined, flags: FutureFlags): Promise<void> {
  const code = chosenTask(flags);
  await withDatabase(context, async (database) => {
    const today = await loadToday(database);
    const span = spanAhead(flags, today.now);
    const given = file === undefined ? null : await readPolicyOf(database, file);
    const policyOf = given === null ? today.ownPolicy : () => given;
    const spool = openSpool();
    try {
      const outbox = new Outbox();
      let tasks = 0;
      let notifications = 0;
      for await (const page of openTasks(database, code)) {
        for (const each of page) {
          tasks += 1;
          for (const told of futureOf(each, policyOf, today, span)) {
            notifications += 1;
            outbox.add(told);
            if (context.json || code !== null) spool.add(told);
          }
        }
      }
      if (code !== null && tasks === 0) throw new Failure(`there is no open task ${code}`);
      const days = outbox.days(today.timeZoneOf);
      if (context.json) await stream(json(spool, outbox, days));
      else {
        const lines = code === null ? [] : await ofOneTask(spool, outbox);
        await stream([`${[...lines, ...summary({ tasks, notifications, days }, today)].join('\n')}\n`]);
      }
    } finally {
      spool.close();
    }
  });
}

async function* json(spool: Spool, outbox: Outbox, days: Days): AsyncGenerator<string> {
  yield '{"notifications":[';
  let first = true;
  let lines: string[] = [];
  for await (const told of spool.read()) {
    lines.push(`${first ? '' : ','}${JSON.stringify(shown(told, outbox))}`);
    first = false;
    if (lines.length < 1_000) continue;
    yield lines.join('');
    lines = [];
  }
  yield `${lines.join('')}],"perPerson":${JSON.stringify(loads(days))}}\n`;
}

async function ofOneTask(spool: Spool, outbox: Outbox): Promise<string[]> {
  const lines: string[] = [];
  for await (const told of spool.read()) {
    const { at, step, recipient, channel, mergedInto } = shown(told, outbox);
    lines.push(
      `${at.slice(0, 16)}Z  ${step.padEnd(24)}  ${recipient} by ${channel}${mergedInto === null ? '' : `, in one message with ${mergedInto}`}`,
    );
  }
  return lines.length === 0 ? [] : [...lines, ''];
}

function shown(told: Told, outbox: Outbox): SimulatedNotification {
  const { code, step, sendAt, recipient, channel, key } = told.notification;
  return { task: code, step, at: sendAt, recipient, channel, mergedInto: outbox.mergedInto(told), key };
}

export type Days = ReadonlyMap<Email, ReadonlyMap<IsoDate, number>>;

/** Peaks first. */
export function summary(
  { tasks, notifications, days }: { readonly tasks: number; readonly notifications: number; readonly days: Days },
  { directory }: Pick<Today, 'directory'>,
): string[] {
  const people = loads(days);
  const messages = people.reduce((sum, each) => sum + each.messages, 0);
  const fullest = fullestDays(days);
  const more = people.length - PEOPLE_SHOWN;
  return [
    `${tasks} open tasks tell ${people.length} people ${notifications} times, in ${messages} messages`,
    ...(fullest.length === 0 ? [] : ['', 'days with most messages']),
    ...fullest.slice(0, DAYS_SHOWN).map(({ day, messages: count }) => `${day}  ${String(count).padStart(6)}`),
    ...(people.length === 0 ? [] : ['', 'people: messages on the fullest day, and in all']),
    ...people.slice(0, PEOPLE_SHOWN).map(({ recipient, messages: all, perDayMax }) => {
      const worst = [...(days.get(recipient) ?? [])].find(([, count]) => count === perDayMax)?.[0] ?? '';
      const person = directory.person(recipient);
      return `${String(perDayMax).padStart(4)} on ${worst}  ${String(all).padStart(5)}  ${recipient}${person === undefined ? '' : ` (${person.name}, ${person.agency})`}`;
    }),
    ...(more > 0 ? [`and ${more} more people`] : []),
  ];
}

/** What was told, on disk until it is known which message carries what: memory must not grow with the tasks. */
interface Spool {
  add(told: Told): void;
  read(): AsyncGenerator<Told>;
  close(): void;
}

const SPOOL_LINES = 500;

function openSpool(): Spool {
  const folder = mkdtempSync(join(tmpdir(), 'dondoc-simulate-'));
  const path = join(folder, 'told.jsonl');
  const file = openSync(path, 'w');
  let lines: string[] = [];
  const flush = () => {
    if (lines.length > 0) writeSync(file, `${lines.join('\n')}\n`);
    lines = [];
  };
  return {
    add(told) {
      lines.push(JSON.stringify(told));
      if (lines.length >= SPOOL_LINES) flush();
    },
    async *read() {
      flush();
      for await (const line of createInterface({ input: createReadStream(path) })) yield JSON.parse(line) as Told; // written above
    },
    close() {
      closeSync(file);
      rmSync(folder, { recursive: true });
    },
  };
}
