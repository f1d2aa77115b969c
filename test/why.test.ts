/** Proves on the real store that every message and every silence can be asked why, on the command line and in three languages. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silenceOf } from '../cli/why.ts';
import { addDays, addWorkingDays, type Calendar } from '../domain/calendar.ts';
import type { Email } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, localDate } from '../domain/time.ts';
import { LAN, MINH, type Office, openOffice, SON } from './office.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
let office: Office;
let today: IsoDate;
let calendar: Calendar;
beforeAll(async () => {
  office = await openOffice();
  ({ main: calendar } = await office.system.calendars());
  today = localDate(office.system.now(), COMMITTEE_TIME_ZONE);
});
afterAll(() => office.close());

const dondoc = async (...args: string[]) => {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args, '--state', office.state], { cwd: root });
  return stdout.trim();
};
const ask = (code: string, person: Email, date: IsoDate) =>
  silenceOf(office.system.database, { code, person, date, now: office.system.now(), locale: 'en' });

it('answers for what is planned, for what an answer has cancelled, and for whom nothing was ever meant', async () => {
  await office.assign('WHY-1', { policy: 'standard', days: 30 });
  const next = addWorkingDays(calendar, today, 1);
  // Assigned after hours, the card itself is told on the same morning.
  const besidesCard = <Answer extends { readonly step?: string | null }>(answers: readonly Answer[]) =>
    answers.filter(({ step }) => step !== 'assigned');
  const { told } = await ask('WHY-1', LAN.email, next);
  expect(besidesCard(told)).toMatchObject([{ step: 'unacknowledged-1wd' }]);
  await office.submit({
    key: 'why:ack',
    code: 'WHY-1' as never,
    actor: LAN.email,
    via: 'cli',
    request: { type: 'AcknowledgeTask' },
  });
  const cancelled = await ask('WHY-1', LAN.email, next);
  expect(cancelled.told).toEqual([]);
  expect(besidesCard(cancelled.reasons)[0]).toMatchObject({ because: 'cancelled', step: 'unacknowledged-1wd' });
  expect(cancelled.reasons.map(({ because }) => because)).toContain('state');
  expect((await ask('WHY-1', SON.email, next)).reasons[0]).toMatchObject({ because: 'not_addressed' });
  const ofMinh = await ask('WHY-1', MINH.email, addWorkingDays(calendar, today, 2));
  expect(ofMinh.reasons.find(({ because }) => because === 'state')?.words).toContain('while not acknowledged');
  expect((await ask('WHY-1', LAN.email, addDays(today, -1))).reasons[0]).toMatchObject({ because: 'not_assigned' });
  expect((await ask('WHY-1', LAN.email, addDays(today, 400))).reasons.length).toBeGreaterThan(0);
});

it('says the same on the command line, by the id that the task shows', async () => {
  const shown = JSON.parse(await dondoc('task', 'show', 'WHY-1', '--json'));
  const { id } = shown.notifications.find(({ kind }: { kind: string }) => kind === 'acknowledgment_reminder');
  const told = JSON.parse(await dondoc('why', id, '--json'));
  expect(told).toMatchObject({ task: 'WHY-1', step: 'unacknowledged-1wd', status: 'cancelled' });
  expect(told.line).toBe('You get this as the assignee: the task is not acknowledged yet.');
  expect(told.why).toMatch(/standard v3, step unacknowledged-1wd: 1 working day after the assignment/);
  expect(await dondoc('why', id, '--lang', 'vi')).toContain('1 ngày làm việc sau thời điểm giao');
  expect(await dondoc('why-not', 'WHY-1', SON.email, today, '--lang', 'fr')).toBe(
    'Aucune étape de la politique standard v3 n’informe cette personne.',
  );
});

it('shows when each step of a policy in force last told anyone and will next', async () => {
  const { policies } = JSON.parse(await dondoc('policy', 'heartbeat', '--json'));
  expect(policies).toEqual([expect.objectContaining({ policy: 'standard', version: 3, openTasks: 1 })]);
  const beat = (step: string) => policies[0].steps.find((each: { step: string }) => each.step === step);
  expect(beat('before-3wd')).toMatchObject({ told: 0, planned: 1, lastAt: null, nextAt: expect.stringMatching(/T01:00/) });
  expect(beat('reported')).toMatchObject({ told: 0, planned: 0, lastAt: null, nextAt: null });
  const page = await (await fetch(`${office.system.listensAt}/policies?lang=en`)).text();
  expect(page).toContain('3 working days before the deadline, while not reported done');
});

it.each([
  ['a date that is none', ['why-not', 'WHY-1', SON.email, '2026-02-30'], 2, /write a date as/],
  ['a language that is none', ['why-not', 'WHY-1', SON.email, '2026-02-20', '--lang', 'de'], 2, /vi, en, fr/],
  ['a task that is none', ['why-not', 'NONE', SON.email, '2026-02-20'], 1, /no task NONE/],
  ['a notification that is none', ['why', 'none'], 1, /no notification none/],
])('refuses %s', async (_, args, status, says) => {
  await expect(dondoc(...args)).rejects.toMatchObject({ code: status, stderr: expect.stringMatching(says) });
});
