/**
 * Proves what the report and the letters say, and that each form carries it: text by snapshots in three languages, Word files and
 * workbooks unzipped and read back. Not that the figures are right: that is proved beside `domain/figures.ts` and on the store.
 */
import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { vietnamCalendar, yearsAround } from '../config/calendar.ts';
import type { TaskEvent } from '../domain/event.ts';
import { replay } from '../domain/evolve.ts';
import { lateTasks, urgedAgencies } from '../domain/lateness.ts';
import { type AgencyCode, LOCALES, type Locale, type SecrecyLevel, type TaskCode } from '../domain/names.ts';
import { type RegimeReport, regimeReport } from '../domain/regime-report.ts';
import type { Task } from '../domain/task.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { agencyName, HA, LAN, SON } from '../test/people.ts';
import { docx } from './docx.ts';
import { html } from './html.tsx';
import { letter } from './letter.ts';
import { markdown } from './markdown.ts';
import { regimeDocument } from './regime.ts';
import { xlsx } from './xlsx.ts';

const AT = '2026-03-20T10:00:00.000Z' as IsoInstant;
const LAST = '2026-03-13T10:00:00.000Z' as IsoInstant;
const calendar = vietnamCalendar(yearsAround(AT));
const due = (date: string) => ({ deadline: date as IsoDate, deadlineAt: `${date}T10:00:00.000Z` as IsoInstant });
/** Nothing of a restricted task may stand in any document. */
const HIDDEN = 'Kín tuyệt đối';
/** What people write is text, in every form. */
const HOSTILE = '=1+1 <b>*Đề án*</b> | a & b';

interface Told {
  readonly title?: string;
  readonly group?: string;
  readonly deadline: string;
  readonly agency?: string;
  readonly secrecy?: SecrecyLevel;
}

type Act = readonly [at: string, facts: object];
function record(
  code: string,
  { title = `Nhiệm vụ ${code}`, group = 'Dữ liệu', deadline, agency = 'MOST', secrecy }: Told,
  acts: readonly Act[],
) {
  const assignment = {
    title,
    product: '',
    document: '',
    group,
    leadAgency: agency,
    coordinatingAgencies: [],
    assignee: LAN.email,
    supervisor: null,
    coordinator: HA.email,
    assignedAt: '2026-03-02T01:00:00.000Z',
    ...due(deadline),
    regular: false,
    priority: 'normal',
    policy: { name: 'standard', version: 3 },
    ...(secrecy === undefined ? {} : { secrecy }),
  };
  const all: Act[] = [['2026-03-02T01:00:00.000Z', { type: 'TaskAssigned', code: code as TaskCode, assignment }], ...acts];
  return all.map(
    ([at, facts], index) => ({ ...facts, seq: index + 1, at, by: LAN.email, via: 'cli', commandId: null }) as unknown as TaskEvent,
  );
}

const acknowledged: Act = ['2026-03-02T02:00:00.000Z', { type: 'TaskAcknowledged' }];
const reported = (at: string): Act => [at, { type: 'DoneReported', evidence: [{ type: 'text', text: 'x' }] }];
const RECORDS: Readonly<Record<string, TaskEvent[]>> = {
  // Late since the 11th; the 16th to the 18th it waited for an answer on an obstacle.
  'T-1': record('T-1', { title: HOSTILE, deadline: '2026-03-11' }, [
    acknowledged,
    ['2026-03-12T02:00:00.000Z', { type: 'DelayCauseGiven', kind: 'data', text: 'Chờ số liệu | bộ khác' }],
    ['2026-03-16T01:00:00.000Z', { type: 'ObstacleReported', kind: 'data', text: 'Chưa có số liệu' }],
    ['2026-03-18T10:00:00.000Z', { type: 'ObstacleAnswered', obstacle: 4, text: 'Đã có' }],
  ]),
  'T-2': record('T-2', { deadline: '2026-03-17' }, [acknowledged, reported('2026-03-17T02:00:00.000Z')]),
  'T-3': record('T-3', { deadline: '2026-03-31', group: 'Thể chế, pháp luật' }, [
    acknowledged,
    reported('2026-03-16T02:00:00.000Z'),
    ['2026-03-17T02:00:00.000Z', { type: 'TaskVerified', note: '' }],
  ]),
  'T-4': record('T-4', { deadline: '2026-03-16', group: '' }, [
    acknowledged,
    ['2026-03-10T02:00:00.000Z', { type: 'ExtensionRequested', ...due('2026-04-10'), reason: 'x', basis: '', afterDeadline: false }],
    ['2026-03-16T02:00:00.000Z', { type: 'ExtensionGranted', ...due('2026-04-10'), reason: '' }],
  ]),
  'T-5': record('T-5', { deadline: '2026-04-30' }, [
    acknowledged,
    [
      '2026-03-18T02:00:00.000Z',
      { type: 'TaskReassigned', agency: 'MOF' as AgencyCode, assignee: SON.email, supervisor: null, reason: 'x' },
    ],
  ]),
  'T-6': record('T-6', { title: HIDDEN, group: HIDDEN, deadline: '2026-03-16', secrecy: 'secret' }, [acknowledged]),
  'T-7': record('T-7', { deadline: '2026-03-31' }, [['2026-03-19T02:00:00.000Z', { type: 'TaskCancelled', reason: 'x' }]]),
};
const asOf = (at: IsoInstant): Task[] => Object.values(RECORDS).flatMap((events) => replay(events.filter((event) => event.at <= at)) ?? []);
const facts = { at: AT, yearEnd: '2026-12-31' as IsoDate, tasks: asOf(AT), records: new Map(Object.entries(RECORDS)), calendar };
const report = (o: Partial<Parameters<typeof regimeReport>[0]> = {}): RegimeReport =>
  regimeReport({ ...facts, agency: null, last: { at: LAST, tasks: asOf(LAST) }, ...o });
