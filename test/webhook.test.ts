/**
 * Proves that a third channel keeps every promise that the couriers make: a gateway of its own, which checks each signature, is told once
 * and in one message whatever it answers, whether it is away, and whoever is killed. Not each answer by itself: see webhook/transport.test.ts.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSpeaking } from '../bench/process.ts';
import { connectionsOf, startSystem } from '../cli/system.ts';
import { loadPolicy } from '../config/policy.ts';
import { addMinutes } from '../domain/calendar.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import { enterHold, releaseHold } from '../inbox/hold.ts';
import { importDirectory } from '../inbox/import/directory.ts';
import { freePort } from '../ops/ports.ts';
import { storeNotices } from '../prisma/notices.ts';
import { storePolicy } from '../prisma/policies.ts';
import { partitionOf } from '../worker/partition.ts';
import { PARTITIONS } from '../workflows/names.ts';
import { type Gateway, openGateway, type TakenMessage } from './gateway.ts';
import { HA, LAN, MINH, type Office, openOffice, SON } from './office.ts';
import { openSlackProxy, type SlackProxy } from './slack-proxy.ts';

/** Told by the other courier than the rest. */
const KHOA = { slack: 'U0MASDAQHV8', email: 'khoa.duong@mof.example' as Email };
const NUMBER = { [LAN.email]: '+84900000001', [MINH.email]: '+84900000002', [SON.email]: '+84900000003', [KHOA.email]: '+84900000004' };
const BY_WEBHOOK = { policy: { name: 'webhook', version: 1 } };
const BY_SLACK = { policy: { name: 'slack-webhook', version: 1 } };
/** What is asked about twice is settled a minute after the attempt. */
const SETTLED_MS = 100_000;

async function furnish(office: Office): Promise<void> {
  const { database, now, directory } = office.system;
  for (const name of ['webhook', 'slack-webhook'])
    await storePolicy(database, loadPolicy(join(fileURLToPath(new URL('.', import.meta.url)), `fixtures/${name}.yaml`)), now());
  for (const [email, webhookAddress] of Object.entries(NUMBER))
    await database.person.update({ where: { email }, data: { webhookAddress } });
  directory.forget();
}

async function holdWebhook({ system: { database, now } }: Office) {
  const until = addMinutes(now(), 60);
  const hold = await enterHold(
    { database, now: now() },
    { agency: null, channel: 'webhook', exceptUrgent: false, until, reason: 'x' },
    HA.email,
  );
  if ('refused' in hold) throw new Error(hold.refused);
  return hold;
}

const rowsOf = async (office: Office, taskCode: string, step = 'assigned') =>
  (await office.system.database.notification.findMany({ where: { taskCode, step }, orderBy: { plannedAt: 'asc' } })).map(
    ({ channel, status, error, attempts, providerId }) => ({ channel, status, error, attempts, providerId }),
  );

