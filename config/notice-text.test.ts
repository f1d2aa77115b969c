/** What comes by itself, in three languages, by chat and by mail: a morning's digest, the weekly word, the committee's report. */
import { describe, expect, it } from 'vitest';
import { noticeCard } from '../bot/blocks/notice.ts';
import { agencyWeek } from '../domain/agency-week.ts';
import type { DigestItem } from '../domain/digest.ts';
import { type AgencyCode, CHANNELS, LOCALES, type Locale } from '../domain/names.ts';
import { regimeReport } from '../domain/regime-report.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { composeNotice } from '../mail/compose/mail.ts';
import { agencyName, LAN, NOW, speaking, taskAfter } from '../test/people.ts';
import { vietnamCalendar } from './calendar.ts';
import { digestNotice } from './digest-text.ts';
import type { Notice } from './notice.ts';
import { reportNotice } from './report-text.ts';
import { weekNotice } from './week-text.ts';

const day = '2026-03-03' as IsoDate;
const at = '2026-03-03T01:00:00.000Z' as IsoInstant;
const webUrl = 'https://dondoc.example';
const calendar = vietnamCalendar({ from: 2025, to: 2027 });
const NASTY = 'Trình <!channel> & <b>nghị định</b>';
const mailOf = (notice: Notice, locale: Locale) =>
  composeNotice({
    ...notice,
    domain: 'dondoc.example',
    from: { name: 'dondoc', address: 'd@dondoc.example' },
    recipient: speaking(LAN, locale),
  });
/** What a message's blocks may be at most, as Slack has it. */
const withinSlack = ({ text, blocks }: ReturnType<typeof noticeCard>) => {
  expect(text.length).toBeLessThanOrEqual(4_000);
  expect(blocks.length).toBeLessThanOrEqual(50);
  for (const block of blocks) if (block.type === 'section') expect(block.text?.text.length).toBeLessThanOrEqual(3_000);
  expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(13_200);
};

describe('a digest', () => {
  const open = taskAfter(['acknowledge', 'late'], { title: NASTY });
  const secret = taskAfter(['restrict', 'acknowledge', 'late'], { code: 'NQ57-0009', title: 'KIN' });
  const items: DigestItem[] = [
    { part: 'waits', task: taskAfter([], { code: 'NQ57-0002' }), since: NOW, matters: ['acknowledgment', 'extension'] },
    { part: 'late', task: open, since: NOW },
    { part: 'late', task: secret, since: NOW },
    { part: 'due', task: taskAfter(['acknowledge'], { code: 'NQ57-0003', deadline: '2026-03-06' }), since: NOW },
    {
      part: 'changed',
      task: taskAfter(['acknowledge', 'report', 'verify'], { code: 'NQ57-0004' }),
      since: NOW,
      changes: ['returned', 'completed'],
    },
    { part: 'changed', task: secret, since: NOW, changes: ['returned'] },
  ];
  const digestIn = (locale: Locale, all = items, channel = CHANNELS[0] as (typeof CHANNELS)[number]) =>
    digestNotice(all, { key: 'digest/2026-03-03/lan@most.example', recipient: speaking(LAN, locale), channel, day, webUrl });

  it.each(LOCALES)('%s: says part by part what is to be seen, and of a restricted task only that it waits', (locale) => {
    const card = noticeCard(digestIn(locale), 'message:0');
    expect(card).toMatchSnapshot();
    withinSlack(card);
    expect(mailOf(digestIn(locale), locale).text).toMatchSnapshot();
    for (const channel of CHANNELS) expect(JSON.stringify(digestIn(locale, items, channel))).not.toMatch(/KIN|NQ57-0009/);
  });

  it.each(LOCALES)('%s: fits, however much there is, and says how much more there is', (locale) => {
    const many = Array.from({ length: 300 }, (_, index) => index).flatMap((index): DigestItem[] => {
      const task = taskAfter(['acknowledge', 'late'], { code: `NQ57-${index}`, title: `${NASTY} `.repeat(40) });
      return [
        { part: 'waits', task, since: NOW, matters: ['extension', 'obstacle', 'question'] },
        { part: 'late', task, since: NOW },
        { part: 'due', task, since: NOW },
        { part: 'changed', task, since: NOW, changes: ['returned', 'completed'] },
      ];
    });
    const notice = digestIn(locale, many);
    withinSlack(noticeCard(notice, 'message:0'));
    expect(Buffer.byteLength(mailOf(notice, locale).html)).toBeLessThan(79_000);
    expect(notice.parts[0]?.lines).toHaveLength(11);
    expect(notice.parts[0]?.lines.at(-1)).toContain('290');
  });

  it('escapes what people wrote', () => {
    const card = JSON.stringify(noticeCard(digestIn('en'), 'message:0').blocks);
    expect(card).not.toContain('<!channel>');
    expect(mailOf(digestIn('en'), 'en').html).not.toContain('<b>nghị');
  });
});

