/**
 * Writes the example's files next to itself: `agencies.csv`, `people.csv`, `tasks.csv`, `expected.json`. The same bytes every time:
 * chance has a seed and the day is fixed. Agencies are real, persons and tasks are invented, the figures are those of 4 December 2025.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AGENCIES, type Agency, type Slot } from './agencies.ts';
import { DOCUMENTS, FAMILY_NAMES, GROUP_WEIGHTS, GROUPS, KINDS, type Kind, MEN, type Proof, REGULAR_KINDS, WOMEN } from './words.ts';

/** The day that the figures describe; nothing that has happened is later. */
const AS_OF = '2025-12-04';
const END_OF_YEAR = '2025-12-31';
/** Known from the committee's report; the rows are checked against them before they are handed out. */
const FIGURES = { total: 1287, completed: 601, withinDeadline: 404, overdue: 104, regular: 178, dueIn2025: 368 };

/** One line of `agencies.csv`; `head` is an e-mail address of `people.csv`. */
interface AgencyRow {
  code: string;
  kind: string;
  name_vi: string;
  name_en: string;
  name_fr: string;
  head: string;
}

/** One line of `people.csv`; `slack_id` is empty for who has no account there. */
interface PersonRow {
  email: string;
  name: string;
  agency: string;
  role: 'assignee' | 'supervisor' | 'head' | 'coordinator';
  locale: 'vi' | 'en' | 'fr';
  time_zone: string;
  slack_id: string;
}

/** One line of `tasks.csv`: dates `YYYY-MM-DD`, empty where nothing has happened; codes of agencies divided by `;`. */
export interface TaskRow {
  code: string;
  title: string;
  product: string;
  document: string;
  group: string;
  lead_agency: string;
  coordinating_agencies: string;
  assignee: string;
  supervisor: string;
  coordinator: string;
  assigned_on: string;
  deadline: string;
  regular: 'true' | 'false';
  priority: 'normal' | 'high';
  status: 'assigned' | 'acknowledged' | 'reported' | 'completed';
  acknowledged_on: string;
  reported_on: string;
  completed_on: string;
  evidence: string;
  policy: 'standard';
}

const TASK_COLUMNS = [
  'code',
  'title',
  'product',
  'document',
  'group',
  'lead_agency',
  'coordinating_agencies',
  'assignee',
  'supervisor',
  'coordinator',
  'assigned_on',
  'deadline',
  'regular',
  'priority',
  'status',
  'acknowledged_on',
  'reported_on',
  'completed_on',
  'evidence',
  'policy',
] as const satisfies readonly (keyof TaskRow)[];

