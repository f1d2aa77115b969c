/**
 * Proves that nothing of a restricted task leaves but that it waits: one task with a mark in everything that a person can write is led
 * through its life, then every way out is searched for the marks. The same life of a task that is not restricted shows its marks
 * on every way that may carry them: the search sees what leaves, and would see it if a way were opened.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Addressed } from '../activities/notices/maker.ts';
import { makeReport } from '../activities/notices/report.ts';
import { makeWeek } from '../activities/notices/week.ts';
import { noticeCard } from '../bot/blocks/notice.ts';
import type { Context } from '../cli/context.ts';
import { reportDocument } from '../cli/report-document.ts';
import { explainFigures } from '../cli/report-explain.ts';
import { writeLetters } from '../cli/report-letters.ts';
import { digestNotice } from '../config/digest-text.ts';
import type { Notice } from '../config/notice.ts';
import { loadPolicy } from '../config/policy.ts';
import { addDays, addMinutes } from '../domain/calendar.ts';
import type { Assignment, Request } from '../domain/command.ts';
import { digest } from '../domain/digest.ts';
import { type AgencyCode, CHANNELS, type Channel, type Email, LOCALES, type PartId, type TaskCode } from '../domain/names.ts';
import { EXITS, type Exit } from '../domain/secrecy.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, localDate } from '../domain/time.ts';
import { composeNotice } from '../mail/compose/mail.ts';
import { readDigestFacts } from '../prisma/digest.ts';
import { storePolicy } from '../prisma/policies.ts';
import { noticePayload } from '../webhook/payload.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { HA, LAN, MINH, type Office, openOffice, SON } from './office.ts';

const written: string[] = [];
/** What people had in their chat after each act: a card that is brought up to date has still said what it said before. */
const chats: string[] = [];
let office: Office;
let gateway: Gateway;
const outputs = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write.bind(stream) }));

beforeAll(async () => {
  for (const { stream, write } of outputs) {
    stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
      written.push(String(chunk));
      return write(chunk as string, ...rest);
    }) as typeof stream.write;
  }
  gateway = await openGateway();
  office = await openOffice({ webhook: gateway.access });
  const policy = loadPolicy(join(fileURLToPath(new URL('.', import.meta.url)), 'fixtures/secrecy.yaml'));
  await storePolicy(office.system.database, policy, office.system.now());
  await office.system.database.person.updateMany({ data: { webhookAddress: '+84900000000' } });
  office.system.directory.forget();
});
afterAll(async () => {
  await office.close();
  await gateway.close();
  for (const { stream, write } of outputs) stream.write = write as typeof stream.write;
});

const due = { deadline: '2099-06-01' as IsoDate, deadlineAt: '2099-06-01T10:00:00.000Z' as IsoInstant };
/** Everything that a person can write of a task, each with a mark of its own. */
const PLACES = [
  'title',
  'product',
  'document',
  'group',
  'productName',
  'milestone',
  'comment',
  'file',
  'progress',
  'obstacle',
  'obstacleAnswer',
  'question',
  'questionAnswer',
  'contribution',
  'contributionGiven',
  'nudge',
  'extension',
  'extensionAnswer',
  'transfer',
  'evidence',
  'link',
  'return',
  'verification',
  'risk',
] as const;
type Place = (typeof PLACES)[number];
const markOf = (mark: string, place: Place) => `${mark}x${PLACES.indexOf(place)}x`;
const marksIn = (text: string, mark: string) => PLACES.filter((place) => text.includes(markOf(mark, place)));

