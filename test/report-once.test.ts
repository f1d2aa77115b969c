/**
 * Proves that the committee's report comes once to each coordinator although the worker that sends it is killed while some are on the wire:
 * the server's log says of which; and what is in the mail. The SMTP server is a real one. Without a log: see activities/notices/send.test.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, afterEach, expect, it } from 'vitest';
import { examine } from '../cli/doctor.ts';
import { connectionsOf } from '../cli/system.ts';
import { vietnamCalendar } from '../config/calendar.ts';
import { atLocalTime } from '../domain/calendar.ts';
import type { Email } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant } from '../domain/time.ts';
import { TASK_QUEUE } from '../workflows/names.ts';
import { type Office, openOffice } from './office.ts';
import { openSharedQueue } from './shared-queue.ts';
import { openSmtpServer, type RunningSmtpServer, type TakenMail } from './smtp-server.ts';
import { type MovableTime, openMovableTime } from './temporal-server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dondoc-report-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** Has no account of Slack. */
const TAM = { email: 'tam.chu@mod.example' as Email };
const years = { from: 2030, to: 2032 };
/** A Friday. */
const at = (clock: string): IsoInstant => atLocalTime('2031-03-14' as IsoDate, clock, COMMITTEE_TIME_ZONE);
let time: MovableTime | undefined;
let office: Office | undefined;
let worker: ChildProcess | undefined;
let server: RunningSmtpServer | undefined;
let door: Awaited<ReturnType<typeof openSharedQueue>> | undefined;
afterEach(async () => {
  worker?.kill('SIGKILL');
  await office?.close();
  await door?.close();
  await time?.close();
  await server?.close();
  delete process.env.TEMPORAL_ADDRESS;
});

it('sends the report once to each coordinator, through a kill -9 in the middle of a mail', async () => {
  const taken: TakenMail[] = [];
  let killed: Promise<unknown> | undefined;
  const log = join(folder, 'mail.log');
  server = await openSmtpServer({
    log,
    async onMail(mail) {
      taken.push(mail);
      if (!mail.bytes.includes('report-weekly') || taken.length < 3 || killed !== undefined || worker === undefined) return;
      killed = once(worker, 'exit');
      worker.kill('SIGKILL');
      await killed;
    },
  });
  time = await openMovableTime(at('09:00'));
  door = await openSharedQueue(time.environment.address);
  process.env.TEMPORAL_ADDRESS = door.address;
  office = await openOffice({
    system: { now: time.now, calendar: vietnamCalendar(years), roles: ['bot', 'web'] },
    smtp: { ...server.access, log },
  });
  const { database, client } = office.system;
  const connections = { ...connectionsOf(office.stack.info), smtp: { ...server.access, log }, webUrl: 'http://127.0.0.1' };
  const startWorker = async (startsAt: IsoInstant) => {
    worker = spawn(process.execPath, ['--import', 'tsx', 'test/worker-process.ts'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DONDOC_TEST_CONNECTIONS: JSON.stringify({ connections, startsAt, years }) },
    });
    if (worker.stdout !== null) await once(createInterface(worker.stdout), 'line');
  };
  await startWorker(at('09:00'));
  // Without Slack: the mail of it is what the log reaches back to.
  await office.assign('OPEN-1', { policy: 'standard', days: 20, title: 'Trình nghị định', assignee: TAM.email });
  // A worker that has just begun may need longer than an answer waits.
  await expect.poll(() => database.task.count({ where: { code: 'OPEN-1' } }), { timeout: 30_000 }).toBe(1);
  for (const clock of ['14:30', '15:30']) {
    await time.moveTo(at(clock));
    await client.workflow.execute('planNotices', { workflowId: `notices-${clock}`, taskQueue: TASK_QUEUE });
  }
  expect(taken.flatMap(({ to }) => to)).toEqual([TAM.email]);
  taken.length = 0;
  const afternoon = time.moveTo(at('17:00'));
  await expect.poll(() => killed, { timeout: 60_000 }).toBeDefined();
  await killed;
  await startWorker(at('16:00'));
  await afternoon;

  const coordinators = (await database.person.findMany({ where: { role: 'coordinator' } })).map(({ email }) => email).sort();
  const rows = () => database.notice.findMany({ where: { kind: 'report' }, orderBy: { recipient: 'asc' } });
  // Of those that were on the wire the server's log says which it took.
  await expect
    .poll(async () => (await rows()).map(({ recipient, status }) => `${recipient} ${status}`), { timeout: 60_000 })
    .toEqual(coordinators.map((email) => `${email} sent`));
  const reports = taken.filter(({ bytes }) => bytes.includes('report-weekly'));
  expect(reports.flatMap(({ to }) => to).sort()).toEqual(coordinators);
  const { findings } = await examine(database, client);
  expect(findings.filter(({ finding }) => finding.startsWith('notice_'))).toEqual([]);

  // Its files, read as the reader's mail program does.
  const [first] = reports;
  const word = Object.fromEntries(
    Object.entries(unzipSync(partOf(first, 'report-weekly-2031-03-14.docx'))).map(([name, part]) => [name, strFromU8(part)]),
  );
  expect(word['word/document.xml']).toContain('16:00 14/03/2031 (GMT+7)');
  const page = Buffer.from(partOf(first, 'report-weekly-2031-03-14.html')).toString();
  expect(page).toContain('Báo cáo tình hình thực hiện nhiệm vụ');
  expect(page).toContain('16:00 07/03/2031');
}, 240_000);

/** The bytes of an attachment, in base64 as nodemailer writes it. */
function partOf(mail: TakenMail | undefined, name: string): Uint8Array {
  const text = mail?.bytes.toString('latin1') ?? '';
  const part = text.split(/\r\n--[^\r\n]+/).find((each) => each.includes(`filename=${name}`)) ?? '';
  return new Uint8Array(Buffer.from(part.slice(part.indexOf('\r\n\r\n')), 'base64'));
}
