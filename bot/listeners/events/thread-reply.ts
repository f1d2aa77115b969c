/** Replies in a card's thread: "done" reports, a file is evidence, anything else is kept as a comment. */
import { setTimeout as pause } from 'node:timers/promises';
import type { App } from '@slack/bolt';
import { refusalText } from '../../../config/refusal-text.ts';
import { text } from '../../../config/text.ts';
import type { Request } from '../../../domain/command.ts';
import type { Person } from '../../../domain/directory.ts';
import type { TaskCode } from '../../../domain/names.ts';
import type { Task } from '../../../domain/task.ts';
import { ACTION } from '../../blocks/card.ts';
import { type Conversation, type FileEvidence, forPerson, submit, tell } from '../../conversation.ts';
import { readThreadReply, type ThreadReply } from '../../read.ts';

/** Words that report a task done, alone or before a text: "xong, Nghị định 12/2026/NĐ-CP". */
const DONE = /^(done|xong|hoàn thành|đã hoàn thành|fait|terminé)(?:$|[\s.,:;!–-]+)/iu;
/** Particles that make a sentence polite, not evidence: "xong rồi ạ". */
const PARTICLES = /^(?:(?:rồi|nhé|ạ|nha|đã)[\s.!]*)+$/iu;
const LOOKS_MAX = 4;
const LOOK_AGAIN_MS = 300;
/** Larger files belong into the agency's own system; a link to them is evidence too. */
const FILE_BYTES_MAX = 20 * 1024 * 1024;

export function registerThreadReplies(app: App, conversation: Conversation): void {
  app.event('message', async ({ event, body }) => {
    const reply = readThreadReply(event);
    if (reply === null) return;
    const [code, ...others] = await tasksOf(conversation, reply);
    if (code === undefined) return;
    await forPerson(conversation, reply, code, async (person) => {
      if (others.length > 0) return tell(conversation, reply, text(person.locale, 'answer.several'));
      const asked = toRequest(reply, await keepFiles(conversation, reply));
      const request = ofPeriod(reply, asked, await conversation.task(code));
      if ((request.type === 'ReportDone' || request.type === 'ReportPeriod') && request.evidence.length === 0)
        return askForEvidence(conversation, reply, person, code, request.type);
      await submit(conversation, reply, person, { key: reply.key, code, request }, { heard: conversation.heardOf(body) });
    });
  });
}

/** A card is written down just after Slack has taken it: an answer that is quicker is looked up again before it counts as none of ours. */
async function tasksOf({ tasksOfMessage }: Conversation, { channel, threadTs }: ThreadReply): Promise<readonly TaskCode[]> {
  for (let look = 1; ; look += 1) {
    const codes = await tasksOfMessage(channel, threadTs);
    if (codes.length > 0 || look === LOOKS_MAX) return codes;
    await pause(LOOK_AGAIN_MS);
  }
}

/** What a reply asks for. Pure. */
export function toRequest(reply: Pick<ThreadReply, 'text'>, files: readonly FileEvidence[]): Request {
  const words = reply.text.normalize('NFC');
  // "Xong chưa?" asks; only a statement reports.
  const done = words.includes('?') && !words.includes('://') ? null : DONE.exec(words);
  if (done === null) {
    const names = files.map(({ name }) => name).join(', ');
    return { type: 'AddComment', text: [words, names].filter((each) => each !== '').join(' — '), files: [...files] };
  }
  const after = words.slice(done[0].length).trim();
  const rest = PARTICLES.test(after) ? '' : after;
  const said =
    rest === ''
      ? []
      : [
          /^<?https?:\/\/[^\s>|]+(\|[^>]*)?>?$/.test(rest)
            ? ({ type: 'link', url: rest.replace(/^<|\|.*$|>$/g, '') } as const)
            : ({ type: 'text', text: rest } as const),
        ];
  return { type: 'ReportDone', evidence: [...said, ...files] };
}

/** "Done" under a regular task is said of its open period, and of nothing between two: the whole ends by the form. Pure. */
export function ofPeriod({ text: said }: Pick<ThreadReply, 'text'>, request: Request, task: Task | undefined): Request {
  if (request.type !== 'ReportDone' || task === undefined || task.recurrence === null) return request;
  const { evidence } = request;
  const open = task.periods.findLast(({ status }) => status === 'open');
  if (open !== undefined) return { type: 'ReportPeriod', period: open.period, evidence };
  return { type: 'AddComment', text: said, files: evidence.filter((each) => each.type === 'file') };
}

async function keepFiles({ access, keepFile }: Conversation, reply: ThreadReply): Promise<FileEvidence[]> {
  const kept: FileEvidence[] = [];
  for (const { name, bytes, url } of reply.files) {
    if (bytes > FILE_BYTES_MAX) throw new Error(`file of ${bytes} bytes`);
    const answer = await fetch(url, { headers: { Authorization: `Bearer ${access.botToken}` } });
    if (!answer.ok) throw new Error(`file could not be fetched: ${answer.status}`);
    kept.push(await keepFile({ name, content: new Uint8Array(await answer.arrayBuffer()) }));
  }
  return kept;
}

/** Evidence is still missing: the form is one press away, in the same thread. */
async function askForEvidence(
  { client, countPost }: Conversation,
  reply: ThreadReply,
  { locale }: Person,
  code: string,
  of: 'ReportDone' | 'ReportPeriod',
): Promise<void> {
  const [action, label] =
    of === 'ReportDone' ? ([ACTION.done, 'action.done'] as const) : ([ACTION.reportPeriod, 'action.report_period'] as const);
  const said = refusalText(locale, { refused: 'evidence_missing', details: {} });
  await countPost();
  await client.chat.postMessage({
    channel: reply.channel,
    thread_ts: reply.threadTs,
    text: said,
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: said } },
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: action, value: code, text: { type: 'plain_text', text: text(locale, label) } }],
      },
    ],
  });
}
