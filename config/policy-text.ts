/** A policy's own line in a message: its ICU text checked when the policy is read, and filled when a message is made. Pure. */
import { IntlMessageFormat } from 'intl-messageformat';
import type { AgencyCode, Email, Locale } from '../domain/names.ts';
import { nearest } from '../domain/nearest.ts';
import type { Step } from '../domain/policy.ts';
import type { Task } from '../domain/task.ts';
import { formatDate } from './text.ts';

/** What a text may name, each a text itself. */
export const TEXT_VARIABLES = ['title', 'code', 'deadline', 'agency', 'assignee'] as const;

interface Fault {
  readonly code: 'text_syntax' | 'text_variable';
  readonly message: string;
  readonly cure: string;
}

/** Kinds of an ICU element (`@formatjs/icu-messageformat-parser`): what takes a plain value, and what chooses by one. */
const LITERAL = 0;
const ARGUMENT = 1;
const SELECT = 5;
const VARIABLES_SPOKEN = TEXT_VARIABLES.map((name) => `{${name}}`).join(', ');

interface Element {
  readonly type: number;
  readonly value?: unknown;
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>;
}

/** What is wrong with a text: braces that do not fit, and variables that nobody fills. */
export function textFaults(locale: Locale, said: string): Fault[] {
  try {
    return faultsOf(parse(locale, said).getAst() as readonly Element[]);
  } catch (error) {
    // The parser throws errors named after what it expected.
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const cure = `close every brace; the variables are ${VARIABLES_SPOKEN}; a brace itself is written '{'`;
    return [{ code: 'text_syntax', message: `the text cannot be read (${why.toLowerCase().replaceAll('_', ' ')})`, cure }];
  }
}

function faultsOf(elements: readonly Element[]): Fault[] {
  return elements.flatMap(({ type, value, options = {} }) => {
    if (type === LITERAL) return [];
    const name = String(value ?? '#');
    const isKnown = TEXT_VARIABLES.some((each) => each === name);
    const inside = Object.values(options).flatMap((option) => faultsOf(option.value));
    if (isKnown && (type === ARGUMENT || type === SELECT)) return inside;
    const near = nearest(name, TEXT_VARIABLES);
    const fault: Fault = isKnown
      ? { code: 'text_variable', message: `${name} is a text: it has no form of its own`, cure: `write {${name}}` }
      : {
          code: 'text_variable',
          message: `nothing is known that is called {${name}}`,
          cure: near === null ? `write one of: ${VARIABLES_SPOKEN}` : `did you mean {${near}}?`,
        };
    return [fault, ...inside];
  });
}

const formats = new Map<string, IntlMessageFormat>();
/** Policies are few and immutable; the bound is against a mistake. */
const FORMATS_MAX = 1_000;

function parse(locale: Locale, said: string): IntlMessageFormat {
  const key = `${locale} ${said}`;
  const kept = formats.get(key);
  if (kept !== undefined) return kept;
  const made = new IntlMessageFormat(said, locale, undefined, { ignoreTag: true });
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(key, made);
  return made;
}

export interface PolicyTextView {
  readonly locale: Locale;
  readonly agencyName: (code: AgencyCode) => string;
  readonly personName: (address: Email) => string;
}

/** The line that a step says of a task, in the reader's language; not escaped: that is the channel's. */
export function policyLine(said: NonNullable<Step['text']>, task: Task, { locale, agencyName, personName }: PolicyTextView): string {
  const values: Readonly<Record<(typeof TEXT_VARIABLES)[number], string>> = {
    title: task.title,
    code: task.code,
    deadline: formatDate(locale, task.deadline),
    agency: agencyName(task.leadAgency),
    assignee: personName(task.assignee),
  };
  return String(parse(locale, said[locale]).format({ ...values }));
}
