/** Proves when a task lacks evidence that is owed, case by case. */
import { expect, it } from 'vitest';
import { evidenceMissingSince, lacksEvidence } from './completion.ts';
import type { Facts } from './event.ts';
import { replay } from './evolve.ts';
import type { AgencyCode, Email, PartId, TaskCode } from './names.ts';
import type { IsoDate, IsoInstant } from './time.ts';

const at = (date: string, clock = '10:00') => `${date}T${clock}:00.000Z` as IsoInstant;
const due = (date: string) => ({ deadline: date as IsoDate, deadlineAt: at(date) });
const id = (name: string) => name as PartId;
const DECREE = { id: id('nd'), name: 'Nghị định', kind: 'legal_document', due: null } as const;
const REPORT = { id: id('bc'), name: 'Báo cáo', kind: 'report', due: due('2026-03-13') } as const;
const LAN = 'lan@most.example' as Email;
const HA = 'ha@vptw.example' as Email;

type Act = readonly [date: string, by: Email, facts: Facts];
const acknowledged: Act = ['2026-03-02', LAN, { type: 'TaskAcknowledged' }];
const decree = { type: 'document', kind: 'legal_document', number: '12', date: '2026-03-10' as IsoDate, signer: 'Thủ tướng' } as const;
const link = { type: 'link', url: 'https://most.example' } as const;
const attached = (date: string, item: object, product?: string): Act => [
  date,
  LAN,
  { type: 'ProductAttached', evidence: [{ ...item, ...(product === undefined ? {} : { product: id(product) }) } as typeof link] },
];
const reported = (date: string, ...evidence: (typeof link | typeof decree)[]): Act => [
  date,
  LAN,
  { type: 'DoneReported', evidence, partly: true },
];
const waived: Act = ['2026-03-09', HA, { type: 'ProductWaived', product: id('bc'), reason: 'Gộp' }];

function since(products: readonly (typeof DECREE | typeof REPORT)[], acts: readonly Act[]) {
  const assignment = {
    title: 'Trình nghị định',
    product: '',
    document: '',
    group: '',
    leadAgency: 'MOST' as AgencyCode,
    coordinatingAgencies: [],
    assignee: LAN,
    supervisor: null,
    coordinator: HA,
    assignedAt: at('2026-03-02', '01:00'),
    ...due('2026-03-20'),
    regular: false,
    priority: 'normal' as const,
    policy: { name: 'standard', version: 1 },
    products: [...products],
  };
  const all: Act[] = [['2026-03-02', HA, { type: 'TaskAssigned', code: 'T-1' as TaskCode, assignment }], acknowledged, ...acts];
  const task = replay(
    all.map(([date, by, facts], index) => ({ ...facts, seq: index + 1, at: at(date, '01:00'), by, via: 'cli', commandId: null })),
  );
  if (task === null) throw new Error('no task');
  return task;
}

it.each<[string, Parameters<typeof since>, IsoInstant | null]>([
  ['no list of products: what the report brings is enough', [[], [reported('2026-03-18', link)]], null],
  ['nothing given: from the deadline on', [[DECREE], []], at('2026-03-20')],
  ['a product with a date of its own: from that date on', [[DECREE, REPORT], []], at('2026-03-13')],
  ['given before it is due', [[REPORT], [attached('2026-03-10', link)]], null],
  ['given after it was due', [[REPORT], [attached('2026-03-16', link)]], null],
  ['something else given in its place', [[DECREE], [attached('2026-03-10', { type: 'text', text: 'Công văn' })]], at('2026-03-20')],
  ['given for another product', [[DECREE, REPORT], [attached('2026-03-10', link, 'nd')]], at('2026-03-13')],
  ['waived', [[REPORT], [waived]], null],
  ['one waived, the other still owed', [[DECREE, REPORT], [waived]], at('2026-03-20')],
  ['reported early without it', [[DECREE], [reported('2026-03-11', link)]], at('2026-03-11', '01:00')],
  ['reported late without it', [[DECREE], [reported('2026-03-25', link)]], at('2026-03-20')],
  ['reported with it', [[DECREE], [reported('2026-03-11', decree)]], null],
  [
    'returned: what the report brought is gone, and owed by the deadline again',
    [[DECREE], [reported('2026-03-11', decree), ['2026-03-12', HA, { type: 'TaskReturned', reason: 'Sai' }]]],
    at('2026-03-20'),
  ],
  [
    'verified without it',
    [[DECREE], [reported('2026-03-11', link), ['2026-03-12', HA, { type: 'TaskVerified', note: '' }]]],
    at('2026-03-11', '01:00'),
  ],
  ['cancelled', [[DECREE], [['2026-03-25', HA, { type: 'TaskCancelled', reason: 'x' }]]], null],
])('%s', (_, [products, acts], expected) => {
  const task = since(products, acts);
  expect(evidenceMissingSince(task)).toBe(expected);
  if (expected === null) expect(lacksEvidence(task, at('2030-01-01'))).toBe(false);
  else {
    expect(lacksEvidence(task, expected)).toBe(false);
    expect(lacksEvidence(task, expected.replace('.000Z', '.001Z') as IsoInstant)).toBe(true);
  }
});