/** Mulberry32: small, and the same on every machine. */
class Chance {
  private state: number;
  constructor(seed: number) {
    this.state = seed;
  }
  /** At least 0, below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  /** A whole number, both ends included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }
  happens(probability: number): boolean {
    return this.next() < probability;
  }
  pick<T>(from: readonly T[]): T {
    const picked = from[this.between(0, from.length - 1)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }
  weighted<T>(from: readonly T[], weight: (item: T) => number): T {
    let left = this.next() * from.reduce((sum, item) => sum + weight(item), 0);
    for (const item of from) {
      left -= weight(item);
      if (left < 0) return item;
    }
    return this.pick(from);
  }
  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, at: this.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  }
}

/** Weekdays on which offices are closed, 2025 and the first half of 2026; the 2nd of January 2026 was swapped with a Saturday. */
const CLOSED = new Set(
  ['2025-01-27 2025-01-28 2025-01-29 2025-01-30 2025-01-31 2025-04-07 2025-04-30 2025-05-01 2025-05-02 2025-09-01 2025-09-02']
    .concat('2026-01-01 2026-01-02 2026-02-16 2026-02-17 2026-02-18 2026-02-19 2026-02-20 2026-04-27 2026-04-30 2026-05-01')
    .flatMap((dates) => dates.split(' ')),
);

/** Every day on which offices are open, from the first assignment to the last deadline; a day is its place in this list. */
const OFFICE_DAYS = officeDays('2025-01-13', '2026-06-30');

function officeDays(from: string, to: string): readonly string[] {
  const days: string[] = [];
  for (let day = new Date(`${from}T00:00:00Z`); ; day = new Date(day.getTime() + 86_400_000)) {
    const date = day.toISOString().slice(0, 10);
    if (date > to) return days;
    if (day.getUTCDay() % 6 !== 0 && !CLOSED.has(date)) days.push(date);
  }
}

/** The place of the first office day that is not before a date. */
function place(date: string): number {
  return OFFICE_DAYS.findIndex((day) => day >= date);
}

function dateAt(index: number): string {
  const date = OFFICE_DAYS[index];
  if (date === undefined) throw new Error(`no office day number ${index}`);
  return date;
}

const TODAY = place(AS_OF);

/** An office day of a range, both ends included, never the day of the figures; ends of weeks and months are chosen more often. */
function deadlineBetween(chance: Chance, from: number, to: number): number {
  const places = Array.from({ length: to - from + 1 }, (_, index) => from + index).filter((index) => index !== TODAY);
  return chance.weighted(places, (index) => {
    const [date, next] = [dateAt(index), OFFICE_DAYS[index + 1] ?? '9'];
    if (date.slice(0, 7) !== next.slice(0, 7)) return 5;
    return ['15', '20', '25'].includes(date.slice(8)) || Number(next.slice(8)) - Number(date.slice(8)) > 1 ? 2 : 1;
  });
}

const KNOWN: readonly PersonRow[] = [
  known('lan.nguyen@most.example', 'Nguyễn Thị Lan', 'assignee', 'U0LAN'),
  known('minh.tran@most.example', 'Trần Văn Minh', 'supervisor', 'U0MINH'),
  known('ha.le@vptw.example', 'Lê Thu Hà', 'coordinator', 'U0HA'),
  known('son.pham@mof.example', 'Phạm Hồng Sơn', 'head', 'U0SON'),
];

function known(email: string, name: string, role: PersonRow['role'], slackId: string): PersonRow {
  const agency = email.slice(email.indexOf('@') + 1, -'.example'.length).toUpperCase();
  return { email, name, agency, role, locale: 'vi', time_zone: 'Asia/Ho_Chi_Minh', slack_id: slackId };
}

function ascii(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();
}

/** A head, supervisors, assignees; at the Central Office of the Party also six coordinators. */
function peopleOf(agency: Agency, chance: Chance, taken: Set<string>): PersonRow[] {
  // The busier a ministry, the more people answer for its tasks.
  const [supervisors, assignees] = agency.kind !== 'ministry' ? [1, 2] : agency.weight >= 9 ? [2, 5] : agency.weight >= 7 ? [2, 4] : [1, 3];
  const places = { head: 1, supervisor: supervisors, assignee: assignees, coordinator: agency.code === 'VPTW' ? 6 : 0 };
  return (Object.keys(places) as (keyof typeof places)[]).flatMap((role) => {
    const people = KNOWN.filter((person) => person.agency === agency.code && person.role === role);
    while (people.length < places[role]) people.push(invented(agency.code, role, chance, taken));
    return agency.code === 'MOFA' && role === 'assignee' ? people.map(inParis) : people;
  });
}

/** Two of the diplomats serve at the embassy in Paris. */
function inParis(person: PersonRow, index: number): PersonRow {
  return index < 2 ? { ...person, locale: 'fr', time_zone: 'Europe/Paris' } : person;
}

function invented(agency: string, role: PersonRow['role'], chance: Chance, taken: Set<string>): PersonRow {
  for (;;) {
    const family = chance.pick(FAMILY_NAMES);
    const { middle, given } = chance.happens(0.45) ? WOMEN : MEN;
    const [second, last] = [chance.pick(middle), chance.pick(given)];
    const email = `${ascii(last)}.${ascii(family)}@${agency.toLowerCase()}.example`;
    const name = `${family} ${second} ${last}`;
    const slackId = `U0${Array.from({ length: 9 }, () => chance.pick([...'0123456789ABCDEFGHJKLMNPQRSTUVWXYZ'])).join('')}`;
    const [inSlack, tongue] = [chance.happens(0.5), chance.next()];
    if (second === last || [email, name, slackId].some((text) => taken.has(text))) continue;
    for (const text of [email, name, slackId]) taken.add(text);
    const locale = tongue < 0.96 ? 'vi' : tongue < 0.99 ? 'en' : 'fr';
    return { email, name, agency, role, locale, time_zone: 'Asia/Ho_Chi_Minh', slack_id: inSlack ? slackId : '' };
  }
}

type Standing = 'regular' | 'completed' | 'overdue' | 'dueIn2025' | 'dueIn2026';

/** The first three, which the newcomer's tour shows. */
const FIRST_TASKS: readonly (Pick<TaskRow, 'title' | 'product' | 'deadline'> & { group: Kind['group'] })[] = [
  {
    title: 'Xây dựng cơ sở dữ liệu quốc gia về khoa học, công nghệ và đổi mới sáng tạo',
    product: 'Cơ sở dữ liệu quốc gia vận hành chính thức',
    deadline: '2025-12-08',
    group: 'data',
  },
  {
    title: 'Trình ban hành nghị định về cơ chế thử nghiệm có kiểm soát công nghệ mới',
    product: 'Dự thảo nghị định trình Chính phủ',
    deadline: '2025-12-12',
    group: 'institutions',
  },
  {
    title: 'Gửi kế hoạch triển khai kết luận của Ban Chỉ đạo',
    product: 'Kế hoạch triển khai',
    deadline: '2025-12-16',
    group: 'institutions',
  },
];

/** What else Lan answers for, so that her digest has something of everything. */
const LAN = {
  email: 'lan.nguyen@most.example',
  agency: 'MOST',
  further: { dueIn2025: 6, overdue: 2, dueIn2026: 1, regular: 1, completed: 2 },
};

/** Who is asked to help most: science, security of data, money, staff, procedures. */
const HELPERS: Readonly<Record<string, number>> = { MOST: 9, MPS: 7, MOF: 7, MOHA: 5, OOG: 4, MOJ: 3, VPTW: 2 };

class TaskMaker {
  private readonly titles = new Set<string>(FIRST_TASKS.map(({ title }) => title));
  private readonly lanLeft: Record<Standing, number> = { ...LAN.further };
  private readonly chance: Chance;
  private readonly people: readonly PersonRow[];
  private readonly coordinators: readonly PersonRow[];

