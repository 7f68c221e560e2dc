// One comparison about a JSON document, as people write it: `$.queue.length < 10`.
import {
  type Comparison,
  compare,
  isUnreadable,
  parseComparison,
  type Unreadable,
} from './comparison.ts';

/** Names and indexes from the root. */
export type JsonPath = ReadonlyArray<string | number>;

export interface JsonExpectation extends Comparison {
  path: JsonPath;
}

const STEP = /^(?:\.([A-Za-z_][\w-]*)|\[(-?\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\])/;

/** `$`, then `.name`, `["any name"]` or `[0]` (from the end: `[-1]`), then a comparison. */
export function parseJsonExpectation(text: string): JsonExpectation | Unreadable {
  const trimmed = text.trim();
  if (!trimmed.startsWith('$')) {
    return { at: 1, message: 'must begin with "$", the whole document' };
  }
  const path: Array<string | number> = [];
  let at = 1;
  for (let next = trimmed[at]; next === '.' || next === '['; next = trimmed[at]) {
    const step = STEP.exec(trimmed.slice(at));
    if (!step) {
      return { at: at + 1, message: 'is no step; write .name, ["any name"] or [0]' };
    }
    const [whole, name, index, quoted] = step;
    if (index !== undefined) path.push(Number(index));
    else {
      const named = name ?? textOf(quoted as string);
      if (named === null) return { at: at + 1, message: 'the name in quotes cannot be read' };
      path.push(named);
    }
    at += whole.length;
  }
  if (at < trimmed.length && !/\s|[=!<>]/.test(trimmed[at] as string)) {
    return { at: at + 1, message: `"${trimmed[at]}" does not belong into a path` };
  }
  const comparison = parseComparison(trimmed, at);
  return isUnreadable(comparison) ? comparison : { path, ...comparison };
}

function textOf(quoted: string): string | null {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return null;
  }
}

/** What stands at a path; undefined = nothing. `length` of a list or a text is its length. */
export function valueAt(document: unknown, path: JsonPath): unknown {
  let value = document;
  for (const step of path) {
    if (typeof step === 'number') {
      value = Array.isArray(value) ? value.at(step) : undefined;
    } else if (step === 'length' && (Array.isArray(value) || typeof value === 'string')) {
      value = value.length;
    } else if (typeof value === 'object' && value !== null && Object.hasOwn(value, step)) {
      value = (value as Record<string, unknown>)[step];
    } else return undefined;
  }
  return value;
}

/** Whether a document is as expected, and what was found; `search` looks for a pattern in a text. */
export function meetsJson(
  expectation: JsonExpectation,
  document: unknown,
  search: (pattern: string, text: string) => boolean,
): { ok: boolean; found: unknown } {
  const found = valueAt(document, expectation.path);
  return { ok: compare(expectation, found, search), found };
}
