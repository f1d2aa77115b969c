/** Proves what a mail says, in three languages, and the form that mail programs and providers want. Does not prove that it arrives. */
import { describe, expect, it } from 'vitest';
import { riskText } from '../../config/risk-text.ts';
import { LOCALES } from '../../domain/names.ts';
import type { Assessment } from '../../domain/risk.ts';
import { type Act, agencyName, LAN, lanIsGone, NOW, personName, SON, speaking, taskAfter } from '../../test/people.ts';
import { composeMail, composeReplacementMail, type MailItem } from './mail.ts';

const item = (o: Parameters<typeof taskAfter>[1] = {}): MailItem => ({
  task: taskAfter([], o),
  kind: 'reminder',
  acknowledgeUrl: 'https://dondoc.example/a/token',
  openUrl: `https://dondoc.example/tasks/${o.code ?? 'NQ57-0001'}`,
});
const compose = (items: MailItem[], o: { key?: string; locale?: (typeof LOCALES)[number] } = {}) =>
  composeMail({
    key: o.key ?? 'NQ57-0001/before-3wd/1/lan@most.example/email',
    domain: 'dondoc.example',
    from: { name: 'dondoc', address: 'dondoc@dondoc.example' },
    recipient: speaking(LAN, o.locale ?? 'vi'),
    items,
    now: NOW,
    listUrl: 'https://dondoc.example/tasks?assignee=lan%40most.example&lang=vi',
    personName,
    agencyName: agencyName(o.locale ?? 'vi'),
  });

describe.each(LOCALES)('in %s', (locale) => {
  it('a mail about one task', () => {
    expect(compose([item()], { locale })).toMatchSnapshot();
  });
  it('a mail about two', () => {
    const { subject, text } = compose([item(), item({ code: 'NQ57-0002', deadline: '2026-02-20' })], { locale });
    expect({ subject, text }).toMatchSnapshot();
  });
});

it('says why a task came back, and nothing at all of a restricted one', () => {
  const { text } = compose([{ ...item(), task: taskAfter(['report', 'return']), kind: 'returned' }]);
  expect(text).toContain('Thiếu chữ ký');
  const restricted = JSON.stringify(compose([{ ...item(), task: taskAfter(['report', 'return', 'restrict']), kind: 'returned' }]));
  for (const said of ['Thiếu chữ ký', 'Trình nghị định', 'Bộ Khoa học', 'Nghị định']) expect(restricted).not.toContain(said);
});

it.each(LOCALES)('%s: says a high risk in one line, and no other; of a restricted task nothing', (locale) => {
  const risk: Assessment = {
    score: 0.71,
    level: 'high',
    reasons: [{ feature: 'agency_record', value: 0.2, unit: 'share', said: { share: 61, onTime: 23, ended: 38 }, points: 0.8 }],
  };
  const line = riskText(locale, risk);
  expect(line).toContain('61');
  const said = (done: readonly Act[], level: Assessment['level']) =>
    compose([{ ...item(), task: taskAfter(done), risk: { ...risk, level } }], { locale }).text;
  expect(said(['acknowledge'], 'high')).toContain(line);
  expect(said(['acknowledge'], 'medium')).not.toContain('23');
  expect(said(['acknowledge', 'restrict'], 'high')).not.toContain(line);
});

it("says the policy's own line, escaped, and nothing of it for a restricted task", () => {
  const text = { vi: '<b>{code}</b> của {agency}, {assignee}: {title}', en: 'x', fr: 'x' };
  const { html, text: plain } = compose([{ ...item({ title: '{agency} & con' }), text }]);
  expect(plain).toContain('<b>NQ57-0001</b> của Bộ Khoa học và Công nghệ, Nguyễn Thị Lan: {agency} & con');
  expect(html).toContain('&lt;b&gt;NQ57-0001&lt;/b&gt; của Bộ Khoa học và Công nghệ, Nguyễn Thị Lan: {agency} &amp; con');
  expect(JSON.stringify(compose([{ ...item(), task: taskAfter(['restrict']), text }]))).not.toContain('của');
});

it('is the same mail under the same key, and another under another', () => {
  expect(compose([item()]).messageId).toBe(compose([item()]).messageId);
  expect(compose([item()], { key: 'other' }).messageId).not.toBe(compose([item()]).messageId);
  expect(compose([item()]).messageId).toMatch(/^<[a-z0-9]{40}@dondoc\.example>$/);
});