  constructor(chance: Chance, people: readonly PersonRow[]) {
    this.chance = chance;
    this.people = people;
    this.coordinators = people.filter(({ role }) => role === 'coordinator');
  }

  first(number: number, { title, product, deadline, group }: (typeof FIRST_TASKS)[number]): TaskRow {
    return {
      ...blank(number),
      title,
      product,
      document: '25-TB/BCĐ',
      group: GROUPS[group],
      lead_agency: 'MOST',
      coordinating_agencies: 'MOF',
      assignee: LAN.email,
      supervisor: 'minh.tran@most.example',
      coordinator: 'ha.le@vptw.example',
      assigned_on: AS_OF,
      deadline,
    };
  }

  task(number: number, standing: Standing): TaskRow {
    const { chance } = this;
    const { agency, kind, title, phrase } = this.work(standing === 'regular');
    const { document, assigned, deadline } = this.dates(standing);
    const row: TaskRow = {
      ...blank(number),
      title,
      product: chance.happens(0.06) ? '' : fill(kind.product, phrase),
      document,
      group: GROUPS[kind.group],
      lead_agency: agency.code,
      coordinating_agencies: this.helpers(agency).join(';'),
      ...this.answerable(agency, standing),
      coordinator: this.coordinatorOf(agency),
      assigned_on: dateAt(assigned),
      deadline: dateAt(deadline),
      regular: standing === 'regular' ? 'true' : 'false',
      priority: chance.happens(0.08) ? 'high' : 'normal',
    };
    return { ...row, ...this.progress(standing, { assigned, deadline, agency, kind, number }) };
  }

