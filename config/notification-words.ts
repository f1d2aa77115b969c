/** What the ledger notes in short technical English, in the reader's words. */

import type { Locale } from '../domain/names.ts';
import type { NotificationStatus } from '../domain/notification.ts';
import { ANCHORS, type Anchor, OFFSET_UNITS, WHEN } from '../domain/policy.ts';
import type { IsoInstant } from '../domain/time.ts';
import { formatMoment, text } from './text.ts';

/** As `domain/plan.ts` writes it: `standard v1, step before-3wd: -3wd from deadline, while unreported`, where a substitute is told with `, in place of` and an address. */
const REASON =
  /^(?<policy>\S+) v(?<version>\d+), step (?<step>\S+): (?<count>-?\d+)(?<unit>wd|[mhd%]) from (?<anchor>\w+)(?:, time (?<time>\d+))?, while (?<state>\w+)(?:, in place of (?<absent>\S+))?$/;

/** As `domain/plan.ts` writes it of the question about an assignee who has left. */
const GONE = /^(?<person>\S+) has left$/;

/** As `domain/plan.ts` writes it of a letter to an agency. */
const LETTER = /^(?<policy>\S+) v(?<version>\d+), step (?<step>\S+): nudge letter$/;

/** Why a person is told; a reason of another form is given as it stands rather than guessed at. */
export function reasonWords(locale: Locale, reason: string, person: (address: string) => string): string {
  const gone = GONE.exec(reason)?.groups?.person;
  if (gone !== undefined) return text(locale, 'gone.reason', { person: person(gone) });
  const letter = LETTER.exec(reason)?.groups;
  if (letter !== undefined)
    return text(locale, 'web.rule.letter', { policy: letter.policy ?? '', version: letter.version ?? '', step: letter.step ?? '' });
  const found = REASON.exec(reason)?.groups;
  const anchor = ANCHORS.find((name) => name === found?.anchor);
  const state = WHEN.find((name) => name === found?.state);
  const unit = OFFSET_UNITS.find((name) => name === found?.unit);
  if (found === undefined || anchor === undefined || state === undefined || unit === undefined) return reason;
  const rule = text(locale, 'web.rule', {
    policy: found.policy ?? '',
    version: found.version ?? '',
    step: found.step ?? '',
    rule: ruleWords(locale, { count: Number(found.count), unit, anchor, when: state }),
  });
  const again = found.time === undefined ? rule : text(locale, 'web.rule.again', { rule, time: found.time });
  return found.absent === undefined ? again : text(locale, 'web.rule.in_place_of', { rule: again, person: person(found.absent) });
}

interface Rule {
  readonly count: number;
  readonly unit: (typeof OFFSET_UNITS)[number];
  readonly anchor: Anchor;
  readonly when: (typeof WHEN)[number];
}

/** When a step applies: `3 working days before the deadline, while not reported done`. */
export function ruleWords(locale: Locale, { count, unit, anchor, when }: Rule): string {
  const moment = text(locale, 'web.rule.moment', {
    direction: count < 0 ? 'before' : count > 0 ? 'after' : 'at',
    span: text(locale, unit === '%' ? 'web.rule.span.share' : `web.rule.span.${unit}`, { count: Math.abs(count) }),
    anchor: text(locale, `web.rule.anchor.${anchor}`),
  });
  return text(locale, 'web.rule.short', { moment, state: text(locale, `web.rule.state.${when}`) });
}

interface Fate {
  /** Diverted: nobody was told. */
  readonly shadow?: boolean;
  readonly status: NotificationStatus;
  readonly sentAt: IsoInstant | null;
  readonly error: string | null;
  readonly attempts: number;
}

/** As `activities/deliver.ts` writes it. */
const CAP = /^above (\d+) messages a day$/;

/** Why a notification was not, or not surely, sent: our own notes in words, a provider's answer quoted. */
export function whyWords(locale: Locale, error: string | null): string {
  if (error === null || error === '') return text(locale, 'web.why.none');
  if (error === 'no longer applies') return text(locale, 'web.why.no_longer_applies');
  const cap = CAP.exec(error)?.[1];
  if (cap !== undefined) return text(locale, 'web.why.cap', { count: Number(cap) });
  if (error === 'the hold ended outside hours') return text(locale, 'web.why.hours');
  if (error === 'the recipient is back') return text(locale, 'web.why.back');
  if (error.startsWith('unknown:')) return text(locale, 'web.why.unconfirmed');
  if (error.startsWith('surely not sent')) return text(locale, 'web.why.not_sent');
  return text(locale, 'web.why.service', { answer: error.slice(0, 200) });
}

/** What became of a notification. */
export function fateWords(locale: Locale, { status, sentAt, error, attempts, shadow = false }: Fate): string {
  const why = whyWords(locale, error);
  const at = sentAt === null ? '' : formatMoment(locale, sentAt);
  switch (status) {
    case 'planned':
      if (attempts === 0 && error !== null) return `${text(locale, 'web.fate.planned')}: ${why}`;
      return attempts === 0 ? text(locale, 'web.fate.planned') : text(locale, 'web.fate.retry', { attempts, why });
    case 'claimed':
    case 'sending':
      return text(locale, 'web.fate.sending');
    case 'sent':
      if (shadow) return text(locale, 'web.fate.shadow', { at });
      return text(locale, 'web.fate.sent', { at });
    case 'merged':
      if (shadow) return text(locale, 'web.fate.shadow', { at });
      return text(locale, 'web.fate.merged', { at });
    case 'uncertain':
      return text(locale, 'web.fate.uncertain', { why });
    case 'failed':
      return text(locale, 'web.fate.failed', { why });
    case 'cancelled':
      return text(locale, 'web.fate.cancelled', { why });
    case 'dropped':
      return text(locale, 'web.fate.dropped', { why });
  }
}
