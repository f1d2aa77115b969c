/**
 * Proves what becomes of an assignee who left for good: a real Slack that knows the account no more and a real mail server that refuses
 * the mailbox make the person gone, the head stands in and is asked once, by chat and by mail, to name another, and one choice hands
 * everything over. Who comes back is told again.
 */
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bulk } from '../cli/bulk.ts';
import { examine } from '../cli/doctor.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE } from '../domain/time.ts';
import { endLeaving } from '../inbox/absence.ts';
import { loseChannel } from '../inbox/gone.ts';
import { importDirectory } from '../inbox/import/directory.ts';
import { HA, LAN, MINH, type Office, openOffice, SON } from './office.ts';
import { openSlackProxy, type SlackProxy } from './slack-proxy.ts';
import { openSmtpServer, type RunningSmtpServer } from './smtp-server.ts';

/** Of the Ministry of Finance, which Sơn heads. */
const KHOA = { slack: 'U0MASDAQHV8', email: 'khoa.duong@mof.example' as Email };
const HOANG = { slack: 'U0N3QUF7HX0', email: 'hoang.duong@mof.example' as Email };
const THANH = { slack: 'U0NTDJF8YYS', email: 'thanh.nguyen@mof.example' as Email };
const DAT = { slack: 'U0ATCHFUVJR', email: 'dat.pham@mof.example' as Email };
/** Of Lan's ministry; reached by mail alone. */
const HEAD = 'dung.mai@most.example' as Email;
const MOF = 'MOF' as AgencyCode;
const refusedMailboxes = new Set<string>();
let office: Office;
let server: RunningSmtpServer;
let slack: SlackProxy;

beforeAll(async () => {
  server = await openSmtpServer({
    refuses: (address) => (refusedMailboxes.has(address) ? Object.assign(new Error('5.1.1 no such mailbox'), { responseCode: 550 }) : null),
    // What is taken goes on to the mail catcher, where people read it.
    async onMail({ to, bytes }) {
      const { host, port } = office.stack.info.mail.smtp;
      const onward = createTransport({ host, port, ignoreTLS: true });
      await onward.sendMail({ envelope: { from: 'dondoc@dondoc.example', to: [...to] }, raw: bytes });
    },
  });
  office = await openOffice({
    smtp: server.access,
    slackThrough: async (apiUrl) => {
      slack = await openSlackProxy(apiUrl);
      return slack.apiUrl;
    },
  });
});
afterAll(async () => {
  await office.close();
  await slack.close();
  await server.close();
});

const person = (email: string) => office.system.database.person.findUniqueOrThrow({ where: { email } });
/** Neither workspace nor mail server knows the person any more; the conversation that was opened is gone with the account. */
async function leave({ slack: account, email }: { slack: string; email: string }): Promise<void> {
  slack.missing.add(account);
  refusedMailboxes.add(email);
  await office.system.database.person.update({ where: { email }, data: { slackDm: null } });
}
const questionsOf = async (who: { slack: string }) =>
  (await office.messages(who)).filter(({ blocks }) =>
    blocks?.some(({ elements }) => elements?.some(({ action_id }) => action_id?.startsWith('gone_name:'))),
  );
const asked = async ({ email }: { email: string }) =>
  (await told({ kind: 'assignee_gone', key: { contains: `/${email}/2` } })).map((row) => `${row.recipient} ${row.channel} ${row.status}`);
const findingsOf = async ({ email }: { email: string }) =>
  (await examine(office.system.database, office.system.client)).findings
    .filter(({ code, detail }) => code === email || detail.includes(email))
    .map(({ finding, detail }) => `${finding} ${detail}`);
const told = (where: object) => office.system.database.notification.findMany({ where, orderBy: { key: 'asc' } });

it('notes that Slack and the mail server know the person no more, and tells the head in that place', async () => {
  expect(await office.assign('GONE-1', { assignee: KHOA.email })).toMatchObject({ answer: 'done' });
  await office.cardOf(KHOA, 'GONE-1');
  await leave(KHOA);
  expect(await office.assign('GONE-2', { assignee: KHOA.email })).toMatchObject({ answer: 'done' });
  await expect.poll(async () => (await person(KHOA.email)).slackGoneAt, { timeout: 15_000 }).not.toBeNull();
  await expect.poll(async () => (await person(KHOA.email)).goneAt, { timeout: 20_000 }).not.toBeNull();
  await office.cardOf(SON, 'GONE-1');
  await office.cardOf(SON, 'GONE-2');
  const assigned = await told({ step: 'assigned', recipient: SON.email });
  expect(new Set(assigned.map(({ taskCode }) => taskCode))).toEqual(new Set(['GONE-1', 'GONE-2']));
  expect(assigned.map(({ reason }) => reason).every((reason) => reason.endsWith(`in place of ${KHOA.email}`))).toBe(true);
}, 60_000);

