/** The published figures are the printed ones; not that they were measured well. */
import { describe, expect, it } from 'vitest';
import { filled, type Line, performancePage, readLines, tableOf } from './table.ts';

const line = (values: Partial<Line>): Line => ({ bench: 'crash', system: 'x', setting: 'none', machine: 'M', absent: null, ...values });

it('docs/performance.md shows what the committed lines say', () => {
  const { now, due } = performancePage();
  expect(now, 'npm run -s bench:table makes it').toBe(due);
});

describe('a table', () => {
  it('has a row a line, numbers as people read them, and the machine once', () => {
    const lines = [
      line({ system: 'dondoc', setting: 'off', reminders: 10_000, lost: 0, twice: 0, toBeRepeated: 0, held: 0, secondsUntilLast: 4.1234 }),
      line({ system: 'other', reminders: 10_000, lost: 0, twice: 96, toBeRepeated: 3, held: 700, secondsUntilLast: null }),
    ];
    expect(tableOf('crash', lines)).toMatchInlineSnapshot(`
      "
      |                     | reminders | lost | twice | to be told again | held | everyone told after | first after the restart |
      | ------------------- | --------- | ---- | ----- | ---------------- | ---- | ------------------- | ----------------------- |
      | dondoc, merging off | 10,000    | 0    | 0     | 0                | 0    | 4.12 s              | –                       |
      | other               | 10,000    | 0    | 96    | 3                | 700  | –                   | –                       |

      Measured on M.

      "
    `);
  });

  it('says what was not measured, and why', () => {
    expect(tableOf('crash', [line({ system: 'bullmq', absent: 'no redis-server' })])).toContain('Not measured: bullmq (no redis-server).');
  });

  it('is a sentence as long as nothing was measured', () => {
    expect(tableOf('scale', [line({ bench: 'crash' })])).toBe('\nNot measured yet.\n\n');
  });

  it('of growth names what grew in words', () => {
    const table = tableOf('scale', [line({ bench: 'scale', tasks: 10_000, growth: 1.1, growsMost: 'engineKBPerTask' })]);
    expect(table).toContain("| 1.10 × | the engine's store |");
  });

  it('refuses a bench that it does not know', () => {
    expect(() => tableOf('speed', [])).toThrow('"speed"');
  });
});

it('only what stands between the marks is made anew', () => {
  const page = 'before\n\n<!-- bench:cost -->\nold\n<!-- end -->\n\nafter\n';
  const [start, rest] = filled(page, [line({ bench: 'cost', events: 121 })]).split('<!-- bench:cost -->');
  expect(start).toBe('before\n\n');
  expect(rest).toContain('121');
  expect(rest).not.toContain('old');
  expect(rest?.endsWith('<!-- end -->\n\nafter\n')).toBe(true);
});

it('lines are read one by one', () => {
  expect(readLines('{"bench":"a"}\n\n{"bench":"b"}\n').map(({ bench }) => bench)).toEqual(['a', 'b']);
});