const words = (locale: Locale) => ({ locale, calendar, agencyName: agencyName(locale) as (code: string) => string });
const document = (locale: Locale, o: Partial<Parameters<typeof regimeReport>[0]> = {}) => regimeDocument(report(o), words(locale));

const unzipped = (bytes: Uint8Array) =>
  Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, content]) => [name, strFromU8(content)]));
/** The text of each paragraph of a Word part. */
const paragraphs = (xml = '') =>
  [...xml.matchAll(/<w:p>.*?<\/w:p>|<w:p .*?<\/w:p>/gs)].map(([paragraph]) =>
    [...paragraph.matchAll(/<w:t[^>]*>(.*?)<\/w:t>/gs)].map(([, said]) => said).join(''),
  );

describe('the report', () => {
  it('reckons figures, causes, whose time it was, and what has changed', () => {
    const { all, attribution, causes, late, changes } = report();
    const count = (written: string) => all.find((each) => each.written === written);
    expect(count('overdue')).toMatchObject({ now: 3, before: 1 });
    expect(count('toFinishBy:2026-12-31')).toMatchObject({ now: 5, before: 7 });
    expect(count('total')).toMatchObject({ now: 6, before: 7 });
    expect(causes).toEqual([
      { kind: null, tasks: 2 },
      { kind: 'data', tasks: 1 },
    ]);
    // T-1: seven working days, three of them waiting; T-2: three waiting for verification; T-6: four.
    expect(attribution).toEqual([
      { role: 'assignee', tasks: 2, minutes: (4 + 4) * 480 },
      { role: 'obstacle_owner', tasks: 1, minutes: 3 * 480 },
      { role: 'verifier', tasks: 1, minutes: 3 * 480 },
    ]);
    expect(late.named.map(({ task, minutesLate }) => [task.code, minutesLate / 480])).toEqual([
      ['T-1', 7],
      ['T-2', 3],
    ]);
    expect(late.restricted).toBe(1);
    const codes = (listed: { named: readonly (Task | { task: Task })[] } | undefined) =>
      listed?.named.map((each) => ('task' in each ? each.task.code : each.code));
    expect(Object.fromEntries(Object.entries(changes ?? {}).map(([name, listed]) => [name, codes(listed)]))).toEqual({
      assigned: [],
      completed: ['T-3'],
      becameLate: ['T-2'],
      cancelled: ['T-7'],
      agencyChanged: ['T-5'],
      deadlineMoved: ['T-4'],
    });
    expect(changes?.becameLate.restricted).toBe(1);
  });

  it('of one agency counts that agency alone, then and now', () => {
    const { all, byAgency, changes } = report({ agency: 'MOF' as AgencyCode });
    expect(all[0]).toMatchObject({ written: 'total,agency:MOF', now: 1, before: 0 });
    expect(byAgency.map(({ key }) => key)).toEqual(['MOF']);
    expect(changes?.agencyChanged.named.map(({ task }) => task.code)).toEqual(['T-5']);
  });

  it('by agency and by group adds up to the whole', () => {
    const { all, byAgency, byGroup } = report();
    for (const parts of [byAgency, byGroup])
      for (const figure of ['total', 'completed', 'overdue', 'withinDeadline', 'regular'])
        expect(parts.reduce((sum, { counts }) => sum + (counts.find((each) => each.figure === figure)?.now ?? 0), 0)).toBe(
          all.find((each) => each.figure === figure)?.now,
        );
  });

  it.each(LOCALES)('as Markdown in %s', (locale) => expect(markdown(document(locale))).toMatchSnapshot());
  it('as HTML', () => expect(html(document('vi'))).toMatchSnapshot());
  it('without a last report says nothing of changes', () => {
    const said = markdown(document('en', { last: null }));
    expect(said).not.toContain('Became overdue');
    expect(said).not.toContain('Last report');
  });
  it('of nothing at all', () => expect(markdown(document('en', { tasks: [], last: null }))).toMatchSnapshot());

  it('as Word: headings, tables whose header is repeated, page numbers', async () => {
    const files = unzipped(await docx(document('vi')));
    const body = files['word/document.xml'] ?? '';
    const said = paragraphs(body);
    expect(said).toEqual(expect.arrayContaining(['Báo cáo tình hình thực hiện nhiệm vụ', 'Nguyên nhân chậm', 'Nhiệm vụ quá hạn (3)']));
    expect(said).toContain('=1+1 &lt;b&gt;*Đề án*&lt;/b&gt; | a &amp; b');
    expect(body.match(/<w:pStyle w:val="Heading1"\/>/g)).toHaveLength(document('vi').sections.length);
    expect(body.match(/<w:tblHeader\/>/g)).toHaveLength(document('vi').sections.filter(({ table }) => table !== null).length);
    const footer = Object.entries(files).find(([name]) => /word\/footer\d*\.xml/.test(name))?.[1];
    expect(footer).toContain('PAGE');
    expect(footer).toContain('NUMPAGES');
    expect(files['word/styles.xml']).toContain('Times New Roman');
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['[Content_Types].xml', '_rels/.rels', 'docProps/core.xml']));
  });

  it('as a workbook: a sheet each, numbers as numbers, dates as dates, text never a formula', async () => {
    const files = unzipped(await xlsx(document('vi')));
    const names = [...(files['xl/workbook.xml'] ?? '').matchAll(/<sheet [^>]*name="([^"]*)"/g)].map(([, name]) => name);
    expect(names).toEqual(document('vi').sections.map(({ heading }) => heading.replaceAll(':', ' ').slice(0, 31).trim()));
    const sheets = Object.entries(files)
      .filter(([name]) => name.startsWith('xl/worksheets/sheet'))
      .map(([, content]) => content);
    expect(sheets).toHaveLength(names.length);
    const late = sheets.at(-1) ?? '';
    // 11 March 2026, as Excel counts days.
    expect(late).toContain('<v>46092</v>');
    expect(late).toMatch(/<c [^>]*r="E\d+"[^>]*><v>7<\/v><\/c>/);
    for (const sheet of sheets) expect(sheet).not.toContain('<f>');
    expect(files['xl/styles.xml']).toContain('dd/mm/yyyy');
  });
});