it('asks the head once, by chat and by mail', async () => {
  await expect.poll(async () => (await questionsOf(SON)).length, { timeout: 20_000 }).toBe(1);
  await expect.poll(() => asked(KHOA), { timeout: 20_000 }).toEqual([`${SON.email} email sent`, `${SON.email} slack sent`]);
  expect((await questionsOf(SON))[0]?.text).toMatch(
    /^Dương Khải Khoa đã nghỉ hẳn \(từ .*\) và còn 2 nhiệm vụ chưa xong\. Xin cử người khác\.$/,
  );
  // Planned anew, however often, it is not asked anew.
  await office.system.database.task.updateMany({ data: { replanSince: new Date() } });
  await office.system.sweep();
  await expect.poll(() => office.system.database.task.count({ where: { replanSince: { not: null } } }), { timeout: 15_000 }).toBe(0);
  expect(await asked(KHOA)).toHaveLength(2);
  expect(await questionsOf(SON)).toHaveLength(1);
});

it('is found by the doctor, and said on the page', async () => {
  expect(await findingsOf(KHOA)).toEqual([expect.stringMatching(/^person_gone left on \S+ with 2 open tasks$/)]);
  const page = await (await fetch(`${office.system.listensAt}/tasks/GONE-1?lang=en`)).text();
  expect(page).toMatch(/Dương Khải Khoa <span class="note late">left on /);
});

it('hands nothing to who has left, and to nobody else without the right to', async () => {
  const give = (assignee: Email, actor: Email, key: string) =>
    office.submit({
      key,
      code: 'GONE-1' as TaskCode,
      actor,
      via: 'cli',
      request: { type: 'ReassignTask', agency: MOF, assignee, assigneeAgency: MOF, reason: 'x' },
    });
  expect(await give(KHOA.email, SON.email, 'a')).toMatchObject({ refusal: { refused: 'person_gone' } });
  expect(await give(LAN.email, SON.email, 'b')).toMatchObject({ refusal: { refused: 'assignee_of_other_agency' } });
  expect(await give(THANH.email, HOANG.email, 'c')).toMatchObject({ refusal: { refused: 'not_a_coordinator' } });
});

it('hands everything over by one choice, tells who is named once, and leaves no stale question', async () => {
  const [question] = await questionsOf(SON);
  const channel = (await office.cardOf(SON, 'GONE-1')).channel;
  const press = () =>
    fetch(`${office.stack.info.slack?.control}/interact`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        channel,
        messageTs: question?.ts,
        user: SON.slack,
        action: { type: 'static_select', action_id: `gone_name:${KHOA.email}`, selected_option: { value: THANH.email } },
      }),
    });
  expect((await press()).ok).toBe(true);
  const assignees = async () =>
    (await office.system.database.task.findMany({ where: { code: { in: ['GONE-1', 'GONE-2'] } } })).map(({ assignee }) => assignee);
  await expect.poll(assignees, { timeout: 15_000 }).toEqual([THANH.email, THANH.email]);
  const answers = async () => (await office.messages(SON)).filter(({ subtype }) => subtype === 'ephemeral').map(({ text }) => text);
  await expect.poll(answers, { timeout: 10_000 }).toEqual(['Đã giao 2 nhiệm vụ cho Nguyễn Tường Thành.']);
  for (const code of ['GONE-1', 'GONE-2']) await office.cardOf(THANH, code);
  await expect.poll(() => questionsOf(SON), { timeout: 20_000 }).toEqual([]);
  const settled = (await office.messages(SON)).find(({ ts }) => ts === question?.ts);
  expect(settled?.text).toMatch(/^Dương Khải Khoa đã nghỉ hẳn .*; không còn nhiệm vụ nào/);
  expect((await office.events('GONE-1')).filter(({ type }) => type === 'TaskReassigned')).toEqual([
    { type: 'TaskReassigned', by: SON.email, via: 'slack' },
  ]);
  const supervisors = await office.system.database.task.findMany({ where: { code: 'GONE-1' } });
  expect(supervisors.map(({ supervisor }) => supervisor)).toEqual([MINH.email]);
  // Nothing is in those hands any more: nothing to find.
  await expect.poll(() => findingsOf(KHOA)).toEqual([]);
});