/** A whole life: everything is said once, everybody is told. */
async function live(code: string, mark: string, secrecy: 'secret' | 'none'): Promise<void> {
  const said = (place: Place) => `${markOf(mark, place)} nội dung`;
  const more: Partial<Assignment> = {
    product: said('product'),
    document: said('document'),
    group: said('group'),
    products: [{ id: 'p1' as PartId, name: said('productName'), kind: 'other', due: null }],
    milestones: [{ id: 'm1' as PartId, name: said('milestone'), due }],
    secrecy,
    policy: { name: 'secrecy', version: 1 },
  };
  expect(await office.assign(code, { title: said('title'), more })).toMatchObject({ answer: 'done' });
  const sha256 = 'f'.repeat(64);
  const acts: [{ email: Email }, Request][] = [
    [LAN, { type: 'AcknowledgeTask' }],
    [LAN, { type: 'AddComment', text: said('comment'), files: [{ type: 'file', sha256, name: said('file'), bytes: 1 }] }],
    [LAN, { type: 'ReportProgress', percent: 10, milestone: null, text: said('progress'), forecast: null }],
    [LAN, { type: 'ReportRisk', level: 'high', reason: said('risk') }],
    [LAN, { type: 'ReportObstacle', kind: 'law', text: said('obstacle') }],
    [HA, { type: 'AnswerObstacle', obstacle: null, text: said('obstacleAnswer') }],
    [LAN, { type: 'AskQuestion', text: said('question') }],
    [HA, { type: 'AnswerQuestion', question: null, text: said('questionAnswer') }],
    [LAN, { type: 'RequestContribution', agency: 'MOF' as AgencyCode, text: said('contribution'), ...due }],
    [SON, { type: 'GiveContribution', contribution: null, text: said('contributionGiven') }],
    [HA, { type: 'NudgeAssignee', text: said('nudge') }],
    [LAN, { type: 'RequestExtension', ...due, reason: said('extension'), basis: '' }],
    [HA, { type: 'DecideExtension', decision: 'refuse', until: null, reason: said('extensionAnswer') }],
    [LAN, { type: 'RequestTransfer', toAgency: 'MOF' as AgencyCode, reason: said('transfer') }],
    [HA, { type: 'DecideTransfer', decision: 'refuse', toAgency: null, reason: 'không' }],
    [
      LAN,
      {
        type: 'ReportDone',
        evidence: [
          { type: 'text', text: said('evidence') },
          { type: 'link', url: `https://most.example/${markOf(mark, 'link')}` },
        ],
      },
    ],
    [HA, { type: 'ReturnTask', reason: said('return') }],
    [LAN, { type: 'ReportDone', evidence: [{ type: 'text', text: said('evidence') }] }],
  ];
  const { database } = office.system;
  /** Everybody is told before the next thing happens. */
  const settled = (events: number) =>
    expect
      .poll(
        async () => {
          const row = await database.task.findUnique({ where: { code } });
          const pending = await database.notification.count({
            where: { taskCode: code, status: { in: ['planned', 'claimed', 'sending'] }, sendAt: { lte: new Date() } },
          });
          return row !== null && row.seq >= events && pending === 0;
        },
        { timeout: 15_000 },
      )
      .toBe(true);
  await settled(1);
  for (const [index, [actor, request]] of acts.entries()) {
    const answer = await office.submit({ key: `${code}:${index}`, code: code as TaskCode, actor: actor.email, via: 'cli', request });
    expect(answer, request.type).toMatchObject({ answer: 'done' });
    await settled(index + 2);
    chats.push(await chatsNow());
  }
}

async function chatsNow(): Promise<string> {
  return JSON.stringify(await Promise.all([LAN, HA, SON].map((person) => office.messages(person))));
}

/** The text of a page, whatever its status. */
const page = async (path: string) => (await fetch(`${office.system.listensAt}${path}`, { redirect: 'manual' })).text();

/** Every way out, and how all that has gone through it is read. A new one in `EXITS` does not compile until it is walked. */
const WALKS: Readonly<Record<Exit, (code: string, mark: string) => Promise<string>>> = {
  slack: async () => [...chats, await chatsNow()].join('\n'),
  email: async () => JSON.stringify(await (await fetch(office.stack.info.mail.api ?? '')).json()),
  webhook: async () => JSON.stringify(gateway.posts),
  web: async (code, mark) => {
    const paths = [
      '/',
      '/tasks',
      `/tasks/${code}`,
      `/tasks?q=${mark}`,
      '/tasks?agency=MOST',
      '/tasks?risk=high',
      `/files/${'f'.repeat(64)}`,
    ];
    return (
      await Promise.all(
        ['vi', 'en', 'fr'].flatMap((locale) => paths.map((path) => page(`${path}${path.includes('?') ? '&' : '?'}lang=${locale}`))),
      )
    ).join('\n');
  },
  document: async () => (await documents()).join('\n'),
  log: async () => written.join(''),
};

