/** What the listeners share: who speaks, the inbox, and an answer for every act, also when it fails. */
import type { WebClient } from '@slack/web-api';
import { type Names, refusalText } from '../config/refusal-text.ts';
import { TEXTS, type TextId, text } from '../config/text.ts';
import type { Evidence, Request } from '../domain/command.ts';
import type { Agency, Person } from '../domain/directory.ts';
import type { AgencyCode, Email, Locale, TaskCode } from '../domain/names.ts';
import { mayLeave } from '../domain/secrecy.ts';
import type { Task } from '../domain/task.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import type { Answer, Inbox } from '../inbox/inbox.ts';
import type { Named, Naming } from '../inbox/name-another.ts';
import type { Heard } from './acknowledge.ts';
import type { CardView } from './blocks/card.ts';
import type { Details } from './blocks/modals.ts';

/** A file that a person has sent about a task. */
export type FileEvidence = Extract<Evidence, { type: 'file' }>;

export interface BotDependencies {
  readonly inbox: Inbox;
  readonly now: () => IsoInstant;
  /** What tells the instant that a deadline given as a date means, by the calendar as it is now. */
  readonly deadlines: () => Promise<(deadline: IsoDate) => IsoInstant>;
  readonly personBySlackId: (slackId: string) => Promise<Person | undefined>;
  readonly directory: () => Promise<{
    readonly people: ReadonlyMap<string, Person>;
    readonly agencies: ReadonlyMap<string, Agency>;
  }>;
  /** Hands every open task of one who has left to another. */
  readonly nameAnother: (naming: Naming) => Promise<Named>;
  /** The stored state of a task; undefined where there is none. */
  readonly task: (code: TaskCode) => Promise<Task | undefined>;
  /** The page of a task. */
  readonly openUrl: (code: TaskCode) => string;
  readonly details: (code: TaskCode) => Promise<Details | undefined>;
  /** Codes of the tasks that the message at (channel, ts) shows; none where it is not ours. */
  readonly tasksOfMessage: (channel: string, ts: string) => Promise<readonly TaskCode[]>;
  /** Keeps a file's content; the same content is kept once. */
  readonly keepFile: (file: { name: string; content: Uint8Array }) => Promise<FileEvidence>;
  readonly access: { botToken: string; appToken: string; apiUrl?: string };
  /** Takes one message of what the workspace takes of all who post. Whoever has asked is answered whether or not anything is left. */
  readonly countPost: () => Promise<unknown>;
  /** A failure that nobody asked for is reported here; the person has been answered already. */
  readonly onFailure: (error: unknown) => void;
}

export interface Conversation extends BotDependencies {
  readonly client: WebClient;
  /** What tells Slack that an event has come. */
  readonly heardOf: (body: object) => Heard;
}

/** Where an answer goes: to one person, in the conversation where the act was done. */
export interface Place {
  readonly channel: string;
  readonly slackUser: string;
}

/** Ephemeral: seen by who acted, stored nowhere; the card itself carries the outcome for good. */
export async function tell({ client }: Conversation, { channel, slackUser }: Place, message: string): Promise<void> {
  await client.chat.postEphemeral({ channel, user: slackUser, text: message });
}

/**
 * Runs one act for the person who did it. Whoever is not in the directory, and whoever meets a failure of ours, hears so:
 * silence would look like success.
 */
export async function forPerson(
  conversation: Conversation,
  place: Place,
  code: string,
  act: (person: Person) => Promise<void>,
): Promise<void> {
  let locale: Locale = 'vi';
  try {
    const person = await conversation.personBySlackId(place.slackUser);
    if (person === undefined) return await tell(conversation, place, text(locale, 'answer.not_in_directory'));
    locale = person.locale;
    await act(person);
  } catch (error) {
    conversation.onFailure(error);
    await tell(conversation, place, text(locale, 'answer.failed', { code })).catch(conversation.onFailure);
  }
}

/**
 * Hands an act to the inbox and tells the person what became of it.
 * @param o.heard called as soon as it is stored, or is known not to be
 * @param o.notStored says so instead, where there is a better place for it
 */
export async function submit(
  conversation: Conversation,
  place: Place,
  person: Person,
  act: { readonly key: string; readonly code: TaskCode; readonly request: Request },
  o: { readonly heard: Heard; readonly notStored?: () => Promise<void> },
): Promise<void> {
  const answer = await conversation.inbox.submit({ ...act, actor: person.email, via: 'slack' }, o.heard);
  if (answer.answer === 'not_stored' && o.notStored !== undefined) return o.notStored();
  await o.heard();
  const task = answer.answer === 'refused' ? await conversation.task(act.code) : undefined;
  // A refusal names products, people, dates: of a restricted task none of them is said here.
  if (task !== undefined && !mayLeave(task.secrecy, 'slack')) return tell(conversation, place, text(person.locale, 'note.secret'));
  await tell(conversation, place, answerText(person.locale, act.code, act.request, answer, await namesFor(conversation, person.locale)));
}

/** Acts that people do in chat or by mail have words of their own. */
function doneTextOf(type: Request['type']): TextId {
  const id = `answer.${type}`;
  return id in TEXTS.vi ? (id as TextId) : 'answer.other'; // the line before it is the proof
}

export function answerText(locale: Locale, code: string, request: Request, given: Answer, names?: Names): string {
  if (given.answer === 'refused') return refusalText(locale, given.refusal, names);
  if (given.answer !== 'done') return text(locale, `answer.${given.answer}`, { code });
  return text(locale, doneTextOf(request.type), { code });
}

export async function namesFor({ directory }: BotDependencies, locale: Locale): Promise<Names> {
  const { people, agencies } = await directory();
  return { person: (address) => people.get(address)?.name ?? address, agency: (code) => agencies.get(code)?.name[locale] ?? code };
}

/** Names for builders; what the directory does not know stands for itself. */
export async function viewFor({ directory, now, openUrl }: BotDependencies, viewer: Person): Promise<CardView> {
  const { people, agencies } = await directory();
  return {
    viewer,
    now: now(),
    blockId: '',
    openUrl,
    // The form that is opened shows no acts.
    speaksAs: (address: Email) => address === viewer.email,
    agencyName: (code: AgencyCode) => agencies.get(code)?.name[viewer.locale] ?? code,
    personName: (address: Email) => people.get(address)?.name ?? address,
  };
}
