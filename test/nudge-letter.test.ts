/**
 * Proves that late tasks that ask for a letter make one letter an agency and day, sent by mail to its head as a Word file with all that is
 * late by then, restricted tasks unnamed; on an engine that skips time, through real couriers and a real mail server. What a letter
 * says is proved in documents/documents.test.ts.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy } from '../config/policy.ts';
import type { Request } from '../domain/command.ts';
import type { Email, TaskCode } from '../domain/names.ts';
import { letterOf } from '../domain/plan.ts';
import type { IsoInstant } from '../domain/time.ts';
import { storePolicy } from '../prisma/policies.ts';
import { HA, type Office, openOffice, type ReceivedMail } from './office.ts';
import { type MovableTime, openMovableTime } from './temporal-server.ts';

/** Monday, 09:00 in Hanoi. */
const MONDAY = '2031-03-03T02:00:00.000Z' as IsoInstant;
const at = (day: string) => `2031-${day}:00.000Z` as IsoInstant;
const HEAD = { email: 'dung.mai@most.example' as Email };
let time: MovableTime;
let office: Office;
beforeAll(async () => {
  time = await openMovableTime(MONDAY);
  process.env.TEMPORAL_ADDRESS = time.environment.address;
  office = await openOffice({ system: { now: time.now, calendar: vietnamCalendar({ from: 2030, to: 2032 }) } });
  await storePolicy(
    office.system.database,
    loadPolicy(join(fileURLToPath(new URL('.', import.meta.url)), 'fixtures/letters.yaml')),
    MONDAY,
  );
});
afterAll(async () => {
  await office.close();
  await time.close();
  delete process.env.TEMPORAL_ADDRESS;
});

const assign = (code: string, days: number, more: object = {}) =>
  office.assign(code, { days, title: `Nhiệm vụ ${code}`, more: { policy: { name: 'letters', version: 1 }, ...more } });
let acts = 0;
async function act(code: string, actor: { email: Email }, request: Request) {
  acts += 1;
  const key = `act:${acts}`;
  expect(await office.submit({ key, code: code as TaskCode, actor: actor.email, via: 'slack', request })).toMatchObject({
    answer: 'done',
  });
}
/** What went out: for each of its rows the day, the minute, and the task that asked. */
const letters = async () =>
  (await office.system.database.notification.findMany({ where: { kind: 'nudge_letter', status: { in: ['sent', 'merged'] } } }))
    .map(({ key, sentAt, taskCode }) => `${letterOf({ key })?.day} ${sentAt?.toISOString().slice(5, 16)} ${taskCode}`)
    .sort();

/** The Word files of a mail, as the text of their documents. */
async function attached(
  mail: ReceivedMail & { readonly id?: string; readonly attachments?: readonly { generatedFileName: string }[] },
): Promise<string[]> {
  return Promise.all(
    (mail.attachments ?? []).map(async ({ generatedFileName }) => {
      const answer = await fetch(`${office.stack.info.mail.api}/${mail.id}/attachment/${encodeURIComponent(generatedFileName)}`);
      return strFromU8(unzipSync(new Uint8Array(await answer.arrayBuffer()))['word/document.xml'] ?? new Uint8Array());
    }),
  );
}

/** Every letter that the head has had, as the text of its document. */
const sentLetters = async () => (await Promise.all((await office.mails(HEAD)).map(attached))).flat();

it('sends an agency one letter on the day on which several of its tasks ask for it', async () => {
  // All are due on Friday 7 March; one is over before anything is asked.
  for (const code of ['OVER', 'LATE', 'LATER']) expect(await assign(code, 4)).toMatchObject({ answer: 'done' });
  expect(await assign('SECRET', 4, { title: 'Tên phải giữ kín', secrecy: 'secret' })).toMatchObject({ answer: 'done' });
  await time.moveTo(at('03-07T11:00'));
  await act('OVER', HA, { type: 'CancelTask', reason: 'x' });
  await time.moveTo(at('03-10T03:00'));
  expect(await letters()).toEqual(['LATE', 'LATER', 'SECRET'].map((code) => `2031-03-10 03-10T01:00 ${code}`));
  const mails = await office.mails(HEAD);
  // A row that is planned anew at the very moment of the claim is left to the next one: another mail perhaps, never another letter.
  const [document = '', ...others] = await sentLetters();
  expect(others).toEqual([]);
  expect(document).toContain('Nhiệm vụ LATE<');
  expect(document).toContain('Nhiệm vụ LATER<');
  expect(document).not.toMatch(/Nhiệm vụ OVER|giữ kín/);
  expect(JSON.stringify(mails)).not.toContain('giữ kín');
});

it('is not sent twice on one day: who asks later is in a mail without it', async () => {
  // Late already when it is assigned.
  expect(await assign('AGAIN', -3)).toMatchObject({ answer: 'done' });
  await time.moveTo(at('03-10T09:00'));
  expect((await letters()).filter((each) => each.endsWith('AGAIN'))).toHaveLength(1);
  expect(await sentLetters()).toHaveLength(1);
});

it('says it again on the next moment of the policy, and not when everything is over', async () => {
  await time.moveTo(at('03-17T03:00'));
  expect((await letters()).filter((each) => each.startsWith('2031-03-17'))).toEqual(
    ['AGAIN', 'LATE', 'LATER', 'SECRET'].map((code) => `2031-03-17 03-17T01:00 ${code}`),
  );
  expect(await sentLetters()).toHaveLength(2);
  for (const code of ['LATE', 'LATER', 'SECRET', 'AGAIN']) await act(code, HA, { type: 'CancelTask', reason: 'x' });
  await time.moveTo(at('03-31T03:00'));
  expect(await sentLetters()).toHaveLength(2);
  expect((await letters()).filter((each) => each > '2031-03-18')).toEqual([]);
});