  /** A title that no other task has, 40 to 160 characters long. */
  private work(regular: boolean): { agency: Agency; kind: Kind; title: string; phrase: (slot: Slot) => string } {
    for (;;) {
      const agency = this.chance.weighted(AGENCIES, ({ weight }) => weight);
      const [group] = this.chance.weighted(GROUP_WEIGHTS, ([, weight]) => weight);
      const fitting = (regular ? REGULAR_KINDS : KINDS.filter((kind) => kind.group === group)).filter(
        ({ leads, title }) => leads.includes(agency.kind) && slotsOf(title).every((slot) => agency.work[slot] !== undefined),
      );
      if (fitting.length === 0) continue;
      const kind = this.chance.weighted(fitting, ({ title }) => (regular || slotsOf(title).some((slot) => slot !== 'name') ? 3 : 1));
      const phrases = new Map(slotsOf(kind.title).map((slot) => [slot, this.chance.pick(agency.work[slot] ?? [])]));
      const phrase = (slot: Slot) => phrases.get(slot) ?? '';
      const title = fill(kind.title, phrase);
      if (title.length < 40 || title.length > 160 || this.titles.has(title)) continue;
      this.titles.add(title);
      return { agency, kind, title, phrase };
    }
  }

  /** Places in `OFFICE_DAYS`; the document is one that was there before the deadline. */
  private dates(standing: Standing): { document: string; assigned: number; deadline: number } {
    const { chance } = this;
    const ranges: Record<Standing, readonly [string, string]> = {
      regular: ['2025-12-05', '2026-06-30'],
      completed: ['2025-03-14', END_OF_YEAR],
      overdue: chance.happens(0.85) ? ['2025-10-01', '2025-12-03'] : ['2025-06-30', '2025-09-30'],
      dueIn2025: ['2025-12-05', END_OF_YEAR],
      dueIn2026: ['2026-01-05', '2026-06-30'],
    };
    const [from, to] = ranges[standing];
    const deadline = deadlineBetween(chance, place(from), place(to));
    // Five weeks at the least to do it, except for what was handed out last.
    const documents = DOCUMENTS.filter(
      (document) => place(document.from) + 25 <= deadline || (standing === 'dueIn2025' && chance.happens(0.3)),
    );
    const { number, from: start } = chance.weighted(documents, ({ weight }) => weight);
    return { document: number, assigned: Math.min(place(start) + chance.between(0, 5), TODAY, deadline), deadline };
  }

  private helpers(lead: Agency): string[] {
    const count = this.chance.weighted([0, 1, 2, 3, 4], (helpers) => [22, 34, 25, 12, 7][helpers] ?? 0);
    const helpers = new Set<string>();
    while (helpers.size < count) {
      const { code } = this.chance.weighted(AGENCIES, (agency) => HELPERS[agency.code] ?? (agency.kind === 'ministry' ? 1.5 : 0.15));
      if (code !== lead.code) helpers.add(code);
    }
    return [...helpers];
  }

  private answerable(agency: Agency, standing: Standing): Pick<TaskRow, 'assignee' | 'supervisor'> {
    const of = (role: PersonRow['role']) => this.people.filter((person) => person.agency === agency.code && person.role === role);
    const supervisor = this.chance.happens(0.02) ? '' : this.chance.pick(of('supervisor')).email;
    const others = of('assignee').filter(({ email }) => email !== LAN.email);
    const assignee = this.chance.pick(others).email;
    if (agency.code !== LAN.agency || this.lanLeft[standing] === 0) return { assignee, supervisor };
    this.lanLeft[standing] -= 1;
    return { assignee: LAN.email, supervisor: 'minh.tran@most.example' };
  }

  /** Each coordinator follows the same agencies throughout; the first of them the ministry of the first tasks. */
  private coordinatorOf(agency: Agency): string {
    const shift = AGENCIES.findIndex(({ code }) => code === LAN.agency);
    const index = (AGENCIES.indexOf(agency) - shift + AGENCIES.length) % this.coordinators.length;
    return agency.code === LAN.agency ? 'ha.le@vptw.example' : (this.coordinators[index]?.email ?? '');
  }