it('is answered for one task by its card, and for all by the page behind the mail, which names no restricted task', async () => {
  for (const code of ['GONE-3', 'GONE-8']) {
    await office.assign(code, { assignee: HOANG.email });
    await office.cardOf(HOANG, code);
  }
  await leave(HOANG);
  await office.assign('GONE-4', { assignee: HOANG.email, title: 'KINTITLE', more: { secrecy: 'secret' } });
  const mail = async () => (await office.mails(SON)).find(({ subject }) => subject.startsWith('Dương Tường Hoàng'));
  await expect.poll(mail, { timeout: 30_000 }).toBeDefined();
  const text = (await mail())?.text ?? '';
  expect(text).toContain('còn 3 nhiệm vụ');
  await office.choose(SON, 'GONE-8', 'task_name_another');
  await office.form('task_name_another_form');
  await office.send(SON, { assignee: { value: { type: 'static_select', selected_option: { value: THANH.email } } } });
  await expect
    .poll(async () => (await office.events('GONE-8')).at(-1), { timeout: 10_000 })
    .toEqual({ type: 'TaskReassigned', by: SON.email, via: 'slack' });
  const url = /https?:\/\/\S+\/n\/[\w~-]+/.exec(text)?.[0] ?? '';
  const page = await (await fetch(url)).text();
  expect(page).toContain('GONE-3');
  expect(page).toContain(`<option value="${THANH.email}">`);
  expect(page).not.toContain(`<option value="${KHOA.email}">`);
  for (const seen of [page, text, JSON.stringify(await office.messages(SON))]) expect(seen).not.toContain('KINTITLE');
  expect(await office.events('GONE-3')).toHaveLength(1);
  const send = async (assignee: string) => {
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams({ assignee }) });
    return (await answer.text()).replaceAll(/<[^>]*>/g, ' ');
  };
  expect(await send('no address')).toContain('Không tìm thấy');
  expect(await send(LAN.email)).toContain('không thuộc cơ quan');
  expect(await send(THANH.email)).toContain('Đã giao 2 nhiệm vụ cho Nguyễn Tường Thành.');
  expect(await send(THANH.email)).toContain('Chưa giao được nhiệm vụ nào');
  expect((await office.events('GONE-3')).at(-1)).toEqual({ type: 'TaskReassigned', by: SON.email, via: 'email' });
  expect((await fetch(`${url.slice(0, -3)}abc`)).status).toBe(403);
});

it('goes on by mail where only the chat account is gone, and by chat once there is one again', async () => {
  slack.missing.add(DAT.slack);
  await office.assign('GONE-5', { assignee: DAT.email });
  await expect
    .poll(() => findingsOf(DAT), { timeout: 20_000 })
    .toEqual([expect.stringMatching(/^channel_gone not reached by slack .* told by email$/)]);
  expect((await person(DAT.email)).goneAt).toBeNull();
  await expect.poll(async () => (await office.mails(DAT)).length, { timeout: 15_000 }).toBe(1);
  const planned = () => told({ taskCode: 'GONE-5', recipient: DAT.email, step: 'unacknowledged-1m', status: 'planned' });
  await expect.poll(async () => (await planned()).map(({ channel }) => channel), { timeout: 15_000 }).toEqual(['email']);
  expect(await asked(DAT)).toEqual([]);
  // The directory with another account brings the channel back; the same row again does not.
  const row = (slackId: string) =>
    `email,name,agency,role,locale,time_zone,slack_id\n${DAT.email},Phạm Nguyên Đạt,MOF,supervisor,vi,Asia/Ho_Chi_Minh,${slackId}\n`;
  const { database } = office.system;
  const read = (slackId: string) =>
    importDirectory({ database, now: office.system.now(), dryRun: false }, 'people', new TextEncoder().encode(row(slackId)));
  expect(await read(DAT.slack)).toMatchObject({ unchanged: 1 });
  expect((await person(DAT.email)).slackGoneAt).not.toBeNull();
  expect(await read('U0ANOTHER')).toMatchObject({ updated: 1 });
  expect((await person(DAT.email)).slackGoneAt).toBeNull();
  await expect.poll(async () => (await planned()).map(({ channel }) => channel), { timeout: 15_000 }).toEqual(['slack']);
});

