/**
 * Proves the main job on real parts: a card and a mail arrive; presses, forms, replies and links become commands with one
 * effect each; the record tells it all. Does not prove times: see test/escalation.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../cli/context.ts';
import { examine } from '../cli/doctor.ts';
import { hold, letGo, listHolds } from '../cli/hold.ts';
import { showTask } from '../cli/task.ts';
import type { PartId, TaskCode } from '../domain/names.ts';
import { HA, LAN, MINH, type Office, openOffice, SON } from './office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.close());

const types = async (code: string) => (await office.events(code)).map(({ type }) => type);
/** What only one person sees, newest last. */
const told = async (person: { slack: string }) =>
  (await office.messages(person)).filter(({ subtype }) => subtype === 'ephemeral').map(({ text }) => text);
const lastTold = (person: { slack: string }) => expect.poll(async () => (await told(person)).at(-1), { timeout: 15_000 });
const buttons = async (person: { slack: string }, code: string) => {
  const { message } = await office.cardOf(person, code);
  return message.blocks?.flatMap(({ elements }) => elements?.filter(({ value }) => value === code).map(({ action_id }) => action_id) ?? []);
};

describe('the assignee in chat', () => {
  it('acknowledges by one press; the same press twice more gets a polite answer and leaves no event', async () => {
    await office.assign('E2E-1');
    await office.cardOf(LAN, 'E2E-1');
    await Promise.all([1, 2, 3].map(() => office.press(LAN, 'E2E-1', 'task_acknowledge')));
    await expect.poll(async () => (await told(LAN)).length).toBe(3);
    const noted = 'Đã ghi nhận: bạn đã xác nhận nhiệm vụ E2E-1.';
    const already = 'Nhiệm vụ đã được Nguyễn Thị Lan xác nhận trước đó; không cần làm gì thêm.';
    // Presses of one millisecond are one act to Slack: the repeated one hears what the first one heard.
    expect(await told(LAN)).toContain(noted);
    expect((await told(LAN)).filter((each) => each !== noted && each !== already)).toEqual([]);
    expect(await office.events('E2E-1')).toEqual([
      { type: 'TaskAssigned', by: HA.email, via: 'cli' },
      { type: 'TaskAcknowledged', by: LAN.email, via: 'slack' },
    ]);
    await expect.poll(() => buttons(LAN, 'E2E-1')).toEqual(['task_done', 'task_progress', 'task_details']);
  });

  it('cannot report done without evidence, then can, and another person verifies', async () => {
    await office.press(LAN, 'E2E-1', 'task_done');
    await office.form('task_done_form');
    await office.send(LAN, {});
    expect(await office.formErrors()).toEqual({ evidence: 'Xin kèm ít nhất một minh chứng: nội dung, liên kết hoặc tệp.' });
    await office.send(LAN, { evidence: { value: { type: 'plain_text_input', value: 'Nghị định 12/2026/NĐ-CP' } } });
    await expect.poll(() => types('E2E-1')).toContain('DoneReported');
    await expect.poll(() => buttons(LAN, 'E2E-1')).toEqual(['task_details']);

    expect(await buttons(HA, 'E2E-1')).toEqual(['task_verify', 'task_return', 'task_details']);
    await office.press(HA, 'E2E-1', 'task_verify');
    await expect.poll(() => types('E2E-1')).toEqual(['TaskAssigned', 'TaskAcknowledged', 'DoneReported', 'TaskVerified']);
    await expect.poll(() => buttons(HA, 'E2E-1')).toEqual(['task_details']);
    // Nothing waits for a closed task, and its workflow has ended.
    const left = await office.system.database.notification.count({ where: { taskCode: 'E2E-1', status: 'planned' } });
    expect(left).toBe(0);
  });

  it('is told truly when pressing on what is closed, and when it is not theirs to press', async () => {
    // The press of an old card: what Slack delivers is the button as it was shown.
    await office.press(LAN, 'E2E-1', 'task_acknowledge');
    await lastTold(LAN).toBe('Nhiệm vụ đã hoàn thành, Lê Thu Hà xác nhận; không có gì thay đổi.');
    await office.assign('E2E-2');
    const { channel, message } = await office.cardOf(LAN, 'E2E-2');
    await fetch(`${office.stack.info.slack?.control}/interact`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        channel,
        messageTs: message.ts,
        user: MINH.slack,
        action: { type: 'button', action_id: 'task_acknowledge', value: 'E2E-2' },
      }),
    });
    await expect.poll(async () => (await office.messages(LAN)).filter(({ text }) => text.includes('Chỉ người phụ trách')).length).toBe(1);
    expect(await types('E2E-2')).toEqual(['TaskAssigned']);
  });

  it('answers in one line: "xong" asks for evidence, "xong" with a file or a text reports, anything else is kept', async () => {
    await office.assign('E2E-3');
    await office.reply(LAN, 'E2E-3', 'Chúng tôi đang chờ ý kiến Bộ Tư pháp');
    await expect.poll(() => types('E2E-3'), { timeout: 15_000 }).toEqual(['TaskAssigned', 'CommentAdded']);
    await office.reply(LAN, 'E2E-3', 'Xong');
    await expect
      .poll(async () =>
        (await office.messages(LAN)).some(
          ({ thread_ts, text }) => thread_ts !== undefined && text.startsWith('Xin kèm ít nhất một minh chứng'),
        ),
      )
      .toBe(true);
    await office.upload(LAN, 'E2E-3', 'xong', { name: 'nghi-dinh.txt', content: 'Nghị định' });
    await expect.poll(() => types('E2E-3')).toEqual(['TaskAssigned', 'CommentAdded', 'TaskAcknowledged', 'DoneReported']);
    const [evidence] = await office.system.database.evidence.findMany({ where: { taskCode: 'E2E-3' } });
    expect(evidence?.body).toMatchObject({ type: 'file', name: 'nghi-dinh.txt', bytes: 14 });
    const [file] = await office.system.database.attachment.findMany();
    expect(Buffer.from(file?.content ?? []).toString()).toBe('Nghị định');
  });

  it('asks for a transfer; the coordinator approves, the receiving agency names who answers', async () => {
    await office.assign('E2E-4');
    await office.choose(LAN, 'E2E-4', 'task_transfer');
    await office.form('task_transfer_form');
    await office.send(LAN, {
      agency: { value: { type: 'static_select', selected_option: { value: 'MOF' } } },
      reason: { value: { type: 'plain_text_input', value: 'Không đúng chức năng' } },
    });
    await expect.poll(() => types('E2E-4')).toEqual(['TaskAssigned', 'TransferRequested']);
    await office.press(HA, 'E2E-4', 'transfer_approve');
    await expect.poll(() => types('E2E-4')).toContain('TransferApproved');
    await office.press(SON, 'E2E-4', 'transfer_accept');
    await office.form('transfer_accept_form');
    await office.send(SON, { assignee: { value: { type: 'static_select', selected_option: { value: SON.email } } } });
    await expect.poll(() => types('E2E-4')).toEqual(['TaskAssigned', 'TransferRequested', 'TransferApproved', 'TransferAccepted']);
    const row = await office.system.database.task.findUniqueOrThrow({ where: { code: 'E2E-4' } });
    expect([row.leadAgency, row.assignee, row.status]).toEqual(['MOF', SON.email, 'assigned']);
    await expect.poll(() => buttons(LAN, 'E2E-4')).toEqual(['task_details']);
  });

  it('tells progress, asks, is urged on, and reports by what the product is known by', async () => {
    await office.assign('E2E-9', {
      more: { products: [{ id: 'p1' as PartId, name: 'Nghị định', kind: 'legal_document', due: null }] },
    });
    await office.press(LAN, 'E2E-9', 'task_acknowledge');
    await expect.poll(() => buttons(LAN, 'E2E-9')).toContain('task_progress');
    await office.press(LAN, 'E2E-9', 'task_progress');
    await office.form('task_progress_form');
    const typed = (value: string) => ({ value: { type: 'plain_text_input', value } });
    await office.send(LAN, { text: typed('Đã lấy ý kiến các bộ'), percent: typed('sáu mươi') });
    await expect.poll(() => office.formErrors()).toMatchObject({ percent: expect.stringContaining('0 – 100') });
    await office.send(LAN, { text: typed('Đã lấy ý kiến các bộ'), percent: typed('60%') });
    await expect.poll(() => types('E2E-9')).toContain('ProgressReported');
    await office.choose(LAN, 'E2E-9', 'task_question');
    await office.form('task_question_form');
    await office.send(LAN, { text: typed('Trình Chính phủ hay Thủ tướng?') });
    await office.press(HA, 'E2E-9', 'question_answer');
    await office.form('question_answer_form');
    await office.send(HA, { text: typed('Trình Chính phủ') });
    await expect.poll(() => types('E2E-9')).toContain('QuestionAnswered');
    await office.choose(HA, 'E2E-9', 'task_nudge');
    await office.form('task_nudge_form');
    await office.send(HA, { text: typed('Cần trước thứ Sáu') });
    await expect.poll(async () => JSON.stringify(await office.messages(LAN))).toContain('Cần trước thứ Sáu');
    // A text is no decree: what is missing is said, and the form asks for it.
    await office.reply(LAN, 'E2E-9', 'xong, đã ban hành');
    await lastTold(LAN).toContain('Nghị định');
    await office.press(LAN, 'E2E-9', 'task_done');
    await office.form('task_done_form');
    await office.send(LAN, {
      number: typed('12/2099/NĐ-CP'),
      date: { value: { type: 'datepicker', selected_date: '2099-03-01' } },
      signer: typed('Thủ tướng'),
      grade: { value: { type: 'static_select', selected_option: { value: 'good' } } },
    });
    await expect.poll(() => types('E2E-9')).toContain('DoneReported');
    await expect
      .poll(async () => office.system.database.evidence.findMany({ where: { taskCode: 'E2E-9' } }))
      .toMatchObject([{ type: 'document', body: { number: '12/2099/NĐ-CP', signer: 'Thủ tướng' } }]);
    await office.press(HA, 'E2E-9', 'task_return');
    await office.form('task_return_form');
    await office.send(HA, { reason: typed('Thiếu phụ lục'), deadline: { value: { type: 'datepicker', selected_date: '2099-04-01' } } });
    await expect.poll(() => types('E2E-9')).toContain('TaskReturned');
  });

  it('asks a coordinating agency for its part, which it acknowledges and gives', async () => {
    await office.assign('E2E-10');
    await office.choose(LAN, 'E2E-10', 'task_contribution');
    await office.form('task_contribution_form');
    await office.send(LAN, {
      agency: { value: { type: 'static_select', selected_option: { value: 'MOF' } } },
      text: { value: { type: 'plain_text_input', value: 'Ý kiến về kinh phí' } },
      deadline: { value: { type: 'datepicker', selected_date: '2099-03-01' } },
    });
    await office.press(SON, 'E2E-10', 'contribution_acknowledge');
    await expect.poll(() => types('E2E-10')).toContain('ContributionAcknowledged');
    await office.press(SON, 'E2E-10', 'contribution_give');
    await office.form('contribution_give_form');
    await office.send(SON, { text: { value: { type: 'plain_text_input', value: 'Công văn 45/BTC' } } });
    await expect.poll(() => types('E2E-10')).toContain('ContributionGiven');
    await expect.poll(async () => JSON.stringify(await office.messages(LAN))).toContain('Công văn 45/BTC');
  });

  it('asks for more time and reports an obstacle by a form; the coordinator grants and answers', async () => {
    await office.assign('E2E-8');
    await office.press(LAN, 'E2E-8', 'task_acknowledge');
    await expect.poll(() => buttons(LAN, 'E2E-8')).toContain('task_progress');
    await office.choose(LAN, 'E2E-8', 'task_extend');
    await office.form('task_extend_form');
    const until = (date: string) => ({
      deadline: { value: { type: 'datepicker', selected_date: date } },
      reason: { value: { type: 'plain_text_input', value: 'Chờ ý kiến' } },
    });
    await office.send(LAN, until('2099-12-31'));
    await expect.poll(() => types('E2E-8')).toContain('ExtensionRequested');
    await office.choose(LAN, 'E2E-8', 'task_obstacle');
    await office.form('task_obstacle_form');
    await office.send(LAN, {
      kind: { value: { type: 'static_select', selected_option: { value: 'law' } } },
      text: { value: { type: 'plain_text_input', value: 'Chưa có quy định' } },
    });
    await expect.poll(() => types('E2E-8')).toContain('ObstacleReported');
    await office.press(HA, 'E2E-8', 'extension_grant');
    await expect.poll(() => types('E2E-8')).toContain('ExtensionGranted');
    await office.press(HA, 'E2E-8', 'obstacle_answer');
    await office.form('obstacle_answer_form');
    await office.send(HA, {
      which: { value: { type: 'static_select', selected_option: { value: '4' } } },
      text: { value: { type: 'plain_text_input', value: 'Áp dụng Nghị định 47' } },
    });
    await expect.poll(() => types('E2E-8')).toContain('ObstacleAnswered');
    const row = await office.system.database.task.findUniqueOrThrow({ where: { code: 'E2E-8' } });
    expect(row.deadline.toISOString().slice(0, 10)).toBe('2099-12-31');
  });

  it('says by a form how likely it is to be late; the coordinator sees it and lowers it', async () => {
    await office.assign('E2E-11');
    const judged = (level: string, reason: string) => ({
      level: { value: { type: 'static_select', selected_option: { value: level } } },
      reason: { value: { type: 'plain_text_input', value: reason } },
    });
    await office.choose(LAN, 'E2E-11', 'task_risk');
    await office.form('task_risk_form');
    await office.send(LAN, judged('high', 'Chưa có đơn vị tư vấn'));
    await expect.poll(() => types('E2E-11')).toContain('RiskReported');
    const listed = async () => (await fetch(`${office.system.listensAt}/tasks?risk=high&lang=en`)).text();
    await expect.poll(listed).toContain('E2E-11');
    await expect.poll(async () => JSON.stringify((await office.cardOf(LAN, 'E2E-11')).message)).toContain('Chưa có đơn vị tư vấn');
    const request = { type: 'ReportRisk' as const, level: 'low' as const, reason: 'Đã ký hợp đồng' };
    const lowered = await office.submit({ key: 'lower', code: 'E2E-11' as TaskCode, actor: HA.email, via: 'cli', request });
    expect(lowered).toMatchObject({ answer: 'done' });
    await expect.poll(listed).not.toContain('E2E-11');
    const shown = await (await fetch(`${office.system.listensAt}/tasks/E2E-11?lang=en`)).text();
    expect(shown).toContain('Đã ký hợp đồng');
  });

  it('reads the details in a form', async () => {
    await office.press(LAN, 'E2E-4', 'task_details');
    await expect.poll(() => JSON.stringify(office.topForm() ?? null)).toContain('Bộ Tài chính');
  });
});

