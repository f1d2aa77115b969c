/** What tasks of a file are parts of: seen over the whole file and what is stored, since a parent may stand anywhere. Pure. */
import { type Fault, fault } from './faults.ts';

/** What a row says of its parent; null where it says that there is none, or nothing that can be read. */
export interface ParentSaid {
  readonly row: number;
  readonly code: string;
  readonly parent: string | null;
}

export interface ParentContext {
  /** Each stored task with its parent. */
  readonly stored: ReadonlyMap<string, string | null>;
  /** Where each code of the file stands. */
  readonly rowOf: ReadonlyMap<string, number>;
  /** Rows that are refused for something else. */
  readonly refused: ReadonlySet<number>;
  /** Whether rows are written although others are refused: then a parent that is refused is not there. */
  readonly isAlone: boolean;
}

/** Every row whose parent there is not, or that would become a part of itself. What the file says goes before what is stored. */
export function parentFaults(said: readonly ParentSaid[], { stored, rowOf, refused, isAlone }: ParentContext): Fault[] {
  const parentOf = new Map(stored);
  for (const { code, parent } of said) parentOf.set(code, parent);
  const faults = said.flatMap(({ row, code, parent }) => {
    if (parent === null) return [];
    const at = { row, column: 'parent', value: parent };
    if (!stored.has(parent) && !rowOf.has(parent)) return [fault('parent_unknown', at)];
    const circle = circleOf(code, parent, parentOf);
    return circle === null ? [] : [fault('parent_cycle', at, { expected: circle.join(' → ') })];
  });
  return isAlone
    ? [...faults, ...orphans(said, { stored, rowOf, refused: new Set([...refused, ...faults.map(({ row }) => row)]) })]
    : faults;
}

/** The way from a task over its parents back to it; null where it ends, or turns in a circle of others. */
function circleOf(code: string, parent: string, parentOf: ReadonlyMap<string, string | null>): string[] | null {
  const path = [code];
  const seen = new Set<string>();
  for (let at: string | null | undefined = parent; at != null && !seen.has(at); at = parentOf.get(at)) {
    path.push(at);
    if (at === code) return path;
    seen.add(at);
  }
  return null;
}

/** Who is left without a parent because that one is refused, and who because of them. */
function orphans(said: readonly ParentSaid[], { stored, rowOf, refused }: Omit<ParentContext, 'isAlone'>): Fault[] {
  const gone = new Set(refused);
  const found: Fault[] = [];
  for (let before = -1; before !== found.length; ) {
    before = found.length;
    for (const { row, parent } of said) {
      const above = parent === null || stored.has(parent) ? undefined : rowOf.get(parent);
      if (parent === null || above === undefined || gone.has(row) || !gone.has(above)) continue;
      gone.add(row);
      found.push(fault('parent_refused', { row, column: 'parent', value: parent }, { expected: String(above) }));
    }
  }
  return found;
}