describe('a gateway that can be asked', () => {
  let office: Office;
  let gateway: Gateway;
  let slack: SlackProxy;
  beforeAll(async () => {
    gateway = await openGateway({ statusUrl: true });
    office = await openOffice({
      webhook: gateway.access,
      async slackThrough(apiUrl) {
        slack = await openSlackProxy(apiUrl);
        return slack.apiUrl;
      },
    });
    await furnish(office);
  });
  afterEach(async () => {
    gateway.conduct = () => null;
    slack.refusing.clear();
    await gateway.up();
  });
  afterAll(async () => {
    await office.close();
    await slack.close();
    await gateway.close();
  });
  const told = (code: string) => gateway.taken.filter(({ payload }) => payload.data.tasks.some((task) => task.code === code));

  it('takes one message, whose link acknowledges by a press and never by being opened', async () => {
    await office.assign('HOOK-1', { more: BY_WEBHOOK, title: 'Trình nghị định' });
    await expect.poll(() => told('HOOK-1').length, { timeout: 20_000 }).toBe(1);
    const [message] = told('HOOK-1');
    const data = message?.payload.data;
    expect(data).toMatchObject({ id: message?.id, address: NUMBER[LAN.email], locale: 'vi', lines: [] });
    expect(data?.text).toMatch(/^Nhiệm vụ mới được giao: HOOK-1 Trình nghị định\. Thời hạn: 17:00 .* \(GMT\+7\)\.$/);
    const row = { channel: 'webhook', status: 'sent', providerId: `gw-${message?.id}`, attempts: 1 };
    await expect.poll(async () => (await rowsOf(office, 'HOOK-1'))[0]).toMatchObject(row);
    const link = data?.link ?? '';
    expect((await fetch(link)).status).toBe(200);
    expect((await office.events('HOOK-1')).map(({ type }) => type)).toEqual(['TaskAssigned']);
    expect((await fetch(link, { method: 'POST' })).status).toBe(200);
    expect((await office.events('HOOK-1')).at(-1)).toEqual({ type: 'TaskAcknowledged', by: LAN.email, via: 'webhook' });
    expect(told('HOOK-1')).toHaveLength(1);
  });

  it('takes what is due at one moment for one person as one message', async () => {
    for (const code of ['HOOK-2', 'HOOK-3', 'HOOK-4']) await office.assign(code, { more: BY_WEBHOOK, assignee: MINH.email });
    const { database, sweep } = office.system;
    const codes = ['HOOK-2', 'HOOK-3', 'HOOK-4'];
    await expect
      .poll(() => database.notification.count({ where: { taskCode: { in: codes }, step: 'assigned', status: 'sent' } }), {
        timeout: 20_000,
      })
      .toBe(3);
    await database.notification.updateMany({
      where: { taskCode: { in: codes }, step: 'reminder' },
      data: { sendAt: new Date(Date.now() + 500) },
    });
    await sweep();
    const merged = () => gateway.to(NUMBER[MINH.email] ?? '').filter(({ payload }) => payload.data.tasks.length > 1);
    await expect.poll(() => merged().length, { timeout: 20_000 }).toBe(1);
    expect(
      merged()[0]
        ?.payload.data.tasks.map(({ code }) => code)
        .sort(),
    ).toEqual(codes);
    await expect
      .poll(async () =>
        (await Promise.all(codes.map((code) => rowsOf(office, code, 'reminder'))))
          .flat()
          .map(({ status }) => status)
          .sort(),
      )
      .toEqual(['merged', 'merged', 'sent']);
  });

  it('is left alone by everybody for as long as it says', async () => {
    let refusedAt = 0;
    gateway.conduct = () => {
      if (refusedAt > 0) return null;
      refusedAt = Date.now();
      return { status: 429, headers: { 'retry-after': '3' } };
    };
    const readers = [LAN.email, KHOA.email, SON.email];
    expect(new Set(readers.map(partitionOf)).size).toBe(PARTITIONS);
    for (const [index, assignee] of [...readers, ...readers].entries())
      await office.assign(`HOOK-1${index}`, { more: BY_WEBHOOK, assignee });
    const codes = Array.from({ length: 6 }, (_, index) => `HOOK-1${index}`);
    await expect.poll(() => codes.map((code) => told(code).length), { timeout: 30_000 }).toEqual(codes.map(() => 1));
    // Whatever was on the wire already may still have come; nothing began after the answer was read.
    const early = gateway.posts.filter(({ at }) => at > refusedAt + 250 && at < refusedAt + 3_000);
    expect(early).toEqual([]);
    for (const code of codes) await expect.poll(async () => (await rowsOf(office, code))[0]).toMatchObject({ status: 'sent', attempts: 1 });
  });

  it('is asked about what it took without a word, and told nothing twice', async () => {
    gateway.conduct = () => ({ cut: 'taken' });
    await office.assign('HOOK-20', { more: BY_WEBHOOK });
    await expect.poll(async () => (await rowsOf(office, 'HOOK-20'))[0]?.status, { timeout: 20_000 }).toBe('uncertain');
    await expect.poll(async () => (await rowsOf(office, 'HOOK-20'))[0]?.status, { timeout: 30_000 }).toBe('sent');
    const [message] = told('HOOK-20');
    expect((await rowsOf(office, 'HOOK-20'))[0]).toMatchObject({ providerId: `gw-${message?.id}`, attempts: 1 });
    expect(gateway.asked.get(message?.id ?? '')).toBe(1);
    expect(gateway.posts.filter(({ payload }) => payload.data.tasks.some(({ code }) => code === 'HOOK-20'))).toHaveLength(1);
  });

  it(
    'is asked twice about what it never took before that is posted anew',
    async () => {
      let first: string | undefined;
      gateway.conduct = ({ id }) => {
        first ??= id;
        return id === first ? { cut: 'untaken' } : null;
      };
      await office.assign('HOOK-21', { more: BY_WEBHOOK });
      await expect.poll(() => told('HOOK-21').length, { timeout: SETTLED_MS }).toBe(1);
      expect(gateway.asked.get(first ?? '')).toBe(2);
      await expect.poll(() => rowsOf(office, 'HOOK-21')).toMatchObject([{ channel: 'webhook', status: 'sent', attempts: 2 }]);
    },
    SETTLED_MS + 20_000,
  );

  it('takes everything once when it is back', async () => {
    await gateway.down();
    await office.assign('HOOK-30', { more: BY_WEBHOOK });
    await expect.poll(async () => (await rowsOf(office, 'HOOK-30'))[0]?.error, { timeout: 20_000 }).toBe('ECONNREFUSED');
    await gateway.up();
    await expect.poll(async () => (await rowsOf(office, 'HOOK-30'))[0]?.status, { timeout: 40_000 }).toBe('sent');
    expect(told('HOOK-30')).toHaveLength(1);
  }, 70_000);

  it('keeps everything, and counts no attempt, while it refuses us as a whole', async () => {
    gateway.conduct = () => ({ status: 410 });
    const before = gateway.posts.length;
    await office.assign('HOOK-31', { more: BY_WEBHOOK });
    await expect.poll(() => gateway.posts.length, { timeout: 20_000 }).toBeGreaterThan(before);
    await expect
      .poll(async () => (await rowsOf(office, 'HOOK-31'))[0], { timeout: 10_000 })
      .toMatchObject({ channel: 'webhook', status: expect.stringMatching(/^(planned|claimed)$/), attempts: 0 });
    gateway.conduct = () => null;
    await expect.poll(async () => (await rowsOf(office, 'HOOK-31'))[0]?.status, { timeout: 60_000 }).toBe('sent');
  }, 90_000);

  it('is followed by the next channel of the step where it refuses a message for good', async () => {
    gateway.conduct = () => ({ status: 422, body: JSON.stringify({ code: 'blocked_by_operator', reason: 'lan told us so' }) });
    await office.assign('HOOK-40', { more: BY_WEBHOOK });
    await expect
      .poll(() => rowsOf(office, 'HOOK-40'), { timeout: 30_000 })
      .toMatchObject([
        { channel: 'webhook', status: 'failed', error: 'HTTP 422 blocked_by_operator', attempts: 1 },
        { channel: 'slack', status: 'sent', attempts: 1 },
      ]);
    expect(JSON.stringify(await rowsOf(office, 'HOOK-40'))).not.toContain('lan told us so');
    expect(told('HOOK-40')).toEqual([]);
  });

  it('follows the chat where that is the order, before the mail that is in none', async () => {
    slack.refusing.set('chat.postMessage', 'no_permission');
    await office.assign('HOOK-41', { more: BY_SLACK });
    await expect
      .poll(() => rowsOf(office, 'HOOK-41'), { timeout: 30_000 })
      .toMatchObject([
        { channel: 'slack', status: 'failed', error: 'no_permission' },
        { channel: 'webhook', status: 'sent', attempts: 1 },
      ]);
    expect(told('HOOK-41')).toHaveLength(1);
    expect((await office.mails(LAN)).filter(({ subject }) => subject.includes('HOOK-41'))).toEqual([]);
  });

  it('is followed by whatever is left, where the next one refuses it too, and that stays told when the task is planned anew', async () => {
    slack.refusing.set('chat.postMessage', 'no_permission');
    gateway.conduct = () => ({ status: 422, body: JSON.stringify({ code: 'blocked_by_operator' }) });
    await office.assign('HOOK-44', { more: BY_SLACK });
    const expected = [
      { channel: 'slack', status: 'failed' },
      { channel: 'webhook', status: 'failed' },
      { channel: 'email', status: 'sent', attempts: 1 },
    ];
    await expect.poll(() => rowsOf(office, 'HOOK-44'), { timeout: 30_000 }).toMatchObject(expected);
    const request = { type: 'ReportObstacle', kind: 'law', text: 'x' } as const;
    expect(await office.submit({ key: 'hook-44', code: 'HOOK-44' as TaskCode, actor: LAN.email, via: 'cli', request })).toMatchObject({
      answer: 'done',
    });
    expect(await rowsOf(office, 'HOOK-44')).toMatchObject(expected);
  });

  it('loses whom it does not know, and has them back with a new address', async () => {
    const { database, now, directory } = office.system;
    const person = () => database.person.findUniqueOrThrow({ where: { email: SON.email } });
    gateway.conduct = ({ payload }) =>
      payload.data.address === NUMBER[SON.email] ? { status: 404, body: JSON.stringify({ code: 'recipient_unknown' }) } : null;
    await office.assign('HOOK-42', { more: BY_WEBHOOK, assignee: SON.email });
    await expect.poll(async () => (await person()).webhookGoneAt, { timeout: 20_000 }).not.toBeNull();
    expect((await person()).goneAt).toBeNull();
    await expect
      .poll(async () => (await rowsOf(office, 'HOOK-42')).map(({ channel, status }) => `${channel} ${status}`).sort(), { timeout: 30_000 })
      .toEqual(['slack sent', 'webhook failed']);
    const file = (address: string) =>
      Buffer.from(
        `email,name,agency,role,locale,time_zone,slack_id,webhook_address\n${SON.email},Phạm Hồng Sơn,MOF,head,vi,Asia/Ho_Chi_Minh,${SON.slack},${address}\n`,
      );
    const read = (address: string) => importDirectory({ database, now: now(), dryRun: false }, 'people', file(address));
    expect(await read(NUMBER[SON.email] ?? '')).toMatchObject({ unchanged: 1 });
    expect((await person()).webhookGoneAt).not.toBeNull();
    expect(await read('+84900000009')).toMatchObject({ updated: 1 });
    expect((await person()).webhookGoneAt).toBeNull();
    expect((await read('a\u0007b')).errors).toMatchObject([{ column: 'webhook_address', code: 'webhook_address_invalid' }]);
    directory.forget();
  });

  it('takes what comes by itself, once', async () => {
    const { database, now, sweep } = office.system;
    const at = now();
    const day = localDate(at, COMMITTEE_TIME_ZONE);
    const body = { day, agency: 'MOF' as AgencyCode, at };
    const notice = { key: 'week/hook', kind: 'week', recipient: MINH.email, channel: 'webhook', sendAt: at, notAfter: null, body } as const;
    let tries = 0;
    // Refused once for now.
    const isNotice = ({ payload }: TakenMessage) => payload.data.tasks.length === 0;
    gateway.conduct = (post) => (isNotice(post) && tries++ === 0 ? { status: 429, headers: { 'retry-after': '1' } } : null);
    expect(await storeNotices(database, [notice], at)).toBe(true);
    await sweep();
    const row = () => database.notice.findUniqueOrThrow({ where: { key: 'week/hook' } });
    await expect.poll(async () => (await row()).status, { timeout: 30_000 }).toBe('sent');
    expect(gateway.posts.filter(isNotice)).toHaveLength(2);
    expect(gateway.taken.filter(isNotice)).toMatchObject([
      { payload: { data: { address: NUMBER[MINH.email], text: expect.stringContaining('Bộ Tài chính'), tasks: [] } } },
    ]);
  });

  it('is held like every channel', async () => {
    const { database, sweep } = office.system;
    const { id } = await holdWebhook(office);
    await office.assign('HOOK-50', { more: BY_WEBHOOK });
    await expect.poll(() => rowsOf(office, 'HOOK-50'), { timeout: 10_000 }).toMatchObject([{ channel: 'webhook', status: 'planned' }]);
    await sweep();
    expect(told('HOOK-50')).toEqual([]);
    expect(await releaseHold({ database, now: office.system.now() }, id, HA.email)).toMatchObject({ id });
    await sweep();
    await expect.poll(() => told('HOOK-50').length, { timeout: 20_000 }).toBe(1);
  });

  it('where nobody sends by it any more, what waits for it is told by the next that reaches the person', async () => {
    await office.assign('HOOK-60', { more: BY_WEBHOOK });
    await expect.poll(() => told('HOOK-60').length, { timeout: 20_000 }).toBe(1);
    expect((await rowsOf(office, 'HOOK-60', 'reminder')).map(({ channel }) => channel)).toEqual(['webhook']);
    await office.system.stop();
    const without = await startSystem(connectionsOf(office.stack.info), await freePort());
    const reminders = async () =>
      (await without.database.notification.findMany({ where: { taskCode: 'HOOK-60', step: 'reminder' } }))
        .map(({ channel, status }) => `${channel} ${status}`)
        .sort();
    try {
      await expect.poll(reminders, { timeout: 20_000 }).toEqual(['slack planned', 'webhook cancelled']);
    } finally {
      await without.stop();
    }
  });
});