describe('the recipient of a mail', () => {
  const mailOf = async (code: string) => {
    const find = async () => (await office.mails(LAN)).find(({ subject }) => subject.includes(`[${code}]`));
    await expect.poll(find, { timeout: 15_000 }).toBeDefined();
    return find();
  };
  const linkIn = (text: string | undefined) => /https?:\/\/\S+\/a\/\S+/.exec(text ?? '')?.[0] ?? '';

  it('acknowledges by the page behind the link; opening it, however often, acknowledges nothing', async () => {
    await office.assign('E2E-5');
    const link = linkIn((await mailOf('E2E-5'))?.text);
    for (let scan = 0; scan < 3; scan += 1) {
      const opened = await fetch(link);
      expect(opened.status).toBe(200);
      expect(await opened.text()).toContain('Nguyễn Thị Lan');
    }
    expect((await fetch(link, { method: 'HEAD' })).status).toBe(200);
    expect(await types('E2E-5')).toEqual(['TaskAssigned']);
    const [first, second] = await Promise.all([fetch(link, { method: 'POST' }), fetch(link, { method: 'POST' })]);
    expect([first.status, second.status]).toEqual([200, 200]);
    await expect
      .poll(() => office.events('E2E-5'))
      .toEqual([
        { type: 'TaskAssigned', by: HA.email, via: 'cli' },
        { type: 'TaskAcknowledged', by: LAN.email, via: 'email' },
      ]);
  });

  it('cannot act by a link that was forged or cut', async () => {
    await office.assign('E2E-6');
    const link = linkIn((await mailOf('E2E-6'))?.text);
    const forged = link.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    for (const bad of [forged, link.slice(0, -10), `${link}~x`]) {
      expect((await fetch(bad)).status).toBe(403);
      expect((await fetch(bad, { method: 'POST' })).status).toBe(403);
    }
    expect(await types('E2E-6')).toEqual(['TaskAssigned']);
  });

  it('finds all mails of a task in one conversation, marked as automatic', async () => {
    const mail = await mailOf('E2E-5');
    expect(mail?.headers).toMatchObject({
      'in-reply-to': '<task.e2e-5@dondoc.example>',
      references: '<task.e2e-5@dondoc.example>',
      'auto-submitted': 'auto-generated',
    });
  });
});