describe('a letter', () => {
  const urged = urgedAgencies(lateTasks(facts.tasks, facts.records, { at: AT, calendar }));

  it('is for each agency with late tasks', () => {
    expect(urged.map(({ agency, late, restricted }) => [agency, late.map(({ task }) => task.code), restricted])).toEqual([
      ['MOST', ['T-1', 'T-2'], 1],
    ]);
  });

  it.each(LOCALES)('says in %s what is late, since when, and how much of it was waiting for whom', async (locale) => {
    const [one] = urged;
    if (one === undefined) throw new Error('nobody is urged');
    const files = unzipped(await letter(one, AT, words(locale)));
    expect(paragraphs(files['word/document.xml'])).toMatchSnapshot();
  });
});

it('tells nothing of a restricted task in any form', async () => {
  const [one] = urgedAgencies(lateTasks(facts.tasks, facts.records, { at: AT, calendar }));
  if (one === undefined) throw new Error('nobody is urged');
  const open = facts.tasks.map((task): Task => ({ ...task, secrecy: 'none' }));
  const forms = async (of: ReturnType<typeof document>, urged: typeof one) => {
    const zips = await Promise.all([docx(of), xlsx(of), letter(urged, AT, words('vi'))]);
    return [markdown(of), html(of), ...zips.map((bytes) => Object.values(unzipped(bytes)).join('\n'))];
  };
  for (const form of await forms(document('vi'), one)) {
    expect(form).not.toContain(HIDDEN);
    expect(form).not.toContain('T-6');
  }
  // It would be seen if it were not restricted.
  const [seen] = urgedAgencies(lateTasks(open, facts.records, { at: AT, calendar }));
  for (const form of await forms(document('vi', { tasks: open }), seen ?? one)) expect(form).toContain(HIDDEN);
});