describe('a gateway that drops what it has had', () => {
  let office: Office;
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await openGateway({ dropsRepeats: true });
    office = await openOffice({ webhook: gateway.access });
    await furnish(office);
  });
  afterEach(() => {
    gateway.conduct = () => null;
  });
  afterAll(async () => {
    await office.close();
    await gateway.close();
  });

  it.each(['taken', 'untaken'] as const)(
    'is posted what it may have had (%s) under the same id, and has it once',
    async (cut) => {
      let cuts = 0;
      gateway.conduct = () => (cuts++ === 0 ? { cut } : null);
      const code = `AGAIN-${cut.toUpperCase()}`;
      await office.assign(code, { more: BY_WEBHOOK });
      await expect.poll(async () => (await rowsOf(office, code))[0]?.status, { timeout: 40_000 }).toBe('sent');
      const of = (messages: Gateway['posts']) => messages.filter(({ payload }) => payload.data.tasks.some((task) => task.code === code));
      expect(of(gateway.posts)).toHaveLength(2);
      expect(new Set(of(gateway.posts).map(({ id }) => id)).size).toBe(1);
      expect(of(gateway.taken)).toHaveLength(1);
      expect((await rowsOf(office, code))[0]).toMatchObject({ providerId: `gw-${of(gateway.taken)[0]?.id}` });
    },
    60_000,
  );

  it('is posted nothing again while it is held', async () => {
    const { database, now } = office.system;
    gateway.conduct = () => ({ cut: 'untaken' });
    await office.assign('AGAIN-2', { more: BY_WEBHOOK });
    await expect.poll(async () => (await rowsOf(office, 'AGAIN-2'))[0]?.status, { timeout: 20_000 }).toBe('uncertain');
    const { id } = await holdWebhook(office);
    gateway.conduct = () => null;
    const retryAt = async () =>
      (await database.notification.findFirstOrThrow({ where: { taskCode: 'AGAIN-2', step: 'assigned' } })).retryAt;
    const first = await retryAt();
    // It was looked at once more, and put off.
    await expect.poll(async () => (await retryAt())?.getTime() ?? 0, { timeout: 20_000 }).toBeGreaterThan((first?.getTime() ?? 0) + 30_000);
    const of = () => gateway.posts.filter(({ payload }) => payload.data.tasks.some(({ code }) => code === 'AGAIN-2'));
    expect(of()).toHaveLength(1);
    await releaseHold({ database, now: now() }, id, HA.email);
    await expect.poll(async () => (await rowsOf(office, 'AGAIN-2'))[0]?.status, { timeout: 80_000 }).toBe('sent');
    expect(of()).toHaveLength(2);
  }, 120_000);

  it('is posted nothing again that no longer applies', async () => {
    gateway.conduct = () => ({ cut: 'untaken' });
    await office.assign('AGAIN-3', { more: BY_WEBHOOK });
    await expect.poll(async () => (await rowsOf(office, 'AGAIN-3'))[0]?.status, { timeout: 20_000 }).toBe('uncertain');
    gateway.conduct = () => null;
    const cancel = { key: 'again-3', code: 'AGAIN-3' as TaskCode, actor: HA.email, via: 'cli' } as const;
    const request = { type: 'CancelTask', ending: 'cancelled', reason: 'x' } as const;
    expect(await office.submit({ ...cancel, request })).toMatchObject({ answer: 'done' });
    await expect
      .poll(async () => (await rowsOf(office, 'AGAIN-3'))[0], { timeout: 30_000 })
      .toMatchObject({ status: 'uncertain', error: 'unknown: nothing of it applies any more' });
    expect(gateway.posts.filter(({ payload }) => payload.data.tasks.some(({ code }) => code === 'AGAIN-3'))).toHaveLength(1);
  }, 60_000);
});

