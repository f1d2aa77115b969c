/** The only file that knows Slack's field names: what comes in becomes our own values, or null where it is not what we read. */
import type { BlockButtonAction, SlackViewAction, ViewSubmitAction } from '@slack/bolt';
import { z } from 'zod';
import { type Email, email, type TaskCode, taskCode } from '../domain/names.ts';
import { ACTION, type ActionId } from './blocks/card.ts';
import { NAME_ANOTHER } from './blocks/gone.ts';

/** A press on one of our buttons. */
export interface Press {
  readonly slackUser: string;
  readonly channel: string;
  readonly messageTs: string;
  readonly triggerId: string;
  readonly actionId: ActionId;
  readonly code: TaskCode;
  /** One act of one person, however often it is delivered (Slack gives no delivery id for actions). */
  readonly key: string;
}

const actionId = z.enum(Object.values(ACTION));
const pressedButton = z.object({ action_id: actionId, action_ts: z.string(), value: taskCode });
/** An entry of the list of rarer acts: `task_extend:NQ57-0001`. */
const chosenFromList = z
  .object({ action_ts: z.string(), selected_option: z.object({ value: z.string() }) })
  .transform(({ action_ts, selected_option: { value } }) => ({
    action_ts,
    action_id: value.slice(0, value.indexOf(':')),
    value: value.slice(value.indexOf(':') + 1),
  }))
  .pipe(pressedButton);
const pressBody = z.object({
  user: z.object({ id: z.string().min(1) }),
  channel: z.object({ id: z.string().min(1) }),
  message: z.object({ ts: z.string().min(1) }),
  trigger_id: z.string(),
  actions: z.array(z.union([pressedButton, chosenFromList])).length(1),
});
// A field that Slack's types no longer have breaks the build here.
type _PressFields = Pick<BlockButtonAction, 'user' | 'channel' | 'message' | 'trigger_id' | 'actions'>;

export function readPress(body: unknown): Press | null {
  const read = pressBody.safeParse(body);
  const [action] = read.data?.actions ?? [];
  if (!read.success || action === undefined) return null;
  const { user, channel, message, trigger_id } = read.data;
  return {
    slackUser: user.id,
    channel: channel.id,
    messageTs: message.ts,
    triggerId: trigger_id,
    actionId: action.action_id,
    code: action.value,
    key: `slack:${channel.id}:${message.ts}:${action.action_id}:${action.value}:${action.action_ts}:${user.id}`,
  };
}

/** A choice of another assignee for everything of one who has left. */
export interface NamingPress {
  readonly slackUser: string;
  readonly channel: string;
  readonly gone: Email;
  readonly assignee: Email;
  readonly key: string;
}

const namingBody = z.object({
  user: z.object({ id: z.string().min(1) }),
  channel: z.object({ id: z.string().min(1) }),
  message: z.object({ ts: z.string().min(1) }),
  actions: z
    .array(
      z.object({
        action_id: z.string().startsWith(NAME_ANOTHER),
        action_ts: z.string(),
        selected_option: z.object({ value: email }),
      }),
    )
    .length(1),
});

export function readNaming(body: unknown): NamingPress | null {
  const read = namingBody.safeParse(body);
  const [action] = read.data?.actions ?? [];
  const gone = email.safeParse(action?.action_id.slice(NAME_ANOTHER.length));
  if (!read.success || action === undefined || !gone.success) return null;
  const { user, channel, message } = read.data;
  return {
    slackUser: user.id,
    channel: channel.id,
    gone: gone.data,
    assignee: action.selected_option.value,
    key: `slack:${channel.id}:${message.ts}:${action.action_id}:${action.selected_option.value}:${action.action_ts}:${user.id}`,
  };
}

/** What a form was opened about; travels in the form itself. */
export interface FormSubject {
  readonly code: TaskCode;
  readonly channel: string;
}

export function writeFormSubject(subject: FormSubject): string {
  return JSON.stringify(subject);
}

export interface Submission {
  readonly slackUser: string;
  readonly callbackId: string;
  /** Null for a form of an earlier version of ours, or a forged one. */
  readonly subject: FormSubject | null;
  /** By block id: what was typed or chosen; an empty text where nothing was. */
  readonly values: ReadonlyMap<string, string>;
  /** By block id: what was ticked. */
  readonly ticked: ReadonlyMap<string, readonly string[]>;
  readonly key: string;
}

const option = z.object({ value: z.string() });
const input = z.object({
  value: z.string().nullish(),
  selected_date: z.string().nullish(),
  selected_option: option.nullish(),
  selected_options: z.array(option).nullish(),
});
const submissionBody = z.object({
  user: z.object({ id: z.string().min(1) }),
  view: z.object({
    id: z.string().min(1),
    callback_id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), input)) }),
  }),
});
type _SubmissionFields = Pick<ViewSubmitAction & SlackViewAction, 'user' | 'view'>;
const subject = z.object({ code: taskCode, channel: z.string().min(1) });

export function readSubmission(body: unknown): Submission | null {
  const read = submissionBody.safeParse(body);
  if (!read.success) return null;
  const { user, view } = read.data;
  const values = new Map<string, string>();
  const ticked = new Map<string, readonly string[]>();
  for (const [block, inputs] of Object.entries(view.state.values)) {
    const [given] = Object.values(inputs);
    values.set(
      block,
      given?.selected_option?.value ?? given?.selected_date ?? given?.selected_options?.[0]?.value ?? given?.value?.trim() ?? '',
    );
    ticked.set(block, given?.selected_options?.map(({ value }) => value) ?? []);
  }
  return {
    slackUser: user.id,
    callbackId: view.callback_id,
    subject: subject.safeParse(parseJson(view.private_metadata)).data ?? null,
    values,
    ticked,
    key: `slack:view:${view.id}`,
  };
}

/** A person's reply in a thread, with the files that came with it. */
export interface ThreadReply {
  readonly slackUser: string;
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string;
  readonly text: string;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly url: string }[];
  readonly key: string;
}

const replyEvent = z.object({
  user: z.string().min(1),
  channel: z.string().min(1),
  ts: z.string().min(1),
  thread_ts: z.string().min(1),
  text: z.string().default(''),
  subtype: z.literal('file_share').optional(),
  bot_id: z.undefined().optional(),
  files: z.array(z.object({ name: z.string(), size: z.number(), url_private_download: z.string() })).default([]),
});

/** Null for everything that is no person's reply: posts of bots, edits, messages outside threads. */
export function readThreadReply(event: unknown): ThreadReply | null {
  const read = replyEvent.safeParse(event);
  if (!read.success) return null;
  const { user, channel, ts, thread_ts, text, files } = read.data;
  return {
    slackUser: user,
    channel,
    ts,
    threadTs: thread_ts,
    text: text.trim(),
    files: files.map(({ name, size, url_private_download }) => ({ name, bytes: size, url: url_private_download })),
    key: `slack:message:${channel}:${ts}`,
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
