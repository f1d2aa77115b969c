/** Proves what a mail says, in three languages, and the form that mail programs and providers want. Does not prove that it arrives. */
import { describe, expect, it } from 'vitest';
import { LOCALES } from '../../domain/names.ts';
import { agencyName, LAN, NOW, personName, speaking, taskAfter } from '../../test/people.ts';
import { composeMail, type MailItem } from './mail.ts';

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

it('stays whole in programs that clip at 102 KB, and says how many tasks it leaves out', () => {
  const { html, text } = compose(Array.from({ length: 1_000 }, (_, index) => item({ code: `T-${index}`, title: 'Đ'.repeat(200) })));
  expect(Buffer.byteLength(html)).toBeLessThan(80_000);
  expect(text).toContain('960');
});