const tasks = [
  taskAfter(['acknowledge', 'late'], { title: NASTY }),
  taskAfter(['restrict', 'acknowledge', 'late'], { code: 'NQ57-0009', title: 'KIN' }),
  taskAfter(['acknowledge', 'report'], { code: 'NQ57-0002' }),
  taskAfter(['acknowledge'], { code: 'NQ57-0003', deadline: '2026-03-16' }),
];
const facts = { at, yearEnd: '2026-12-31' as IsoDate, tasks, records: new Map(), calendar };
const last = { at: '2026-02-24T01:00:00.000Z' as IsoInstant, tasks: [] };

describe('the weekly word', () => {
  const week = agencyWeek('MOST' as AgencyCode, { ...facts, last });
  it.each(LOCALES)('%s: says how the agency stands, whose turn it is, what has changed and what is late', (locale) => {
    if (week === null) throw new Error('there is something to say');
    const name = agencyName(locale)('MOST' as AgencyCode);
    const notice = weekNotice(week, { key: 'k', locale, channel: 'email', day, calendar, agencyName: name, webUrl });
    expect(mailOf(notice, locale).text).toMatchSnapshot();
    expect(mailOf(notice, locale).html).toMatchSnapshot();
    withinSlack(noticeCard(notice, 'message:0'));
    expect(JSON.stringify(notice)).not.toMatch(/KIN|NQ57-0009/);
  });

  it('is none where nothing is late, due soon, or has changed', () => {
    const quiet = [taskAfter(['acknowledge'], { deadline: '2026-06-30' })];
    expect(agencyWeek('MOST' as AgencyCode, { ...facts, tasks: quiet, last: { at: NOW, tasks: quiet } })).toBeNull();
    expect(agencyWeek('MOST' as AgencyCode, { ...facts, tasks: quiet, last })).not.toBeNull();
    expect(agencyWeek('MOF' as AgencyCode, { ...facts, last })).toBeNull();
  });
});

describe("the committee's report", () => {
  const report = regimeReport({ ...facts, agency: null, last });
  const files = [{ name: 'report.docx', type: 'x/y', content: Buffer.from('bytes') }];
  it.each(LOCALES)('%s: carries the main figures in the mail and the whole as files', (locale) => {
    const notice = reportNotice(report, { key: 'k', locale, rhythm: 'weekly', files, webUrl });
    const mail = mailOf(notice, locale);
    expect(`${mail.subject}\n\n${mail.text}`).toMatchSnapshot();
    expect(mail.files).toEqual(files);
    expect(mail.to.address).toBe(LAN.email);
    const monthly = reportNotice(
      { ...report, since: null, all: report.all.map((count) => ({ ...count, before: null })) },
      { key: 'k', locale, rhythm: 'monthly', files, webUrl },
    );
    expect(mailOf(monthly, locale).text).toMatchSnapshot();
  });
});