it('loses nothing and tells nothing twice where a worker is killed in the middle of a storm', async () => {
  const TASKS = 150;
  const gateway = await openGateway({ statusUrl: true, perSecond: 40, answersAfterMs: 150 });
  const office = await openOffice({ webhook: gateway.access });
  const ends: (() => Promise<void>)[] = [];
  try {
    await furnish(office);
    const { database } = office.system;
    const people = await database.person.findMany({ where: { role: 'assignee' }, take: 30, select: { email: true } });
    for (const [index, { email }] of people.entries())
      await database.person.update({ where: { email }, data: { webhookAddress: `+8499${String(index).padStart(6, '0')}` } });
    office.system.directory.forget();
    for (let index = 0; index < TASKS; index += 1) {
      const assignee = people[index % people.length]?.email as Email;
      await office.assign(`STORM-${index}`, { more: BY_WEBHOOK, assignee });
    }
    const reminders = { step: 'reminder', taskCode: { startsWith: 'STORM-' } };
    await expect.poll(() => database.notification.count({ where: { ...reminders, status: 'planned' } }), { timeout: 60_000 }).toBe(TASKS);
    await expect
      .poll(() => database.notification.count({ where: { step: 'assigned', status: 'sent', taskCode: { startsWith: 'STORM-' } } }), {
        timeout: 60_000,
      })
      .toBe(TASKS);
    const connections = { ...connectionsOf(office.stack.info), webhook: gateway.access };
    await office.system.stop();
    const start = async () => {
      const worker = startSpeaking<{ event: 'ready' }>(
        fileURLToPath(new URL('../bench/dondoc-role.ts', import.meta.url)),
        ['worker', JSON.stringify(connections)],
        ['--import', 'tsx'],
      );
      ends.push(() => worker.stop());
      await worker.next('ready');
      return worker;
    };
    const before = gateway.taken.length;
    const watching = await startSystem(connections, await freePort(), { roles: [] });
    ends.push(() => watching.stop());
    // Each alone: as many messages as tasks.
    await watching.database.notification.updateMany({ where: reminders, data: { sendAt: new Date(Date.now() + 10_000), urgent: true } });
    const doomed = await start();
    await expect
      .poll(() => watching.database.notification.count({ where: { ...reminders, status: { in: ['claimed', 'sending'] } } }), {
        timeout: 30_000,
        interval: 50,
      })
      .toBeGreaterThan(0);
    // Only now: what is killed surely had something in hand.
    const survivor = start();
    await expect.poll(() => gateway.taken.length - before, { timeout: 60_000, interval: 5 }).toBeGreaterThan(20);
    await doomed.kill();
    await survivor;
    const open = () => watching.database.notification.count({ where: { ...reminders, status: { not: 'sent' } } });
    await expect.poll(open, { timeout: SETTLED_MS, interval: 500 }).toBe(0);
    const codes = gateway.taken.slice(before).flatMap(({ payload }) => payload.data.tasks.map(({ code }) => code));
    // Some were on the wire when it was killed: they were asked about.
    expect(gateway.asked.size).toBeGreaterThan(0);
    expect(codes.toSorted()).toEqual(Array.from({ length: TASKS }, (_, index) => `STORM-${index}`).toSorted());
  } finally {
    for (const end of ends) await end();
    await office.close();
    await gateway.close();
  }
}, 300_000);