it('asks the coordinator where the head has left too', async () => {
  slack.missing.add(LAN.slack);
  for (const email of [LAN.email, HEAD]) refusedMailboxes.add(email);
  await loseChannel(office.system.database, { person: HEAD, channel: 'email', at: office.system.now() });
  await office.assign('GONE-6', { assignee: LAN.email });
  await expect.poll(() => asked(LAN), { timeout: 30_000 }).toEqual([`${HA.email} email sent`, `${HA.email} slack sent`]);
  await office.cardOf(HA, 'GONE-6');
  // What was on its way when it became known is planned anew, however late it fails.
  const { database } = office.system;
  await database.notification.updateMany({
    where: { recipient: LAN.email, taskCode: 'GONE-6', status: 'failed' },
    data: { status: 'sending' },
  });
  await loseChannel(database, { person: LAN.email, channel: 'slack', at: office.system.now() });
  expect(await database.task.findUnique({ where: { code: 'GONE-6' } })).not.toMatchObject({ replanSince: null });
  expect(await told({ recipient: HEAD, status: { in: ['sent', 'merged'] } })).toEqual([]);
  // The coordinator hands over from the command line.
  const printed: unknown[] = [];
  const context = { state: office.state, json: true, print: (document: unknown) => void printed.push(document), say: () => {} };
  const flags = { as: HA.email, ofAssignee: LAN.email, agency: 'MOST', assignee: MINH.email, reason: 'đã nghỉ', key: 'k' };
  expect(await bulk(context, 'reassign', flags)).toBe(true);
  expect(printed).toMatchObject([{ done: 1, refused: 0 }]);
  expect((await office.events('GONE-6')).at(-1)).toEqual({ type: 'TaskReassigned', by: HA.email, via: 'cli' });
});

it('is told again who is heard again', async () => {
  slack.missing.delete(KHOA.slack);
  refusedMailboxes.delete(KHOA.email);
  await office.submit({
    key: 'heard',
    code: 'GONE-1' as TaskCode,
    actor: KHOA.email,
    via: 'slack',
    request: { type: 'AddComment', text: 'Tôi đã trở lại', files: [] },
  });
  expect(await person(KHOA.email)).toMatchObject({ goneAt: null, slackGoneAt: null });
  expect(await office.assign('GONE-7', { assignee: KHOA.email })).toMatchObject({ answer: 'done' });
  await office.cardOf(KHOA, 'GONE-7');
  expect((await told({ taskCode: 'GONE-7', recipient: SON.email })).map(({ step }) => step)).toEqual([]);
  // The other channel is tried again on the word of whoever may say so.
  const edge = { database: office.system.database, now: office.system.now(), timeZone: COMMITTEE_TIME_ZONE };
  expect(await endLeaving(edge, KHOA.email, THANH.email)).toMatchObject({ refused: 'not_of_this_agency' });
  expect(await endLeaving(edge, KHOA.email, SON.email)).toBeNull();
  expect((await person(KHOA.email)).emailGoneAt).toBeNull();
  expect(await findingsOf(KHOA)).toEqual([]);
});

it('does not say by another channel what was said before its own was gone', async () => {
  const { database } = office.system;
  await office.assign('GONE-9', { assignee: THANH.email });
  await office.cardOf(THANH, 'GONE-9');
  const evidence = [{ type: 'text' as const, text: 'xong' }];
  await office.submit({ key: 'r', code: 'GONE-9' as TaskCode, actor: THANH.email, via: 'cli', request: { type: 'ReportDone', evidence } });
  const reported = async () =>
    (await told({ taskCode: 'GONE-9', step: 'reported', recipient: HA.email })).map(({ channel, status }) => `${channel} ${status}`);
  await expect.poll(reported, { timeout: 15_000 }).toEqual(['slack sent']);
  await loseChannel(database, { person: HA.email, channel: 'slack', at: office.system.now() });
  const unplanned = () => database.task.count({ where: { code: 'GONE-9', replanSince: { not: null } } });
  expect(await unplanned()).toBe(1);
  await expect.poll(unplanned, { timeout: 15_000 }).toBe(0);
  // The next act is told by what is left: the plan is from after the loss.
  await office.submit({ key: 'o', code: 'GONE-1' as TaskCode, actor: THANH.email, via: 'cli', request: { type: 'ReportDone', evidence } });
  const next = async () => (await told({ taskCode: 'GONE-1', step: 'reported', recipient: HA.email })).map(({ channel }) => channel);
  await expect.poll(next, { timeout: 15_000 }).toEqual(['email']);
  expect(await reported()).toEqual(['slack sent']);
});
