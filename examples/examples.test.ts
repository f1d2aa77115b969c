/**
 * Proves that the files beside this one are what the generator writes, that they show the figures of 4 December 2025, and that every
 * agency and person a task names exists. Does not prove that an import accepts them.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { agencyCode, email, LOCALES, ROLES, STATUSES, taskCode } from '../domain/names.ts';
import { isoDate } from '../domain/time.ts';
import { generate } from './generate.ts';

const AS_OF = '2025-12-04';

type Row = Readonly<Record<string, string>>;

function written(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}

/** Rows by column name. A reader of its own, so that a mistake in the writer's quoting does not cancel out. */
function rowsOf(file: string): Row[] {
  const lines: string[][] = [];
  let line: string[] = [];
  for (const [, quoted, plain, end] of written(file).matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    line.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    lines.push(line);
    line = [];
  }
  const [header = [], ...rows] = lines;
  for (const row of rows) expect(row).toHaveLength(header.length);
  return rows.map((row) => Object.fromEntries(header.map((column, index) => [column, row[index] ?? ''])));
}

const agencies = rowsOf('agencies.csv');
const people = rowsOf('people.csv');
const tasks = rowsOf('tasks.csv');
const once = tasks.filter((task) => task.regular === 'false');
const open = once.filter((task) => task.status !== 'completed');

/** ISO dates compare as text. */
function due(from: string, to: string): number {
  return open.filter(({ deadline = '' }) => deadline >= from && deadline <= to).length;
}

it('writes the same bytes every time, and they are the ones beside it', () => {
  expect(generate()).toEqual(generate());
  for (const { file, content } of generate()) expect(content === written(file), `${file} differs: run examples/generate.ts`).toBe(true);
});

it('shows the figures of 4 December 2025', () => {
  const figures = {
    asOf: AS_OF,
    total: tasks.length,
    completed: once.length - open.length,
    withinDeadline: due(AS_OF, '9'),
    overdue: due('', '2025-12-03'),
    regular: tasks.length - once.length,
    dueBy: { '2025-12-31': due(AS_OF, '2025-12-31') },
  };
  expect(figures).toEqual({
    asOf: AS_OF,
    total: 1287,
    completed: 601,
    withinDeadline: 404,
    overdue: 104,
    regular: 178,
    dueBy: { '2025-12-31': 368 },
  });
  expect(JSON.parse(written('expected.json'))).toEqual(figures);
});

it('has nothing of the future in the past, and a fact only where the status implies it', () => {
  const facts = ['assigned_on', 'acknowledged_on', 'reported_on', 'completed_on'];
  for (const task of tasks) {
    const happened = facts.map((fact) => task[fact] ?? '');
    const count = STATUSES.map(String).indexOf(task.status ?? '') + 1;
    expect(happened.map((date) => date !== '')).toEqual(facts.map((_, index) => index < count));
    const dates = happened.slice(0, count);
    for (const date of [...dates, task.deadline]) expect(isoDate.safeParse(date).success).toBe(true);
    expect(['2025-01-13', ...dates, AS_OF]).toEqual(['2025-01-13', ...dates, AS_OF].sort());
    expect(task.evidence !== '').toBe(count >= 3);
    expect(task.deadline).not.toBe(AS_OF);
  }
  for (const task of tasks.filter(({ regular }) => regular === 'true')) {
    expect(['assigned', 'acknowledged']).toContain(task.status);
    expect((task.deadline ?? '') > AS_OF && (task.deadline ?? '') <= '2026-06-30').toBe(true);
  }
  expect(tasks.some((task) => task.completed_on === AS_OF)).toBe(true);
  expect(tasks.some(({ completed_on = '', deadline = '' }) => completed_on > deadline)).toBe(true);
});

it('names only agencies and people that exist, each person of the agency that the role asks for', () => {
  const codes = new Set(agencies.map(({ code }) => code));
  const roleAt = new Map(people.map((person) => [person.email, `${person.role} ${person.agency}`]));
  for (const { code, head } of agencies) {
    expect(agencyCode.safeParse(code).success).toBe(true);
    expect(roleAt.get(head)).toBe(`head ${code}`);
  }
  for (const person of people) {
    expect(email.parse(person.email)).toBe(person.email);
    expect(codes).toContain(person.agency);
    expect(ROLES).toContain(person.role);
    expect(LOCALES).toContain(person.locale);
  }
  for (const task of tasks) {
    const lead = task.lead_agency;
    const helpers = (task.coordinating_agencies ?? '').split(';').filter((code) => code !== '');
    expect(codes).toContain(lead);
    expect(helpers.length).toBeLessThanOrEqual(4);
    expect(new Set([lead, ...helpers]).size).toBe(helpers.length + 1);
    for (const code of helpers) expect(codes).toContain(code);
    expect(roleAt.get(task.assignee)).toBe(`assignee ${lead}`);
    if (task.supervisor !== '') expect(roleAt.get(task.supervisor)).toBe(`supervisor ${lead}`);
    expect(roleAt.get(task.coordinator)).toBe('coordinator VPTW');
  }
});

it('gives everybody and everything one name', () => {
  const accounts = people.map((person) => person.slack_id ?? '').filter((id) => id !== '');
  for (const keys of [agencies.map(({ code }) => code), people.map((person) => person.email), accounts, tasks.map(({ title }) => title)]) {
    expect(new Set(keys).size).toBe(keys.length);
  }
  for (const id of accounts) expect(id).toMatch(/^U0[A-Z0-9]+$/);
  for (const [index, { code, title = '' }] of tasks.entries()) {
    expect(taskCode.parse(code)).toBe(`NQ57-${String(index + 1).padStart(4, '0')}`);
    expect(title.length >= 40 && title.length <= 160, title).toBe(true);
  }
});

it('begins with the three tasks that the tour shows', () => {
  const tour = {
    lead_agency: 'MOST',
    coordinating_agencies: 'MOF',
    assignee: 'lan.nguyen@most.example',
    supervisor: 'minh.tran@most.example',
  };
  const fresh = { coordinator: 'ha.le@vptw.example', status: 'assigned', regular: 'false', assigned_on: AS_OF };
  expect(tasks.slice(0, 3)).toMatchObject([
    { ...tour, ...fresh, deadline: '2025-12-08', title: 'Xây dựng cơ sở dữ liệu quốc gia về khoa học, công nghệ và đổi mới sáng tạo' },
    { ...tour, ...fresh, deadline: '2025-12-12', title: 'Trình ban hành nghị định về cơ chế thử nghiệm có kiểm soát công nghệ mới' },
    { ...tour, ...fresh, deadline: '2025-12-16', title: 'Gửi kế hoạch triển khai kết luận của Ban Chỉ đạo' },
  ]);
});