describe('the record', () => {
  it('verifies, and rows, workflows and ledger agree with it', async () => {
    await expect.poll(async () => (await examine(office.system.database, office.system.client)).findings, { timeout: 10_000 }).toEqual([]);
  });

  it('shows one altered letter', async () => {
    const { database, client } = office.system;
    await expect(database.$executeRaw`UPDATE task_event SET body = '{}' WHERE task_code = 'E2E-1'`).rejects.toThrow('never changed');
    await expect(database.$executeRaw`DELETE FROM task_event WHERE task_code = 'E2E-1'`).rejects.toThrow('never changed');
    await database.$executeRawUnsafe(`ALTER TABLE task_event DISABLE TRIGGER task_event_unalterable`);
    await database.$executeRaw`UPDATE task_event SET body = jsonb_set(body, '{via}', '"email"') WHERE task_code = 'E2E-1' AND seq = 2`;
    expect((await examine(database, client)).findings).toMatchObject([{ code: 'E2E-1', finding: 'chain_broken', detail: 'event 2' }]);
    await database.$executeRaw`UPDATE task_event SET body = jsonb_set(body, '{via}', '"slack"') WHERE task_code = 'E2E-1' AND seq = 2`;
    await database.$executeRawUnsafe(`ALTER TABLE task_event ENABLE TRIGGER task_event_unalterable`);
  });

  it('takes the same act under the same key once, also after the task has closed', async () => {
    await office.assign('E2E-7');
    const act = () =>
      office.submit({
        key: 'test:same',
        code: 'E2E-7' as TaskCode,
        actor: LAN.email,
        via: 'slack',
        request: { type: 'AcknowledgeTask' },
      });
    const answers = await Promise.all([act(), act(), act()]);
    expect(answers.map(({ answer }) => answer)).toEqual(['done', 'done', 'done']);
    await expect.poll(() => types('E2E-7')).toEqual(['TaskAssigned', 'TaskAcknowledged']);
    await office.submit({
      key: 'c',
      code: 'E2E-7' as TaskCode,
      actor: HA.email,
      via: 'cli',
      request: { type: 'CancelTask', reason: 'thừa' },
    });
    await expect.poll(() => types('E2E-7')).toContain('TaskCancelled');
    expect(await act()).toMatchObject({ answer: 'done' });
  });
});

