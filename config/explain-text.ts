/** What an explanation of two figures says, in words. Pure. */
import type { Explained, Reason } from '../domain/explain.ts';
import type { FigureFault } from '../domain/figures.ts';
import type { Locale } from '../domain/names.ts';
import { mayLeave } from '../domain/secrecy.ts';
import { formatDate, text } from './text.ts';

/** Why one task is outside, with what there is to name: dates as the reader writes them, agencies by name. */
export function reasonText(locale: Locale, why: Reason, agencyName: (code: string) => string): string {
  const id = `explain.reason.${why.reason}` as const;
  if ('from' in why) return text(locale, id, { from: formatDate(locale, why.from), to: formatDate(locale, why.to) });
  if ('deadline' in why) return text(locale, id, { deadline: formatDate(locale, why.deadline) });
  if ('fromAgency' in why) return text(locale, id, { fromAgency: agencyName(why.fromAgency), toAgency: agencyName(why.toAgency) });
  if ('agency' in why) return text(locale, id, { agency: agencyName(why.agency) });
  if ('group' in why) return text(locale, id, { group: why.group });
  if ('figure' in why) return text(locale, id, { figure: why.figure });
  if ('ending' in why) return text(locale, id, { ending: text(locale, `ending.${why.ending}`), on: formatDate(locale, why.on) });
  return 'on' in why ? text(locale, id, { on: formatDate(locale, why.on) }) : text(locale, id);
}

/** A task with its title and its reason; of a restricted one neither, since both can tell what it is about. */
export function explainedText(
  locale: Locale,
  task: Explained,
  agencyName: (code: string) => string,
): { title: string | null; why: string } {
  return mayLeave(task.secrecy, 'document')
    ? { title: task.title, why: reasonText(locale, task.why, agencyName) }
    : { title: null, why: text(locale, 'explain.restricted') };
}

export function figureFaultText(locale: Locale, written: string, { fault, ...values }: FigureFault): string {
  return text(locale, `figure.fault.${fault}`, { written, ...values });
}
