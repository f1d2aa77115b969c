/** The bot: Bolt in Socket Mode. A listener acknowledges, reads, hands a command to the inbox, and answers the person. */
import { App, LogLevel } from '@slack/bolt';
import { z } from 'zod';
import { refusalText } from '../config/refusal-text.ts';
import { type TextId, text } from '../config/text.ts';
import type { Request } from '../domain/command.ts';
import type { Agency, Person } from '../domain/directory.ts';
import { agencyCode, type Locale, taskCode } from '../domain/names.ts';
import { type Refusal, refuse } from '../domain/refusals.ts';
import type { Answer, Inbox } from '../inbox/inbox.ts';
import { ACTION } from './blocks/card.ts';
import { doneModal, returnModal, transferModal, VIEW } from './blocks/modals.ts';

export interface BotDependencies {
  readonly inbox: Inbox;
  readonly personBySlackId: (slackId: string) => Promise<Person | undefined>;
  readonly agencies: () => Promise<readonly Agency[]>;
  /** The task whose card is the message at (channel, ts); undefined where it is none of ours. */
  readonly taskOfMessage: (channel: string, ts: string) => Promise<string | undefined>;
  readonly access: { botToken: string; appToken: string; apiUrl?: string };
}

/** What a press says: only these fields are read from Slack, and only here. */
const press = z.object({
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string() }),
  trigger_id: z.string(),
  actions: z.tuple([z.object({ action_id: z.string(), action_ts: z.string(), value: taskCode })]),
});
type Press = z.infer<typeof press>;

const metadata = z.object({ code: taskCode, channel: z.string() });
const field = z.object({ value: z.object({ value: z.string().nullish(), selected_option: z.object({ value: z.string() }).nullish() }) });
const submission = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({ id: z.string(), private_metadata: z.string(), state: z.object({ values: z.record(z.string(), field) }) }),
});

const WORDS_FOR_DONE = new Set(['done', 'xong', 'fait', 'hoàn thành', 'terminé']);