describe('the command line', () => {
  const printed: { document: unknown; human: string }[] = [];
  const context = (): Context => ({
    state: office.state,
    json: true,
    print: (document, human) => void printed.push({ document, human }),
    say: () => {},
  });
  const last = () => printed.at(-1) ?? { document: {}, human: '' };

  it('suspends sending, shows what is held until when and why, and lets it go at once', async () => {
    const flags = { until: '+2h', reason: 'Bão số 3', as: HA.email };
    expect(await hold(context(), 'all', flags)).toBe(true);
    const { id, until } = (last().document as { hold: { id: string; until: string } }).hold;
    await office.assign('E2E-HELD');
    await showTask(context(), 'E2E-HELD');
    expect(last().document).toMatchObject({
      notifications: expect.arrayContaining([
        expect.objectContaining({ status: 'planned', held: { hold: id, until, reason: 'Bão số 3' } }),
      ]),
    });
    expect(last().human).toContain(`planned, held until ${until}: Bão số 3`);
    await listHolds(context());
    expect(last().document).toMatchObject({
      count: 1,
      holds: [{ id, held: expect.arrayContaining([expect.objectContaining({ kind: 'assignment' })]) }],
    });
    expect(await letGo(context(), id, { as: LAN.email })).toBe(false);
    expect(last().human).toBe('Only a coordinator can do this.');
    expect(await letGo(context(), id, { as: HA.email })).toBe(true);
    await office.cardOf(LAN, 'E2E-HELD');
    await listHolds(context());
    expect(last()).toEqual({ document: { count: 0, holds: [] }, human: 'nothing is held' });
  });

  it.each([
    ['no end', 'all', { reason: 'x', as: HA.email }, '--until is missing'],
    ['no reason', 'all', { until: '+2h', as: HA.email }, '--reason is missing'],
    ['nobody', 'all', { until: '+2h', reason: 'x' }, '--as is missing'],
    ['an unreadable end', 'all', { until: '2 hours', reason: 'x', as: HA.email }, '--until 2 hours: write +2h'],
    ['nothing to hold', undefined, { until: '+2h', reason: 'x', as: HA.email }, 'say what to hold'],
    ['all and a part of it', 'all', { channel: 'slack', until: '+2h', reason: 'x', as: HA.email }, 'say what to hold'],
    ['an unknown channel', undefined, { channel: 'fax', until: '+2h', reason: 'x', as: HA.email }, 'write slack or email'],
    ['another word', 'everything', { until: '+2h', reason: 'x', as: HA.email }, 'everything: write all'],
  ])('refuses a hold with %s', async (_, what, flags, said) => {
    await expect(hold(context(), what, flags)).rejects.toThrow(said);
  });
});
