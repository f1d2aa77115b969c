/** Reads YAML that people write: text to a checked value, each mistake with line and column. */
import { createHash } from 'node:crypto';
import { isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';

export interface Mistake {
  readonly line: number;
  readonly column: number;
  /** The place in the document, what is wrong there and what would be right. */
  readonly message: string;
}

/** What is wrong at a place of the document, told by whoever knows more than its shape. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export type Read<T> =
  /** `document` is the text's own value, before defaults; `sha256` is of the text as given. */
  { readonly value: T; readonly document: unknown; readonly sha256: string } | { readonly errors: readonly Mistake[] };

/** @param check what the shape alone does not say; asked once the shape is right */
export function readYaml<T>(text: string, schema: z.ZodType<T>, check: (value: T) => readonly Issue[] = () => []): Read<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    return { errors: document.errors.map((error) => ({ ...at(error.pos[0]), message: error.message })) };
  }
  const placed = ({ path, message }: Issue): Mistake => ({
    ...at(nearestNode(document, path)),
    message: path.length === 0 ? message : `${path.join('.')}: ${message}`,
  });
  const parsed = schema.safeParse(document.toJS());
  if (!parsed.success) {
    return {
      errors: parsed.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => ({ ...at(keyNode(document, issue.path, key)), message: [...issue.path, issue.message].join(': ') }))
          : [placed(issue)],
      ),
    };
  }
  const found = check(parsed.data);
  if (found.length > 0) return { errors: found.map(placed) };
  return { value: parsed.data, document: document.toJS(), sha256: createHash('sha256').update(text).digest('hex') };
}

type Document = ReturnType<typeof parseDocument>;

function nearestNode(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** Where a key itself is written. */
function keyNode(document: Document, path: readonly PropertyKey[], key: string): number {
  const parent = path.length === 0 ? document.contents : document.getIn(path, true);
  let found: number | undefined;
  if (isNode(parent))
    visit(parent, {
      Pair(_, pair) {
        if (isPair(pair) && isScalar(pair.key) && pair.key.value === key) found ??= pair.key.range?.[0];
      },
    });
  return found ?? nearestNode(document, path);
}
