/** People who act while everything falls: they are handed tasks, look for the card and press, and channels deliver what they do, also twice. */
import { setTimeout as delay } from 'node:timers/promises';
import { ACTION } from '../../bot/blocks/card.ts';
import { addDays, endOfOfficeHours } from '../../domain/calendar.ts';
import type { AgencyCode, Email, TaskCode } from '../../domain/names.ts';
import { COMMITTEE_TIME_ZONE, instantFromEpochMs, localDate } from '../../domain/time.ts';
import { commandId, type Inbox, type Submission } from '../../inbox/inbox.ts';
import type { SlackAccess } from '../../ops/local-slack.ts';
import type { ReadCalendars } from '../../prisma/calendars.ts';
import type { Database } from '../../prisma/database.ts';
import type { SlackMessage } from '../office.ts';
import type { Button, ChaosTask, Press } from './load.ts';
import type { Done, Handed } from './verdict.ts';

/** One who finds cards in Slack. */
export interface Presser {
  readonly email: Email;
  readonly slackId: string;
  /** The conversation of the bot with this person. */
  readonly conversation: string;
}

export interface Assignee extends Presser {
  readonly agency: AgencyCode;
  readonly supervisor: Email;
}

export interface PeopleOptions {
  readonly database: Database;
  readonly inbox: Inbox;
  readonly calendars: ReadCalendars;
  readonly slack: SlackAccess;
  readonly tasks: readonly ChaosTask[];
  readonly assignees: readonly Assignee[];
  readonly coordinators: readonly Presser[];
}

export interface People {
  readonly handed: readonly Handed[];
  /** How often a button was pressed, also where no bot was there to hear it. */
  readonly presses: () => number;
  /** Failures of the inbox, which promises to have none. */
  readonly failures: readonly string[];
  /** By task: what the buttons that were pressed on its card do. */
  readonly pressed: ReadonlyMap<string, readonly Done[]>;
  /** Whether everybody has done what they wanted to. */
  readonly isDone: () => boolean;
  /** What is still to be done, and of what; for a run that does not end. */
  readonly left: () => string;
  /** Nobody does anything any more; what was handed in is answered. */
  stop(): Promise<void>;
}

const DEADLINE_DAYS = 20;
/** Steps of what was assigned within so long fall due at one instant: a storm, which is marked ahead of it. */
const DUE_TOGETHER_MS = 10_000;
const AGAIN_MS = 300;
const LOOKS_EVERY_MS = 700;
/** Whoever sees no effect of a press, and hears of none, presses once more. */
const PATIENCE_MS = 10_000;
const HANDED_IN_AT_ONCE_MAX = 10;
const POLICY = { name: 'chaos', version: 1 };
/** Of the buttons that are pressed until they have done: what they do. The others open forms, which change nothing. */
const DOES: Partial<Record<Button, Done>> = { acknowledge: 'TaskAcknowledged', grantExtension: 'ExtensionGranted' };

/** Somebody looks for a card with this button. */
interface Wish extends Pick<Press, 'button' | 'againAfterMs'> {
  readonly code: string;
  readonly presser: Presser;
  readonly does: Done | undefined;
  /** When it was pressed last; 0: a card with the button has not come, and of a long digest never will. */
  lastAt: number;
}