/** Every document that can be handed on, in every form and language, of a day when both tasks are late; and two figures explained. */
async function documents(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dondoc-documents-'));
  const today = localDate(office.system.now(), COMMITTEE_TIME_ZONE);
  const days = { asOf: addDays(today, 20), since: addDays(today, -1) };
  const said: string[] = [];
  const context: Context = {
    state: office.state,
    json: true,
    print: (document, human) => void said.push(JSON.stringify(document), human),
    say: () => {},
  };
  for (const lang of LOCALES) {
    for (const format of ['md', 'html', 'docx', 'xlsx'])
      await reportDocument(context, { format, ...days, lang, out: join(folder, `${lang}.${format}`) });
    await reportDocument(context, { format: 'md', ...days, lang, agency: 'MOST' });
    await writeLetters(context, { out: join(folder, lang), asOf: days.asOf, lang });
    await writeLetters(context, { dryRun: true, asOf: days.asOf, lang });
    await explainFigures(context, 'overdue', 'group:Khác', { asOf: days.asOf, lang });
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)));
  rmSync(folder, { recursive: true });
  // A Word file and a workbook are zipped parts.
  return [...said, ...files.flatMap(partsOf)];
}

function partsOf(bytes: Buffer): string[] {
  return bytes.subarray(0, 2).toString() === 'PK' ? Object.values(unzipSync(bytes)).map((part) => strFromU8(part)) : [bytes.toString()];
}

/** What may be seen of the open task on each way: the search itself must be able to find something. */
const SEEN: Readonly<Record<Exit, readonly Place[]>> = {
  slack: [
    'title',
    'product',
    'productName',
    'milestone',
    'progress',
    'obstacle',
    'question',
    'contribution',
    'nudge',
    'extension',
    'transfer',
    'evidence',
    'return',
    'risk',
  ],
  email: ['title', 'product'],
  webhook: ['title'],
  web: [
    'title',
    'product',
    'comment',
    'file',
    'progress',
    'obstacle',
    'obstacleAnswer',
    'question',
    'nudge',
    'evidence',
    'link',
    'return',
    'risk',
  ],
  document: ['title', 'group'],
  log: [],
};

it.each([
  ['SECRET-1', 'KIN', 'secret'],
  ['OPEN-1', 'THUONG', 'none'],
] as const)('%s lives through everything', (code, mark, secrecy) => live(code, mark, secrecy), 60_000);

describe.each(Object.keys(EXITS) as Exit[])('by %s', (exit) => {
  it('leaves nothing of a restricted task', async () => {
    expect(marksIn(await WALKS[exit]('SECRET-1', 'KIN'), 'KIN')).toEqual([]);
  });

  it('would be seen if it left', async () => {
    expect(marksIn(await WALKS[exit]('OPEN-1', 'THUONG'), 'THUONG')).toEqual(expect.arrayContaining([...SEEN[exit]]));
  });
});

/** What comes by itself, in every language, as everybody would be told three weeks on, had nothing been told before. */
async function noticesBy(channel: Channel): Promise<string[]> {
  const { database, calendars, now } = office.system;
  const directory = await office.system.directory.get();
  const at = addMinutes(now(), 20 * 24 * 60);
  const day = localDate(at, COMMITTEE_TIME_ZONE);
  const webUrl = () => office.system.webUrl;
  const [week, report] = [makeWeek({ database, calendars, webUrl }), makeReport({ database, calendars, webUrl })];
  const said: string[] = [];
  const tell = (to: Addressed, notice: Notice) => {
    if (channel === 'slack') said.push(JSON.stringify(noticeCard(notice, 'message:0')));
    else if (channel === 'webhook')
      said.push(JSON.stringify(noticePayload({ id: 'i', address: '+84', recipient: to.recipient, now: at }, notice)));
    else {
      const from = { name: 'dondoc', address: 'dondoc@dondoc.example' };
      const { files = [], ...mail } = composeNotice({ ...notice, domain: 'dondoc.example', from, recipient: to.recipient });
      said.push(JSON.stringify(mail), ...files.flatMap(({ content }) => partsOf(Buffer.from(content))));
    }
  };
  for (const { email } of [LAN, MINH, HA, SON]) {
    for (const locale of LOCALES) {
      const known = directory.person(email);
      if (known === undefined) throw new Error(`${email} is not there`);
      const recipient = { ...known, locale };
      const to = { key: 'k', recipient, channel, shadow: false, sendAt: at, at };
      const facts = await readDigestFacts(database, { person: recipient, at, directory, shadow: false });
      tell(to, digestNotice(digest({ ...facts, told: new Map() }), { key: 'k', recipient, channel, day, webUrl: webUrl() }));
      const made = [
        await week({ day, agency: 'MOST' as AgencyCode, at }, to),
        await report({ rhythm: 'weekly', at, since: addMinutes(at, -30 * 24 * 60) }, to),
      ];
      for (const notice of made) if (!('leftOut' in notice)) tell(to, notice);
    }
  }
  return said;
}