  private progress(
    standing: Standing,
    of: { assigned: number; deadline: number; agency: Agency; kind: Kind; number: number },
  ): Partial<TaskRow> {
    const { chance } = this;
    const answered = Math.min(of.assigned + (chance.happens(0.1) ? chance.between(4, 12) : chance.between(0, 3)), TODAY);
    if (standing === 'completed') {
      const { acknowledged, reported, completed } = this.completion(of);
      return {
        status: 'completed',
        acknowledged_on: dateAt(acknowledged),
        reported_on: dateAt(reported),
        completed_on: dateAt(completed),
        evidence: this.evidence(of, reported),
      };
    }
    // What was handed out in the last days waits for an answer; of the rest only a little does.
    const fresh = of.assigned > TODAY - 9;
    if (chance.happens(standing === 'regular' ? 0.07 : fresh ? 0.45 : 0.1)) return { status: 'assigned' };
    const acknowledged = { status: 'acknowledged', acknowledged_on: dateAt(answered) } as const;
    if (standing === 'regular' || answered + 10 > TODAY || !chance.happens(0.095)) return acknowledged;
    const reported = TODAY - chance.between(0, 9);
    return { ...acknowledged, status: 'reported', reported_on: dateAt(reported), evidence: this.evidence(of, reported) };
  }

  /** Verified on a day between the assignment and today: mostly before the deadline, now and then after it. */
  private completion({ assigned, deadline }: { assigned: number; deadline: number }) {
    const late = this.chance.happens(0.2) && deadline < TODAY;
    const earliest = Math.min(assigned + 8, TODAY);
    const completed = late
      ? this.chance.between(deadline + 1, Math.min(deadline + 30, TODAY))
      : this.chance.between(Math.max(earliest, Math.min(deadline, TODAY) - 25), Math.max(earliest, Math.min(deadline, TODAY)));
    const reported = Math.max(assigned, completed - this.chance.between(0, 6));
    const acknowledged = Math.min(reported, assigned + this.chance.between(0, 4));
    return { acknowledged, reported, completed };
  }