export async function startBot(dependencies: BotDependencies) {
  const { inbox, access } = dependencies;
  const app = new App({
    token: access.botToken,
    appToken: access.appToken,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    // An outage of Slack must not keep the process from starting.
    tokenVerificationEnabled: false,
    ...(access.apiUrl === undefined ? {} : { clientOptions: { slackApiUrl: access.apiUrl } }),
  });

  const tell = (channel: string, user: string, message: string) => app.client.chat.postEphemeral({ channel, user, text: message });

  async function onPress(body: unknown, act: (read: Press, locale: Locale) => Promise<void>): Promise<void> {
    const read = press.safeParse(body);
    if (!read.success) return;
    const person = await dependencies.personBySlackId(read.data.user.id);
    if (person === undefined) {
      await tell(read.data.channel.id, read.data.user.id, text('vi', 'refusal.person_unknown'));
      return;
    }
    await act(read.data, person.locale);
  }

  async function submitPress(read: Press, locale: Locale, request: Request): Promise<void> {
    const { user, channel, message, actions } = read;
    const [{ value: code, action_id, action_ts }] = actions;
    const person = await dependencies.personBySlackId(user.id);
    if (person === undefined) return;
    const key = `slack:${channel.id}:${message.ts}:${action_id}:${action_ts}:${user.id}`;
    await answer(channel.id, user.id, locale, code, request, await inbox.submit({ key, code, actor: person.email, via: 'slack', request }));
  }

  async function answer(channel: string, user: string, locale: Locale, code: string, request: Request, given: Answer): Promise<void> {
    await tell(channel, user, answerText(locale, code, request, given));
  }

  app.action(ACTION.acknowledge, async ({ ack, body }) => {
    await ack();
    await onPress(body, (read, locale) => submitPress(read, locale, { type: 'AcknowledgeTask' }));
  });
  app.action(ACTION.verify, async ({ ack, body }) => {
    await ack();
    await onPress(body, (read, locale) => submitPress(read, locale, { type: 'VerifyTask', note: '' }));
  });
  const opens = (action: string, view: (locale: Locale, about: string) => Promise<ReturnType<typeof doneModal>>) =>
    app.action(action, async ({ ack, body }) => {
      await ack();
      await onPress(body, async ({ actions: [{ value: code }], channel, trigger_id }, locale) => {
        await app.client.views.open({ trigger_id, view: await view(locale, JSON.stringify({ code, channel: channel.id })) });
      });
    });
  opens(ACTION.done, async (locale, about) => doneModal(locale, about));
  opens(ACTION.return, async (locale, about) => returnModal(locale, about));
  opens(ACTION.transfer, async (locale, about) => transferModal(locale, about, await dependencies.agencies()));

  const onForm = (callbackId: string, toRequest: (values: Record<string, string>) => Request | { wrong: string; refusal: Refusal }) =>
    app.view(callbackId, async ({ ack, body }) => {
      const read = submission.safeParse(body);
      const about = read.success ? metadata.safeParse(parseJson(read.data.view.private_metadata)) : undefined;
      const person = read.success ? await dependencies.personBySlackId(read.data.user.id) : undefined;
      if (!read.success || about?.success !== true || person === undefined) {
        await ack();
        return;
      }
      const values = Object.fromEntries(
        Object.entries(read.data.view.state.values).map(([id, { value }]) => [
          id,
          value.selected_option?.value ?? value.value?.trim() ?? '',
        ]),
      );
      const request = toRequest(values);
      if ('wrong' in request) {
        await ack({ response_action: 'errors', errors: { [request.wrong]: refusalText(person.locale, request.refusal) } });
        return;
      }
      await ack();
      const { code, channel } = about.data;
      const given = await inbox.submit({ key: `slack:view:${read.data.view.id}`, code, actor: person.email, via: 'slack', request });
      await answer(channel, read.data.user.id, person.locale, code, request, given);
    });

  onForm(VIEW.done, ({ evidence = '', link = '' }) => {
    if (evidence === '' && link === '') return { wrong: 'evidence', refusal: refuse('evidence_missing') };
    if (link !== '' && !z.url({ protocol: /^https?$/ }).safeParse(link).success) {
      return { wrong: 'link', refusal: refuse('command_invalid', { place: 'link', problem: 'https://…' }) };
    }
    return {
      type: 'ReportDone',
      evidence: [
        ...(evidence === '' ? [] : [{ type: 'text' as const, text: evidence }]),
        ...(link === '' ? [] : [{ type: 'link' as const, url: link }]),
      ],
    };
  });
  onForm(VIEW.transfer, ({ agency = '', reason = '' }) => {
    const code = agencyCode.safeParse(agency);
    if (!code.success) return { wrong: 'agency', refusal: refuse('agency_unknown') };
    return reason === ''
      ? { wrong: 'reason', refusal: refuse('reason_missing') }
      : { type: 'RequestTransfer', toAgency: code.data, reason };
  });
  onForm(VIEW.return, ({ reason = '' }) =>
    reason === '' ? { wrong: 'reason', refusal: refuse('reason_missing') } : { type: 'ReturnTask', reason },
  );

  // A reply in a card's thread: "done" offers the form (evidence is still needed), anything else is kept as a comment.
  app.message(async ({ message }) => {
    if (message.subtype !== undefined || !('thread_ts' in message) || message.thread_ts === undefined || message.text === undefined) return;
    const person = await dependencies.personBySlackId(message.user);
    const code = taskCode.safeParse(await dependencies.taskOfMessage(message.channel, message.thread_ts));
    if (person === undefined || !code.success) return;
    const words = message.text.trim();
    const request: Request = WORDS_FOR_DONE.has(words.toLowerCase().normalize('NFC'))
      ? { type: 'ReportDone', evidence: [] }
      : { type: 'AddComment', text: words };
    const given = await inbox.submit({
      key: `slack:message:${message.channel}:${message.ts}`,
      code: code.data,
      actor: person.email,
      via: 'slack',
      request,
    });
    if (request.type === 'ReportDone' && given.answer === 'refused' && given.refusal.refused === 'evidence_missing') {
      await app.client.chat.postMessage({
        channel: message.channel,
        thread_ts: message.thread_ts,
        text: refusalText(person.locale, given.refusal),
        blocks: [
          { type: 'section', text: { type: 'plain_text', text: refusalText(person.locale, given.refusal) } },
          {
            type: 'actions',
            elements: [
              {
                type: 'button',
                action_id: ACTION.done,
                value: code.data,
                text: { type: 'plain_text', text: text(person.locale, 'action.done') },
              },
            ],
          },
        ],
      });
    } else if (request.type !== 'AddComment') {
      await answer(message.channel, message.user, person.locale, code.data, request, given);
    }
  });

  await app.start();
  return {
    async stop() {
      await app.stop();
      // The first call sends the close frame; the second ends the socket of a peer that does not answer it.
      await app.stop();
    },
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

const DONE_TEXTS: Partial<Record<Request['type'], TextId>> = {
  AcknowledgeTask: 'answer.AcknowledgeTask',
  ReportDone: 'answer.ReportDone',
  RequestTransfer: 'answer.RequestTransfer',
  VerifyTask: 'answer.VerifyTask',
  ReturnTask: 'answer.ReturnTask',
};

function answerText(locale: Locale, code: string, request: Request, given: Answer): string {
  if (given.answer === 'refused') return refusalText(locale, given.refusal);
  if (given.answer !== 'done') return text(locale, `answer.${given.answer}`, { code });
  const id = DONE_TEXTS[request.type];
  return id === undefined ? code : text(locale, id, { code });
}
