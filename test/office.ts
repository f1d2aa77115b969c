/**
 * An office for end-to-end tests: the embedded stack with every part of dondoc, people who press, write and read mails, and
 * a close that fails on whatever went wrong unnoticed. Everything in it is real; nothing is left behind.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { connectionsOf, type System, type SystemOptions, startSystem } from '../cli/system.ts';
import { readEnvironment, type Shadow, type WebhookAccess } from '../config/env.ts';
import { addDays, endOfOfficeHours } from '../domain/calendar.ts';
import type { Assignment } from '../domain/command.ts';
import type { Email, TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import { exampleSlackUsers, seedDirectory } from '../examples/demo.ts';
import type { Answer, Submission } from '../inbox/inbox.ts';
import type { SmtpAccess } from '../mail/transport.ts';
import { freePort } from '../ops/ports.ts';
import { removeState } from '../ops/postgres.ts';
import { bornAt, isAlive } from '../ops/process.ts';
import { type RunningStack, type StackEvent, startStack } from '../ops/stack.ts';

/** Of every test, so that what is saved of a history can be read again. */
export const TEST_HISTORY_SECRET = 'the same in every test: it keeps nothing';
/** Of the policies in config/policies. */
const POLICY_VERSION = 3;
/** An import of hundreds of tasks keeps the engine busy for seconds. */
const OUTCOME_WITHIN_MS = 15_000;
/** Invented people of the example directory. */
export const LAN = { slack: 'U0LAN', email: 'lan.nguyen@most.example' as Email };
export const MINH = { slack: 'U0MINH', email: 'minh.tran@most.example' as Email };
export const HA = { slack: 'U0HA', email: 'ha.le@vptw.example' as Email };
export const SON = { slack: 'U0SON', email: 'son.pham@mof.example' as Email };

export interface SlackMessage {
  readonly ts: string;
  readonly user?: string;
  readonly text: string;
  readonly subtype?: string;
  readonly blocks?: readonly {
    readonly block_id?: string;
    readonly elements?: readonly { readonly action_id?: string; readonly value?: string }[];
  }[];
  readonly thread_ts?: string;
}

export interface Form {
  readonly callback_id?: string;
  readonly blocks: readonly object[];
}

export interface ReceivedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly to: readonly { readonly address: string }[];
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Office {
  readonly state: string;
  readonly stack: RunningStack;
  readonly system: System;
  readonly crashes: readonly StackEvent[];
  /** Hands in an act and waits for its outcome: an engine that is busy has it only stored at first (the same key is the same act). */
  submit(submission: Submission): Promise<Answer>;
  assign(
    code: string,
    o?: { policy?: string; days?: number; assignee?: Email; title?: string; more?: Partial<Assignment> },
  ): Promise<Answer>;
  /** Until the assignment has been told: an acknowledgment that is quicker than the card would take the card back. */
  assignmentTold(code: string): Promise<void>;
  /** The conversation of the bot with one person; waits until there is one. */
  messages(person: { slack: string }): Promise<readonly SlackMessage[]>;
  /** The latest message to a person that shows a task; waits for it. */
  cardOf(person: { slack: string }, code: string): Promise<{ channel: string; message: SlackMessage }>;
  press(person: { slack: string }, code: string, action: string): Promise<void>;
  /** Takes an act from the list of rarer ones. */
  choose(person: { slack: string }, code: string, action: string): Promise<void>;
  /** The form on top of everything; waits for it. */
  form(callbackId: string): Promise<void>;
  /** The form on top; undefined where none is open. */
  topForm(): Form | undefined;
  /** Sends the open form; `values` by block id. */
  send(person: { slack: string }, values: Readonly<Record<string, unknown>>): Promise<void>;
  formErrors(): Promise<Readonly<Record<string, string>>>;
  reply(person: { slack: string }, code: string, text: string): Promise<void>;
  upload(person: { slack: string }, code: string, text: string, file: { name: string; content: string }): Promise<void>;
  mails(person: { email: string }): Promise<readonly ReceivedMail[]>;
  events(code: string): Promise<readonly { type: string; by: string | null; via: string }[]>;
  close(): Promise<void>;
}