export function letPeopleAct(o: PeopleOptions): People {
  const { database, inbox } = o;
  const began = Date.now();
  const handed = new Map<string, { key: string; commandId: string; answers: Handed['answers'][number][] }>();
  const failures: string[] = [];
  const pressed = new Map<string, readonly Done[]>();
  const wishes = new Set<Wish>();
  /** Second presses that are still to come. */
  const doubling = new Set<Promise<void>>();
  let presses = 0;
  let flows = o.tasks.length;
  const stopped = new AbortController();
  const isStopped = () => stopped.signal.aborted;
  const pause = (ms: number) => delay(ms, undefined, { signal: stopped.signal });
  let free = HANDED_IN_AT_ONCE_MAX;
  const queue: (() => void)[] = [];

  async function inTurn<T>(act: () => Promise<T>): Promise<T> {
    if (free === 0) await new Promise<void>((resolve) => queue.push(resolve));
    else free -= 1;
    try {
      return await act();
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  }

  /** Until it is kept: whoever is told "not stored" tries again, under the same key. */
  async function handIn(submission: Submission): Promise<void> {
    const { key } = submission;
    const entry = handed.get(key) ?? { key, commandId: commandId(key), answers: [] };
    handed.set(key, entry);
    while (!isStopped()) {
      try {
        const answer = await inTurn(() => inbox.submit(submission));
        if (answer.answer !== 'not_stored') {
          entry.answers.push(answer.answer === 'done' ? { answer: 'done', seq: answer.seq } : { answer: answer.answer });
          return;
        }
      } catch (error) {
        failures.push(`${key}: ${error instanceof Error ? error.message : String(error)}`);
      }
      await pause(AGAIN_MS);
    }
  }

  async function live(task: ChaosTask): Promise<void> {
    const assignee = o.assignees[task.assignee];
    const coordinator = o.coordinators[task.coordinator];
    if (assignee === undefined || coordinator === undefined) throw new Error(`${task.code} names nobody`);
    const code = task.code as TaskCode;
    await pause(Math.max(0, began + task.atMs - Date.now()));
    const assign = await assignmentOf(task, assignee, coordinator.email);
    await handIn(assign);
    if (task.assignedTwice) await handIn(assign);
    while (!isStopped() && !(await isThere(code))) await pause(AGAIN_MS);
    const acts = task.acts.map(async ({ afterMs, doer, request, againAfterMs }, index) => {
      await pause(afterMs);
      const actor = doer === 'assignee' ? assignee.email : coordinator.email;
      const submission: Submission = {
        key: `slack:${assignee.conversation}:${code}:${index}:${actor}`,
        code,
        actor,
        via: 'slack',
        request,
      };
      await handIn(submission);
      if (againAfterMs === null) return;
      await pause(againAfterMs);
      await handIn(submission);
    });
    const looks = task.presses.map(async ({ afterMs, doer, button, againAfterMs }) => {
      await pause(afterMs);
      wishes.add({ code, presser: doer === 'assignee' ? assignee : coordinator, button, againAfterMs, does: DOES[button], lastAt: 0 });
    });
    await Promise.all([...acts, ...looks]);
  }

  async function assignmentOf(task: ChaosTask, assignee: Assignee, coordinator: Email): Promise<Submission> {
    const at = instantFromEpochMs(Math.floor((Date.now() - task.ageMs) / DUE_TOGETHER_MS) * DUE_TOGETHER_MS);
    const deadline = addDays(localDate(at, COMMITTEE_TIME_ZONE), DEADLINE_DAYS);
    const { main } = await again(() => o.calendars());
    return {
      key: `cli:assign:${task.code}`,
      code: task.code as TaskCode,
      actor: coordinator,
      via: 'cli',
      request: {
        type: 'AssignTask',
        assignment: {
          title: `Trình báo cáo ${task.code}`,
          product: 'Báo cáo',
          document: '57-NQ/TW',
          group: '',
          leadAgency: assignee.agency,
          coordinatingAgencies: [],
          assignee: assignee.email,
          supervisor: assignee.supervisor,
          coordinator,
          assignedAt: at,
          deadline,
          deadlineAt: endOfOfficeHours(main, deadline),
          regular: false,
          priority: 'normal',
          policy: POLICY,
        },
      },
    };
  }

  /** Reading fails while the database is away. */
  async function again<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (isStopped()) throw error;
        await pause(AGAIN_MS);
      }
    }
  }
  const isThere = (code: string) => again(async () => (await database.task.count({ where: { code } })) === 1);

  /** Those whose press has done what it says; nobody presses that any more. */
  async function forget(): Promise<void> {
    const events = await database.taskEvent.findMany({
      where: { taskCode: { in: [...new Set([...wishes].map(({ code }) => code))] }, type: { in: Object.values(DOES) } },
      select: { taskCode: true, type: true },
    });
    const done = new Set(events.map(({ taskCode, type }) => `${taskCode} ${type}`));
    for (const wish of wishes) if (wish.does !== undefined && done.has(`${wish.code} ${wish.does}`)) wishes.delete(wish);
  }

  async function look(): Promise<void> {
    await forget();
    // Who was told that the press is stored does not press again.
    const stored = await database.command.findMany({ where: { status: 'stored' }, select: { taskCode: true } });
    const told = new Set(stored.map(({ taskCode }) => taskCode));
    const impatient = [...wishes].filter(({ code, lastAt }) => !told.has(code) && Date.now() - lastAt > PATIENCE_MS);
    for (const [conversation, those] of Map.groupBy(impatient, ({ presser }) => presser.conversation)) {
      const { messages } = (await (await fetch(`${o.slack.control}/messages/${conversation}`)).json()) as { messages: SlackMessage[] };
      for (const wish of those) {
        const action = ACTION[wish.button];
        const card = messages.findLast(({ blocks }) =>
          blocks?.some(({ elements }) => elements?.some(({ action_id, value }) => action_id === action && value === wish.code)),
        );
        if (card === undefined) continue;
        const isFirst = wish.lastAt === 0;
        wish.lastAt = Date.now();
        if (wish.does === undefined) wishes.delete(wish);
        else pressed.set(wish.code, [...(pressed.get(wish.code) ?? []).filter((each) => each !== wish.does), wish.does]);
        await press(wish, card.ts);
        if (isFirst && wish.againAfterMs !== null) doubling.add(pressAgain(wish, card.ts, wish.againAfterMs));
      }
    }
  }

  async function press({ presser: { conversation, slackId }, button, code }: Wish, messageTs: string): Promise<void> {
    presses += 1;
    await fetch(`${o.slack.control}/interact`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        channel: conversation,
        messageTs,
        user: slackId,
        action: { type: 'button', action_id: ACTION[button], value: code },
      }),
    });
  }

  /** On the same card, whatever has become of it meanwhile. */
  async function pressAgain(wish: Wish, messageTs: string, afterMs: number): Promise<void> {
    await pause(afterMs);
    await press(wish, messageTs);
  }

  const inVain = () => [...wishes].flatMap(({ code, does, lastAt }) => (lastAt === 0 ? [] : [`${code} ${does}`]));
  const living = o.tasks.map((task) =>
    live(task)
      .catch((error: unknown) => void (isStopped() || failures.push(`${task.code}: ${String(error)}`)))
      .finally(() => {
        flows -= 1;
      }),
  );
  const looking = (async () => {
    while (!isStopped()) {
      // The database is away: a look later.
      if (wishes.size > 0) await look().catch(() => {});
      await pause(LOOKS_EVERY_MS).catch(() => {});
    }
  })();
  return {
    get handed() {
      return [...handed.values()];
    },
    presses: () => presses,
    failures,
    pressed,
    isDone: () => flows === 0 && inVain().length === 0,
    left: () => `${flows} tasks have acts left; pressed in vain: ${inVain().join(', ') || 'none'}`,
    async stop() {
      stopped.abort();
      await Promise.all([...living, looking]);
      await Promise.allSettled(doubling);
      while (free < HANDED_IN_AT_ONCE_MAX) await delay(50);
    },
  };
}
