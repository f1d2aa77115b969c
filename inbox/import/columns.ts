/** The columns of a file of tasks and the headings under which each is known. Pure. */
import type { Locale } from '../../domain/names.ts';
import type { Csv } from './csv.ts';

export const TASK_COLUMNS_NEEDED = [
  'code',
  'title',
  'lead_agency',
  'assignee',
  'coordinator',
  'assigned_on',
  'deadline',
  'status',
] as const;
const FIRST_COLUMNS = [
  ...TASK_COLUMNS_NEEDED,
  'product',
  'document',
  'group',
  'coordinating_agencies',
  'supervisor',
  'regular',
  'priority',
  'acknowledged_on',
  'reported_on',
  'completed_on',
  'evidence',
  'policy',
] as const;
/** Known only since a task has its whole life. */
const LATER_COLUMNS = ['products', 'milestones', 'secrecy', 'parent', 'parent_mandatory', 'recurrence', 'recurrence_due'] as const;
export const TASK_COLUMNS = [...FIRST_COLUMNS, ...LATER_COLUMNS] as const;
export type Column = (typeof TASK_COLUMNS)[number];

/** Beside its own name, which is English; the words are those of the pages. */
export const HEADINGS: Readonly<Record<Column, Readonly<Record<Exclude<Locale, 'en'>, string>>>> = {
  code: { vi: 'mã', fr: 'code' },
  title: { vi: 'nhiệm vụ', fr: 'tâche' },
  lead_agency: { vi: 'cơ quan chủ trì', fr: 'organisme chef de file' },
  assignee: { vi: 'người phụ trách', fr: 'responsable' },
  coordinator: { vi: 'cán bộ theo dõi', fr: 'coordinateur' },
  assigned_on: { vi: 'ngày giao', fr: 'attribuée le' },
  deadline: { vi: 'thời hạn', fr: 'échéance' },
  status: { vi: 'trạng thái', fr: 'statut' },
  product: { vi: 'kết quả', fr: 'livrable' },
  document: { vi: 'số, ký hiệu văn bản', fr: 'référence du document' },
  group: { vi: 'nhóm việc', fr: 'groupe' },
  coordinating_agencies: { vi: 'cơ quan phối hợp', fr: 'organismes associés' },
  supervisor: { vi: 'lãnh đạo phụ trách', fr: 'supérieur' },
  regular: { vi: 'thường xuyên', fr: 'régulière' },
  priority: { vi: 'mức ưu tiên', fr: 'priorité' },
  acknowledged_on: { vi: 'ngày xác nhận', fr: 'accusée le' },
  reported_on: { vi: 'ngày báo cáo', fr: 'signalée le' },
  completed_on: { vi: 'ngày hoàn thành', fr: 'achevée le' },
  evidence: { vi: 'minh chứng', fr: 'pièce justificative' },
  policy: { vi: 'chính sách', fr: 'règle de relance' },
  products: { vi: 'sản phẩm', fr: 'livrables' },
  milestones: { vi: 'mốc', fr: 'jalons' },
  secrecy: { vi: 'độ mật', fr: 'niveau de confidentialité' },
  parent: { vi: 'nhiệm vụ cha', fr: 'tâche mère' },
  parent_mandatory: { vi: 'bắt buộc', fr: 'obligatoire' },
  recurrence: { vi: 'chu kỳ', fr: 'rythme' },
  recurrence_due: { vi: 'số ngày báo cáo', fr: 'jours de la période' },
};

const COLUMN_OF: ReadonlyMap<string, Column> = new Map(
  TASK_COLUMNS.flatMap((column): [string, Column][] =>
    [column, column.replaceAll('_', ' '), ...Object.values(HEADINGS[column])].map((heading) => [heading, column]),
  ),
);

export interface Named {
  /** The file under the columns' own names. */
  readonly csv: Csv;
  /** How the file itself calls a column, where that is another name. */
  readonly headingOf: (column: string) => string | undefined;
}

/** Understands a header in any of the three languages, mixed as well. What it does not know keeps its name. */
export function named(csv: Csv): Named {
  const nameOf = (heading: string): string => COLUMN_OF.get(heading.normalize('NFC').replaceAll(/\s+/g, ' ')) ?? heading;
  const headings = new Map(csv.columns.map((heading) => [nameOf(heading), heading]));
  return {
    csv: {
      ...csv,
      columns: csv.columns.map(nameOf),
      records: csv.records.map((record) => ({
        ...record,
        cells: new Map([...record.cells].map(([heading, cell]) => [nameOf(heading), cell])),
      })),
      faults: csv.faults.map((fault) => ({ ...fault, column: nameOf(fault.column) })),
    },
    headingOf: (column) => (headings.get(column) === column ? undefined : headings.get(column)),
  };
}

/** What a row says, for its hash. Later columns count only where they say something: rows imported before they were known stay the same. */
export function saidBy(cells: ReadonlyMap<string, string>): string[] {
  const later = LATER_COLUMNS.flatMap((column) => ((cells.get(column) ?? '') === '' ? [] : [`${column} ${cells.get(column)}`]));
  return [...FIRST_COLUMNS.map((column) => cells.get(column) ?? ''), ...later];
}