/**
 * @param o.restartMs how long a part that a test kills stays away
 * @param o.shadow diverts every message
 * @param o.smtp another server that takes the mails
 * @param o.webhook a gateway of one's own
 * @param o.slackThrough puts something between us and the local Slack, and says where
 * @param o.system the clock and calendar, where a test moves time
 */
export async function openOffice(
  o: {
    restartMs?: number;
    system?: SystemOptions;
    shadow?: Shadow;
    smtp?: SmtpAccess;
    webhook?: WebhookAccess;
    slackThrough?: (apiUrl: string) => Promise<string>;
  } = {},
): Promise<Office> {
  const state = mkdtempSync(join(tmpdir(), 'dondoc-office-'));
  const crashes: StackEvent[] = [];
  const stack = await startStack({
    state,
    slackUsers: exampleSlackUsers(),
    log: (event) => void (event.event === 'crashed' && crashes.push(event)),
    environment: readEnvironment({ ...process.env, HISTORY_SECRET: TEST_HISTORY_SECRET }),
    startedAt: new Date().toISOString(),
    ...(o.restartMs === undefined ? {} : { restartMs: o.restartMs }),
  });
  const own = connectionsOf(stack.info);
  const connections = {
    ...own,
    ...(o.shadow === undefined ? {} : { shadow: o.shadow }),
    ...(o.smtp === undefined ? {} : { smtp: o.smtp }),
    ...(o.webhook === undefined ? {} : { webhook: o.webhook }),
    ...(o.slackThrough === undefined || own.slack === null
      ? {}
      : { slack: { ...own.slack, apiUrl: await o.slackThrough(own.slack.apiUrl ?? '') } }),
  };
  const system = await startSystem(connections, await freePort(), o.system).catch(async (error: unknown) => {
    await stack.stop();
    throw error;
  });
  await seedDirectory(system).catch(async (error: unknown) => {
    await system.stop();
    await stack.stop();
    throw error;
  });
  const control = stack.info.slack?.control ?? '';
  const socket = new WebSocket(`${control.replace(/^http/, 'ws').replace(/\/_control$/, '')}/ui`);
  const seen: { t: string; [key: string]: unknown }[] = [];
  socket.addEventListener('message', ({ data }) => void seen.push(JSON.parse(String(data))));
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));

  const topForm = () => (seen.findLast(({ t }) => t === 'view') as { stack?: Form[] } | undefined)?.stack?.at(-1);
  const get = async <T>(url: string): Promise<T> => (await fetch(url)).json() as Promise<T>;
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${control}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.ok, await answer.text()).toBe(true);
  };
  const channelOf = async ({ slack }: { slack: string }): Promise<string> => {
    const { channels } = await get<{ channels: { id: string; members?: string[]; is_im?: boolean; user?: string }[] }>(`${control}/state`);
    return channels.find(({ id, members, user }) => id.startsWith('D') && (user === slack || members?.includes(slack)))?.id ?? '';
  };
  const messages = async (person: { slack: string }) => {
    const channel = await channelOf(person);
    return channel === '' ? [] : (await get<{ messages: SlackMessage[] }>(`${control}/messages/${channel}`)).messages;
  };
  const cardOf = async (person: { slack: string }, code: string) => {
    const find = async () =>
      (await messages(person)).findLast(({ blocks }) => blocks?.some(({ elements }) => elements?.some(({ value }) => value === code)));
    await expect.poll(find, { timeout: 15_000, message: `a card of ${code} for ${person.slack}` }).toBeDefined();
    const message = await find();
    if (message === undefined) throw new Error(`no card of ${code}`);
    return { channel: await channelOf(person), message };
  };
  const submit = async (submission: Submission): Promise<Answer> => {
    const until = Date.now() + OUTCOME_WITHIN_MS;
    for (;;) {
      const answer = await system.inbox.submit(submission);
      if (answer.answer !== 'stored' || Date.now() > until) return answer;
    }
  };
  return {
    state,
    stack,
    system,
    crashes,
    messages,
    cardOf,
    submit,
    async assign(
      code,
      { policy = 'minutes', days = 5, assignee = LAN.email, title = 'Trình nghị định về thử nghiệm có kiểm soát', more = {} } = {},
    ) {
      const { main } = await system.calendars();
      const deadline = addDays(localDate(system.now(), COMMITTEE_TIME_ZONE), days);
      const agency = (await system.directory.get()).person(assignee)?.agency;
      if (agency === undefined) throw new Error(`${assignee} is not in the directory`);
      return submit({
        key: `test:assign:${code}`,
        code: code as TaskCode,
        actor: HA.email,
        via: 'cli',
        request: {
          type: 'AssignTask',
          assignment: {
            title,
            product: 'Nghị định',
            document: '57-NQ/TW',
            group: '',
            leadAgency: agency,
            coordinatingAgencies: [],
            assignee,
            supervisor: MINH.email,
            coordinator: HA.email,
            assignedAt: system.now(),
            deadline,
            deadlineAt: endOfOfficeHours(main, deadline),
            regular: false,
            priority: 'normal',
            policy: { name: policy, version: POLICY_VERSION },
            ...more,
          },
        },
      });
    },
    async assignmentTold(code) {
      const where = { taskCode: code, step: 'assigned', status: { in: ['sent', 'merged'] } };
      await expect.poll(() => system.database.notification.count({ where }), { timeout: 20_000 }).toBeGreaterThan(0);
    },
    async press(person, code, action) {
      const { channel, message } = await cardOf(person, code);
      await post('/interact', {
        channel,
        messageTs: message.ts,
        user: person.slack,
        action: { type: 'button', action_id: action, value: code },
      });
    },
    async choose(person, code, action) {
      const { channel, message } = await cardOf(person, code);
      await post('/interact', {
        channel,
        messageTs: message.ts,
        user: person.slack,
        action: { type: 'static_select', action_id: 'task_more', selected_option: { value: `${action}:${code}` } },
      });
    },
    topForm,
    async form(callbackId) {
      await expect.poll(() => topForm()?.callback_id, { timeout: 15_000 }).toBe(callbackId);
    },
    async send({ slack }, values) {
      socket.send(JSON.stringify({ t: 'view_submit', user: slack, values }));
    },
    async formErrors() {
      const errors = () => seen.findLast(({ t }) => t === 'view_errors') as { errors?: Record<string, string> } | undefined;
      await expect.poll(errors, { timeout: 15_000 }).toBeDefined();
      return errors()?.errors ?? {};
    },
    async reply(person, code, text) {
      const { channel, message } = await cardOf(person, code);
      await post('/message', { channel, user: person.slack, text, thread_ts: message.thread_ts ?? message.ts });
    },
    async upload(person, code, text, { name, content }) {
      const { channel, message } = await cardOf(person, code);
      const form = new FormData();
      for (const [field, value] of Object.entries({ channel, user: person.slack, text, thread_ts: message.thread_ts ?? message.ts }))
        form.set(field, value);
      form.set('file', new File([content], name, { type: 'text/plain' }));
      const answer = await fetch(`${control}/upload`, { method: 'POST', body: form });
      expect(answer.ok, await answer.text()).toBe(true);
    },
    async mails({ email }) {
      const all = await get<ReceivedMail[]>(stack.info.mail.api ?? '');
      return all.filter(({ to }) => to.some(({ address }) => address === email));
    },
    async events(code) {
      const rows = await system.database.taskEvent.findMany({ where: { taskCode: code }, orderBy: { seq: 'asc' } });
      return rows.map(({ type, by, via }) => ({ type, by, via }));
    },
    async close() {
      const pids = ['PostgreSQL', 'Temporal', 'local Slack', 'mail catcher']
        .map((part) => stack.pidOf(part) ?? -1)
        .map((pid) => ({ pid, born: bornAt(pid) }));
      socket.close();
      await system.stop();
      await stack.stop();
      removeState(state);
      expect(pids.filter(({ pid, born }) => isAlive(pid, born))).toEqual([]);
    },
  };
}
