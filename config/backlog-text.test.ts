/** What is late and what reached nobody, in three languages: on pages, by chat and by mail. */
import { expect, it } from 'vitest';
import { noticeCard } from '../bot/blocks/notice.ts';
import type { Backlog, BacklogReason } from '../domain/backlog.ts';
import { CHANNELS, LOCALES } from '../domain/names.ts';
import type { IsoInstant } from '../domain/time.ts';
import { composeNotice } from '../mail/compose/mail.ts';
import { HA, LAN, MINH, speaking, taskAfter } from '../test/people.ts';
import { backlogNotice, backlogReason, backlogText } from './backlog-text.ts';
import { formatSpan } from './text.ts';
import { undeliveredNotice } from './undelivered-text.ts';

const at = '2026-03-02T02:00:00.000Z' as IsoInstant;
const until = '2026-03-02T02:00:33.400Z' as IsoInstant;
const REASONS: readonly BacklogReason[] = [
  { reason: 'refused', answer: 'ratelimited', until, isForAll: false },
  { reason: 'refused', answer: null, until, isForAll: false },
  { reason: 'refused', answer: '450 4.2.0', until: null, isForAll: false },
  { reason: 'partly', answer: '452 4.2.2' },
  { reason: 'day_full' },
  { reason: 'unmade' },
  { reason: 'pace' },
  { reason: 'no_courier' },
];
const backlog = (reason: BacklogReason, o: Partial<Pick<Backlog, 'waiting' | 'channel'>> = {}): Backlog => ({
  channel: 'slack',
  waiting: 1287,
  people: 310,
  since: '2026-03-02T01:00:00.000Z' as IsoInstant,
  ...reason,
  ...o,
});
const mailOf = (notice: ReturnType<typeof backlogNotice>, locale: (typeof LOCALES)[number]) => {
  const mail = composeNotice({
    ...notice,
    domain: 'dondoc.example',
    from: { name: 'dondoc', address: 'd@dondoc.example' },
    recipient: speaking(HA, locale),
  });
  return `${mail.subject}\n\n${mail.text}`;
};

it.each(LOCALES)('%s: says how much waits on which channel, since when and because of what', (locale) => {
  expect(REASONS.map((reason) => backlogText(locale, backlog(reason), at))).toMatchSnapshot();
  expect(backlogText(locale, backlog({ reason: 'pace' }, { waiting: 1, channel: 'email' }), at)).toMatchSnapshot();
  // Of a backlog that is over it is of no use for how long it was.
  expect(REASONS.map((reason) => backlogReason(locale, reason, null))).toMatchSnapshot();
});

it.each(LOCALES)('%s: tells a coordinator of it by chat and by mail', (locale) => {
  const notice = backlogNotice(locale, backlog(REASONS[0] as BacklogReason), {
    key: `backlog/1/${HA.email}`,
    at,
    url: 'https://dondoc.example/delivery',
  });
  expect(noticeCard(notice, 'message:0')).toMatchSnapshot();
  expect(mailOf(notice, locale)).toMatchSnapshot();
});

it.each(LOCALES)('%s: tells a coordinator what reached nobody, and of restricted tasks only how many wait', (locale) => {
  const tasks = [
    { task: taskAfter([], { title: 'Trình <!channel> & <b>nghị định</b>' }), notifications: 3, people: [LAN.name, MINH.name] },
    { task: taskAfter(['restrict'], { code: 'NQ57-0009', title: 'KIN' }), notifications: 5, people: ['Người Kín'] },
  ];
  const o = { key: 'undelivered/2026-03-02/ha', locale, webUrl: 'https://dondoc.example' };
  for (const channel of CHANNELS) {
    const notice = undeliveredNotice(tasks, { ...o, channel });
    expect(JSON.stringify(notice)).not.toMatch(/KIN|NQ57-0009|Kín/);
    expect(JSON.stringify(noticeCard(notice, 'message:0').blocks)).not.toContain('<!channel>');
  }
  const notice = undeliveredNotice(tasks, { ...o, channel: 'email' });
  expect(noticeCard(notice, 'message:0')).toMatchSnapshot();
  expect(mailOf(notice, locale)).toMatchSnapshot();
  expect(mailOf(undeliveredNotice(tasks.slice(1), { ...o, channel: 'email' }), locale)).toMatchSnapshot();
  const many = Array.from({ length: 30 }, (_, index) => ({ ...tasks[0], task: taskAfter([], { code: `NQ57-${index}` }) })) as typeof tasks;
  expect(undeliveredNotice(many, { ...o, channel: 'email' }).parts[0]?.lines).toHaveLength(22);
});

it.each(LOCALES)('%s: writes a span in the unit that tells it best', (locale) => {
  expect(
    [-5, 40, 400, 9_949, 34_000, 89_000, 90_000, 600_000, 5_400_000, 86_400_000].map((ms) => formatSpan(locale, ms)),
  ).toMatchSnapshot();
});
