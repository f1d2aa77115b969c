/** Reads policies: YAML text to a checked value, each mistake with line and column. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { type Policy, policy } from '../domain/policy.ts';

export interface PolicyError {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type PolicyText =
  | { readonly policy: Policy; readonly document: unknown; readonly sha256: string }
  | { readonly errors: readonly PolicyError[] };

/** Checks a policy's text; `sha256` is of the text as given. */
export function readPolicy(text: string): PolicyText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    return { errors: document.errors.map((error) => ({ ...position(lines, error.pos[0]), message: error.message })) };
  }
  const parsed = policy.safeParse(document.toJS());
  if (parsed.success) return { policy: parsed.data, document: document.toJS(), sha256: createHash('sha256').update(text).digest('hex') };
  return {
    errors: parsed.error.issues.map((issue) => {
      const at = nearestNode(document, issue.path);
      return { ...position(lines, at), message: `${issue.path.join('.')}: ${issue.message}` };
    }),
  };
}

/** @throws Error naming file, line and column of each mistake */
export function loadPolicy(file: string): { policy: Policy; document: unknown; sha256: string; source: string } {
  const source = readFileSync(file, 'utf8');
  const read = readPolicy(source);
  if ('errors' in read) throw new Error(read.errors.map((e) => `${file}:${e.line}:${e.column}: ${e.message}`).join('\n'));
  return { ...read, source };
}

/** Where in a document a path is, or the nearest part of it that is there. */
export function nearestNode(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

export function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