  /** Now and then a mere letter stands in for the product that was asked for: that is what a checker has to find. */
  private evidence({ agency, kind, number }: { agency: Agency; kind: Kind; number: number }, at: number): string {
    const link = `https://minhchung.${agency.code.toLowerCase()}.example/nghi-quyet-57/${taskCode(number)}`;
    if (kind.proof === 'link' || this.chance.happens(0.25)) return link;
    const [name, sign] = this.chance.happens(0.04) ? ['Công văn', 'CV'] : PAPERS[kind.proof];
    const [year, month, day] = dateAt(at).split('-').map(Number);
    return `${name} số ${this.chance.between(12, 980)}/${sign}-${agency.abbreviation} ngày ${day}/${month}/${year}`;
  }
}

const PAPERS: Readonly<Record<Exclude<Proof, 'link'>, readonly [name: string, sign: string]>> = {
  submission: ['Tờ trình', 'TTr'],
  decision: ['Quyết định', 'QĐ'],
  report: ['Báo cáo', 'BC'],
  acceptance: ['Biên bản nghiệm thu', 'BB'],
  plan: ['Kế hoạch', 'KH'],
};

function taskCode(number: number): string {
  return `NQ57-${String(number).padStart(4, '0')}`;
}

function blank(number: number) {
  const nothing = { acknowledged_on: '', reported_on: '', completed_on: '', evidence: '' };
  return { code: taskCode(number), regular: 'false', priority: 'normal', status: 'assigned', policy: 'standard', ...nothing } as const;
}

function slotsOf(title: string): Slot[] {
  return [...title.matchAll(/\{(\w+)\}/g)].map(([, slot]) => slot as Slot);
}

function fill(text: string, phrase: (slot: Slot) => string): string {
  return text.replace(/\{(\w+)\}/g, (_, slot: Slot) => phrase(slot));
}

/** RFC 4180 but for the line ends, which are LF. */
function csv<Row extends object>(columns: readonly (keyof Row & string)[], rows: readonly Row[]): string {
  const field = (text: unknown) => (/[",\r\n]/.test(`${text}`) ? `"${`${text}`.replaceAll('"', '""')}"` : `${text}`);
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((line) => `${line.map(field).join(',')}\n`).join('');
}

/** The figures that the rows give; a task is regular first, then completed, then judged by its deadline. */
function count(tasks: readonly TaskRow[]) {
  const once = tasks.filter(({ regular }) => regular === 'false');
  const open = once.filter(({ status }) => status !== 'completed');
  const within = open.filter(({ deadline }) => deadline >= AS_OF);
  return {
    asOf: AS_OF,
    total: tasks.length,
    completed: once.length - open.length,
    withinDeadline: within.length,
    overdue: open.length - within.length,
    regular: tasks.length - once.length,
    dueBy: { [END_OF_YEAR]: within.filter(({ deadline }) => deadline <= END_OF_YEAR).length },
  };
}

/** Throws when the rows do not give the figures, or when nothing was completed on the very day. */
function checked(tasks: readonly TaskRow[]): ReturnType<typeof count> {
  const found = count(tasks);
  const { dueIn2025, ...figures } = FIGURES;
  const wanted = { asOf: AS_OF, ...figures, dueBy: { [END_OF_YEAR]: dueIn2025 } };
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`figures differ: ${JSON.stringify(found)}`);
  if (!tasks.some(({ completed_on }) => completed_on === AS_OF)) throw new Error(`no task completed on ${AS_OF}`);
  return found;
}

/** The example's rows; the same at every call. */
function rows() {
  const chance = new Chance(57);
  const taken = new Set(KNOWN.flatMap(({ email, name, slack_id }) => [email, name, slack_id]));
  const people = AGENCIES.flatMap((agency) => peopleOf(agency, chance, taken));
  const agencies: AgencyRow[] = AGENCIES.map(({ code, kind, vi, en, fr }) => ({
    code,
    kind,
    name_vi: vi,
    name_en: en,
    name_fr: fr,
    head: people.find((person) => person.agency === code && person.role === 'head')?.email ?? '',
  }));

  const { completed, overdue, regular, dueIn2025, withinDeadline } = FIGURES;
  const counts = { regular, completed, overdue, dueIn2025: dueIn2025 - FIRST_TASKS.length, dueIn2026: withinDeadline - dueIn2025 };
  const standings = (Object.keys(counts) as Standing[]).flatMap((standing) => Array<Standing>(counts[standing]).fill(standing));
  const maker = new TaskMaker(chance, people);
  const first = FIRST_TASKS.map((task, index) => maker.first(index + 1, task));
  const tasks = [...first, ...chance.shuffled(standings).map((standing, index) => maker.task(first.length + index + 1, standing))];

  return { agencies, people, tasks };
}

/** `tasks.csv` with some of its rows told otherwise; the published figures must hold as before. */
export function tasksFile(retold: (tasks: readonly TaskRow[]) => readonly TaskRow[]): string {
  const tasks = retold(rows().tasks);
  checked(tasks);
  return csv(TASK_COLUMNS, tasks);
}

/** The four files, name and whole content; the same at every call. */
export function generate(): { file: string; content: string }[] {
  const { agencies, people, tasks } = rows();
  return [
    { file: 'agencies.csv', content: csv(['code', 'kind', 'name_vi', 'name_en', 'name_fr', 'head'], agencies) },
    { file: 'people.csv', content: csv(['email', 'name', 'agency', 'role', 'locale', 'time_zone', 'slack_id'], people) },
    { file: 'tasks.csv', content: csv(TASK_COLUMNS, tasks) },
    { file: 'expected.json', content: `${JSON.stringify(checked(tasks), null, 2)}\n` },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, content } of generate()) writeFileSync(new URL(file, import.meta.url), content);
}
