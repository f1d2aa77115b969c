/** Holds in three languages: what they cover, why and until when; and what coordinators are told, by chat and by mail. */
import { expect, it } from 'vitest';
import { diverted, noticeCard } from '../bot/blocks/notice.ts';
import { LOCALES } from '../domain/names.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { composeNotice, divertMail } from '../mail/compose/mail.ts';
import { HA, LAN, speaking } from '../test/people.ts';
import { bannerText, breakerNotice, heldText, scopeText } from './hold-text.ts';
import { shadowText } from './shadow-text.ts';

const until = '2026-03-20T05:00:00.000Z' as IsoInstant;
const ALL = { agency: null, channel: null, exceptUrgent: false, until, reason: 'Bão <số 3>', breaker: null };
const TRIPPED = {
  ...ALL,
  id: '0b0b0b0b-0000-4000-8000-000000000001',
  exceptUrgent: true,
  reason: '',
  breaker: { day: '2026-03-20' as IsoDate, planned: 1240, usual: 180.5 },
};
const waiting = [
  { kind: 'reminder', channel: 'slack', notifications: 1200, people: 310 },
  { kind: 'escalation', channel: 'email', notifications: 40, people: 1 },
] as const;

it.each(LOCALES)('%s: says what a hold covers, until when and why', (locale) => {
  const all = [
    ALL,
    { ...ALL, agency: 'MOST' },
    { ...ALL, channel: 'slack' as const },
    { ...ALL, agency: 'MOST', channel: 'email' as const },
  ];
  expect([...all, TRIPPED].map((hold) => scopeText(locale, hold))).toMatchSnapshot();
  expect([bannerText(locale, ALL), bannerText(locale, TRIPPED), heldText(locale, ALL)]).toMatchSnapshot();
});

it.each(LOCALES)('%s: tells a coordinator how much waits, of what kind, and how it is let go', (locale) => {
  const o = { key: `hold/${TRIPPED.id}/${HA.email}`, url: 'https://dondoc.example/holds' };
  const notice = breakerNotice(locale, TRIPPED, waiting, o);
  expect(noticeCard(notice, 'message:0')).toMatchSnapshot();
  const mail = composeNotice({ ...notice, domain: 'dondoc.example', from: { name: 'dondoc', address: 'd@dondoc.example' }, recipient: HA });
  expect(mail.text).toMatchSnapshot();
  expect(mail.to).toEqual({ name: HA.name, address: HA.email });
});

it.each(LOCALES)('%s: says above a diverted message whom it would have gone to, and keeps the block by which it is found', (locale) => {
  const line = shadowText(speaking(LAN, locale));
  const card = noticeCard(breakerNotice(locale, TRIPPED, [], { key: 'x', url: 'x' }), 'message:0');
  const shown = diverted(card, line);
  expect(shown.blocks[0]).toEqual(card.blocks[0]);
  expect(shown.blocks.slice(2)).toEqual(card.blocks.slice(1));
  expect(shown.text.split('\n')[0]).toBe(line);
  const mail = {
    messageId: '<a@b>',
    from: HA_FROM,
    to: { name: LAN.name, address: LAN.email },
    subject: 's',
    text: 'b',
    html: '<body style="x">b</body>',
    headers: {},
  };
  const other = divertMail(mail, 'shadow@dondoc.example', line);
  expect(other.to).toEqual({ name: '', address: 'shadow@dondoc.example' });
  expect(other.text).toBe(`${line}\n\nb`);
  expect(other.html).toContain(line.replace('<', '&lt;').replace('>', '&gt;'));
});
const HA_FROM = { name: 'dondoc', address: 'd@dondoc.example' };
