/** What the ledger notes in short technical English, in the reader's words. */
import { text } from '../config/text.ts';
import type { Locale } from '../domain/names.ts';
import { ANCHORS, OFFSET_UNITS, WHEN } from '../domain/policy.ts';

/** As `domain/plan.ts` writes it: `standard v1, step before-3wd: -3wd from deadline, while unreported`, where a substitute is told with `, in place of` and an address. */
const REASON =
  /^(?<policy>\S+) v(?<version>\d+), step (?<step>\S+): (?<count>-?\d+)(?<unit>wd|[mhd%]) from (?<anchor>\w+)(?:, time (?<time>\d+))?, while (?<state>\w+)(?:, in place of (?<absent>\S+))?$/;

/** Why a person is told; a reason of another form is given as it stands rather than guessed at. */
export function reasonWords(locale: Locale, reason: string, person: (address: string) => string): string {
  const found = REASON.exec(reason)?.groups;
  const anchor = ANCHORS.find((name) => name === found?.anchor);
  const state = WHEN.find((name) => name === found?.state);
  const unit = OFFSET_UNITS.find((name) => name === found?.unit);
  if (found === undefined || anchor === undefined || state === undefined || unit === undefined) return reason;
  const count = Number(found.count);
  const rule = text(locale, 'web.rule', {
    policy: found.policy ?? '',
    version: found.version ?? '',
    step: found.step ?? '',
    moment: text(locale, 'web.rule.moment', {
      direction: count < 0 ? 'before' : count > 0 ? 'after' : 'at',
      span: text(locale, unit === '%' ? 'web.rule.span.share' : `web.rule.span.${unit}`, { count: Math.abs(count) }),
      anchor: text(locale, `web.rule.anchor.${anchor}`),
    }),
    state: text(locale, `web.rule.state.${state}`),
  });
  const again = found.time === undefined ? rule : text(locale, 'web.rule.again', { rule, time: found.time });
  return found.absent === undefined ? again : text(locale, 'web.rule.in_place_of', { rule: again, person: person(found.absent) });
}

/** As `activities/deliver.ts` writes it. */
const CAP = /^above (\d+) messages a day$/;

/** Why a notification was not, or not surely, sent: our own notes in words, a provider's answer quoted. */
export function whyWords(locale: Locale, error: string | null): string {
  if (error === null || error === '') return text(locale, 'web.why.none');
  if (error === 'no longer applies') return text(locale, 'web.why.no_longer_applies');
  if (error.startsWith('unknown:')) return text(locale, 'web.why.unconfirmed');
  if (error.startsWith('surely not sent')) return text(locale, 'web.why.not_sent');
  const cap = CAP.exec(error)?.[1];
  if (cap !== undefined) return text(locale, 'web.why.cap', { count: Number(cap) });
  if (error === 'the hold ended outside hours') return text(locale, 'web.why.hours');
  return text(locale, 'web.why.service', { answer: error.slice(0, 200) });
}
