/** People who act while everything falls: they are handed tasks, look for the card and press, and channels deliver what they do, also twice. */
import { setTimeout as delay } from 'node:timers/promises';
import { addDays, endOfOfficeHours } from '../../domain/calendar.ts';
import type { AgencyCode, Email, TaskCode } from '../../domain/names.ts';
import { COMMITTEE_TIME_ZONE, instantFromEpochMs, localDate } from '../../domain/time.ts';
import { commandId, type Inbox, type Submission } from '../../inbox/inbox.ts';
import type { SlackAccess } from '../../ops/local-slack.ts';
import type { ReadCalendars } from '../../prisma/calendars.ts';
import type { Database } from '../../prisma/database.ts';
import type { SlackMessage } from '../office.ts';
import type { ChaosTask } from './load.ts';
import type { Handed } from './verdict.ts';

export interface Assignee {
  readonly email: Email;
  readonly agency: AgencyCode;
  readonly slackId: string;
  /** The conversation of the bot with this person. */
  readonly conversation: string;
  readonly supervisor: Email;
}

export interface PeopleOptions {
  readonly database: Database;
  readonly inbox: Inbox;
  readonly calendars: ReadCalendars;
  readonly slack: SlackAccess;
  readonly tasks: readonly ChaosTask[];
  readonly assignees: readonly Assignee[];
  readonly coordinators: readonly Email[];
}

export interface People {
  readonly handed: readonly Handed[];
  /** How often a button was pressed, also where no bot was there to hear it. */
  readonly presses: () => number;
  /** Failures of the inbox, which promises to have none. */
  readonly failures: readonly string[];
  /** Tasks on whose card "acknowledge" was pressed. */
  readonly pressed: ReadonlySet<string>;
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

export function letPeopleAct(o: PeopleOptions): People {
  const { database, inbox } = o;
  const began = Date.now();
  const handed = new Map<string, { key: string; commandId: string; answers: Handed['answers'][number][] }>();
  const failures: string[] = [];
  const pressed = new Set<string>();
  /** Who looks for a card, and when each has pressed last; 0: a card with the button has not come, and of a long digest never will. */
  const waiting = new Map<string, { assignee: Assignee; lastAt: number }>();
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
    const assign = await assignmentOf(task, assignee, coordinator);
    await handIn(assign);
    if (task.assignedTwice) await handIn(assign);
    while (!isStopped() && !(await isThere(code))) await pause(AGAIN_MS);
    const acts = task.acts.map(async ({ afterMs, doer, request, againAfterMs }, index) => {
      await pause(afterMs);
      const actor = doer === 'assignee' ? assignee.email : coordinator;
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
    const press = async (afterMs: number) => {
      await pause(afterMs);
      waiting.set(code, { assignee, lastAt: 0 });
    };
    await Promise.all([...acts, ...(task.pressAfterMs === null ? [] : [press(task.pressAfterMs)])]);
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

  async function look(): Promise<void> {
    const codes = [...waiting.keys()];
    const rows = await database.task.findMany({ where: { code: { in: codes }, acknowledgedAt: { not: null } }, select: { code: true } });
    for (const { code } of rows) waiting.delete(code);
    // Who was told that the press is stored does not press again.
    const stored = await database.command.findMany({ where: { taskCode: { in: codes }, status: 'stored' }, select: { taskCode: true } });
    const told = new Set(stored.map(({ taskCode }) => taskCode));
    const impatient = [...waiting].filter(([code, { lastAt }]) => !told.has(code) && Date.now() - lastAt > PATIENCE_MS);
    for (const [conversation, those] of Map.groupBy(impatient, ([, { assignee }]) => assignee.conversation)) {
      const { messages } = (await (await fetch(`${o.slack.control}/messages/${conversation}`)).json()) as { messages: SlackMessage[] };
      for (const [code, wish] of those) {
        const card = messages.findLast(({ blocks }) =>
          blocks?.some(({ elements }) => elements?.some(({ action_id, value }) => action_id === 'task_acknowledge' && value === code)),
        );
        if (card === undefined) continue;
        wish.lastAt = Date.now();
        pressed.add(code);
        presses += 1;
        await fetch(`${o.slack.control}/interact`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            channel: conversation,
            messageTs: card.ts,
            user: wish.assignee.slackId,
            action: { type: 'button', action_id: 'task_acknowledge', value: code },
          }),
        });
      }
    }
  }

  const inVain = () => [...waiting].flatMap(([code, { lastAt }]) => (lastAt === 0 ? [] : [code]));
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
      if (waiting.size > 0) await look().catch(() => {});
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
    left: () => `${flows} tasks have acts left; not acknowledged in spite of a press: ${inVain().join(', ') || 'none'}`,
    async stop() {
      stopped.abort();
      await Promise.all([...living, looking]);
      while (free < HANDED_IN_AT_ONCE_MAX) await delay(50);
    },
  };
}