it('has one subject for all mails of a task, in one line whatever the title holds', () => {
  const { subject } = compose([item({ title: 'Trình\r\nBcc: all@most.example' })]);
  expect(subject).toBe('[NQ57-0001] Trình Bcc: all@most.example');
});

it('shows a title as text, never as HTML', () => {
  const { html } = compose([item({ title: '<script>alert(1)</script> & "x"' })]);
  expect(html).not.toContain('<script');
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot;');
});

it('has every link of the HTML in the text too', () => {
  const { html, text } = compose([item(), item({ code: 'NQ57-0002' })]);
  const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, link]) => link ?? '');
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) expect(text).toContain(link);
});

describe('stays whole in programs that clip at 102 KB', () => {
  const SIZE_MAX = 80_000;
  const shownIn = (html: string) => html.match(/\/tasks\/T-\d+/g)?.length ?? 0;

  it.each(LOCALES)('%s: a digest names fifty tasks, then says how many more there are and where', (locale) => {
    const items = Array.from({ length: 1_000 }, (_, index) => item({ code: `T-${index}` }));
    const { html, text } = compose(items, { locale });
    expect(Buffer.byteLength(html)).toBeLessThan(SIZE_MAX);
    expect(shownIn(html)).toBe(50);
    expect(text).toContain('950');
    expect(html).toContain('href="https://dondoc.example/tasks?assignee=lan%40most.example&amp;lang=vi"');
    expect(compose(items.slice(0, 50), { locale }).text).not.toContain('/tasks?');
  });

  it('names fewer where they have much to say, each of them with its link', () => {
    const items = Array.from({ length: 60 }, (_, index) => item({ code: `T-${index}`, title: '"Đ&'.repeat(300) }));
    const { html, text } = compose(items);
    expect(Buffer.byteLength(html)).toBeLessThan(SIZE_MAX);
    const shown = shownIn(html);
    expect(shown).toBeGreaterThan(10);
    expect(text).toContain(String(60 - shown));
    expect(text.match(/\/tasks\/T-\d+/g)).toHaveLength(shown);
  });

  it('clips what one task has to say, the most pressing first, and says that there is more', () => {
    const task = taskAfter(['report', 'return'], { title: '"'.repeat(1_000) });
    const long = '"'.repeat(3_000);
    const obstacle = (seq: number) => ({ seq, at: NOW, by: LAN.email, kind: 'law' as const, text: long });
    const full = {
      ...task,
      product: '"'.repeat(500),
      obstacles: Array.from({ length: 20 }, (_, seq) => obstacle(seq)),
      returnedBecause: `Thiếu ${long}`,
    };
    const { html, text } = compose([{ ...item(), task: full }]);
    expect(Buffer.byteLength(html)).toBeLessThan(SIZE_MAX);
    expect(text).toMatch(/Thiếu "+…\n/);
    expect(text).toMatch(/… và \d+ điều nữa/);
    for (const link of html.matchAll(/href="([^"]+)"/g)) expect(text).toContain(link[1]);
  });
});

describe('the question about who has left', () => {
  const composed = (o: Parameters<typeof lanIsGone>[0] = {}, locale: (typeof LOCALES)[number] = 'vi') =>
    composeReplacementMail({
      key: 'assignee-gone/lan@most.example/2026-03-01T20:00:00.000Z/son@mof.example/email',
      domain: 'dondoc.example',
      from: { name: 'dondoc', address: 'dondoc@dondoc.example' },
      recipient: speaking(SON, locale),
      replacement: lanIsGone(o),
      nameUrl: 'https://dondoc.example/n/token',
    });

  it.each(LOCALES)('in %s', (locale) => {
    expect(composed({}, locale)).toMatchSnapshot();
  });

  it('names no restricted task, and shows a title as text', () => {
    const said = JSON.stringify(composed());
    for (const hidden of ['KIN', 'NQ57-0002']) expect(said).not.toContain(hidden);
    expect(composed().html).not.toMatch(/<b>|<!channel>/);
  });

  it('has a link only where something is asked', () => {
    expect(composed().text).toContain('https://dondoc.example/n/token');
    for (const o of [{ settled: true }, { back: true }, { alone: true }]) expect(composed(o).text).not.toContain('/n/token');
  });
});