it.each(CHANNELS)(
  'by %s nothing of it leaves in what comes by itself, though it is counted; of the open task its title does',
  async (channel) => {
    const said = await noticesBy(channel);
    // Four readers, three languages, three kinds; a report has two files, one of them of many parts.
    expect(said.length).toBeGreaterThanOrEqual(36);
    const all = said.join('\n');
    expect(marksIn(all, 'KIN')).toEqual([]);
    expect(all).not.toContain('SECRET-1');
    expect(marksIn(all, 'THUONG')).toContain('title');
  },
);

it('is in no list that answers how likely it is to be late', async () => {
  const list = await page('/tasks?risk=high&lang=en');
  expect(list).toContain('OPEN-1');
  expect(list).not.toContain('SECRET-1');
});

it('opens no form and names nothing in an answer by chat, but keeps what a person writes', async () => {
  const lastTold = async () => (await office.messages(LAN)).filter(({ subtype }) => subtype === 'ephemeral').at(-1)?.text;
  const card = (await office.messages(LAN)).find(({ text }) => text.includes('Nhiệm vụ có độ mật'));
  const said = async (text: string) => {
    const { channels } = (await (await fetch(`${office.stack.info.slack?.control}/state`)).json()) as {
      channels: { id: string; user?: string; members?: string[] }[];
    };
    const channel = channels.find(
      ({ id, user, members }) => id.startsWith('D') && (user === LAN.slack || members?.includes(LAN.slack)),
    )?.id;
    await fetch(`${office.stack.info.slack?.control}/message`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ channel, user: LAN.slack, text, thread_ts: card?.ts }),
    });
  };
  await said('xong, đã nộp');
  await expect.poll(lastTold, { timeout: 15_000 }).toBe('Nhiệm vụ có độ mật. Hãy đăng nhập để xem.');
  await said('Chúng tôi đang hỏi thêm');
  await expect.poll(async () => (await office.events('SECRET-1')).at(-1)).toMatchObject({ type: 'CommentAdded', via: 'slack' });
});

it('tells by chat and mail that it waits, with the page that demands sign-in', async () => {
  const slack = await WALKS.slack('SECRET-1', 'KIN');
  expect(slack).toContain('Nhiệm vụ có độ mật');
  expect(slack).toContain('/tasks/SECRET-1');
  expect(await WALKS.email('SECRET-1', 'KIN')).toContain('SECRET-1');
  expect((await fetch(`${office.system.listensAt}/tasks/SECRET-1`)).status).toBe(401);
});

it('is sealed in the engine: neither history nor index can be read there, of any task', async () => {
  const { client } = office.system;
  for (const [code, mark] of [
    ['SECRET-1', 'KIN'],
    ['OPEN-1', 'THUONG'],
  ] as const) {
    const handle = client.workflow.getHandle(`task/${code}`);
    const { events } = await handle.fetchHistory();
    const raw = JSON.stringify(events, (_name, value: unknown) =>
      value instanceof Uint8Array || (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer')
        ? Buffer.from(value as Uint8Array).toString('utf8')
        : value,
    );
    expect(raw.length).toBeGreaterThan(10_000);
    expect(marksIn(raw, mark)).toEqual([]);
    expect(marksIn(JSON.stringify(await handle.describe()), mark)).toEqual([]);
    // With the secret it opens: what is sealed is there.
    expect(marksIn(JSON.stringify(await handle.query('view')), mark)).toContain('title');
  }
});
