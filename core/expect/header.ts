// One comparison about a header of an answer, as people write it: `content-type contains json`.
import {
  type Comparison,
  compare,
  isUnreadable,
  parseComparison,
  type Unreadable,
} from './comparison.ts';

export interface HeaderExpectation extends Comparison {
  /** In lower case. */
  name: string;
}

/** A header's name, then a comparison; texts need no quotes. */
export function parseHeaderExpectation(text: string): HeaderExpectation | Unreadable {
  const trimmed = text.trim();
  const name = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/.exec(trimmed)?.[0];
  if (name === undefined) return { at: 1, message: 'must begin with the name of a header' };
  const colon = trimmed[name.length] === ':' ? 1 : 0;
  const comparison = parseComparison(trimmed, name.length + colon, true);
  return isUnreadable(comparison) ? comparison : { name: name.toLowerCase(), ...comparison };
}

/** Whether the headers (by lower-case name) are as expected; numbers are compared as numbers. */
export function meetsHeader(
  expectation: HeaderExpectation,
  headers: ReadonlyMap<string, string>,
  search: (pattern: string, text: string) => boolean,
): { ok: boolean; found: string | undefined } {
  const found = headers.get(expectation.name);
  const { operator, value } = expectation;
  if (typeof value !== 'number') {
    const text = value === null ? value : String(value);
    return { ok: compare({ operator, value: text }, found, search), found };
  }
  const number = found === undefined || found.trim() === '' ? Number.NaN : Number(found);
  const comparable = operator === 'contains' || Number.isNaN(number) ? found : number;
  return { ok: compare(expectation, comparable, search), found };
}
