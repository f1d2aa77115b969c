/** Proves what a gateway is told, in each language, and that it fits a telephone; of a restricted task nothing but that it waits. */
import { describe, expect, it } from 'vitest';
import { LOCALES, type Locale } from '../domain/names.ts';
import { LAN, NOW, taskAfter } from '../test/people.ts';
import { divertPayload, noticePayload, type PayloadItem, taskPayload } from './payload.ts';

const to = (locale: Locale) => ({
  id: '0d9d1f4e-7f5b-4a55-9f0e-0d1c6a7d7a10',
  address: '+84912345678',
  recipient: { ...LAN, locale },
  now: NOW,
});
const item = (code: string, more: object = {}): PayloadItem => ({
  task: { ...taskAfter([], { code }), ...more },
  kind: 'escalation',
  text: { vi: 'Báo cáo ngay: {code}', en: 'Report at once: {code}', fr: 'Signalez : {code}' },
  link: `https://dondoc.example/tasks/${code}`,
});
const told = (locale: Locale, items: readonly PayloadItem[]) =>
  taskPayload(to(locale), {
    items,
    listUrl: 'https://dondoc.example/tasks',
    agencyName: (code) => code,
    personName: (email) => email,
  });

describe.each(LOCALES)('in %s', (locale) => {
  it('is one sentence, a link and what it is about', () => {
    expect(told(locale, [item('NQ57-0001')])).toMatchSnapshot();
    expect(told(locale, [item('NQ57-0001'), item('NQ57-0002')]).data.text).toMatchSnapshot();
  });

  it('tells of a restricted task only that it waits', () => {
    const secret = item('NQ57-0009', { title: 'KIN', secrecy: 'secret' });
    const alone = told(locale, [secret]);
    expect(alone).toMatchSnapshot();
    const two = told(locale, [secret, { ...secret, task: { ...secret.task } }]);
    const beside = told(locale, [secret, item('NQ57-0001')]);
    expect(two.data.text).toMatchSnapshot();
    expect(beside.data.text).toContain('NQ57-0001');
    for (const each of [alone, two, beside])
      expect(JSON.stringify({ ...each.data, tasks: each.data.tasks.map(({ link: _, ...rest }) => rest), link: '' })).not.toMatch(
        /KIN|0009/,
      );
  });

  it('fits, however long what people wrote is', () => {
    const long = item('NQ57-0001', { title: `hai\ndòng ${'𝔸'.repeat(500)}` });
    const { text } = told(locale, [long]).data;
    expect(text.length).toBeLessThanOrEqual(300);
    expect(text.isWellFormed()).toBe(true);
    expect(text).toContain('hai dòng');
    expect(
      told(
        locale,
        Array.from({ length: 500 }, (_, index) => item(`NQ57-${index}`)),
      ).data.tasks,
    ).toHaveLength(50);
    const notice = { title: 'x'.repeat(500), parts: [{ heading: 'h', lines: Array.from({ length: 300 }, () => 'l'.repeat(500)) }] };
    const { data } = noticePayload(to(locale), { ...notice, link: { label: 'l', url: 'https://dondoc.example' } });
    expect(data.lines).toHaveLength(50);
    expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(64_000);
  });
});

it('says in shadow mode before everything whom it would have gone to', () => {
  expect(divertPayload(told('vi', [item('T-1')]), 'Chế độ thử').data.text).toMatch(/^Chế độ thử\. /);
});
