// What comes after the subject of a comparison: `== "ok"`, `< 10`, `contains "x"`, `matches /^v2/`, `exists`.

export type Operator =
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'contains'
  | 'lacks'
  | 'matches'
  | 'exists'
  | 'missing';

/** A value as JSON writes it. */
export type Literal = string | number | boolean | null;

export interface Comparison {
  operator: Operator;
  /** Null also where the operator takes none. */
  value: Literal;
}

/** Why a text cannot be read; `at` counts characters from 1. */
export interface Unreadable {
  at: number;
  message: string;
}

const OPERATOR = /^(==|!=|<=|>=|<|>|contains\b|lacks\b|matches\b|exists\b|missing\b)/;
const HELP = 'write ==, !=, <, <=, >, >=, contains, lacks, matches, exists or missing';

/** Reads `text` from `start` to its end. With `bare`, a value needs no quotes. */
export function parseComparison(
  text: string,
  start: number,
  bare = false,
): Comparison | Unreadable {
  const from = start + blanks(text, start);
  const operator = OPERATOR.exec(text.slice(from))?.[1] as Operator | undefined;
  if (operator === undefined) {
    const was = text.slice(from).split(/\s/)[0] ?? '';
    const said = was === '' ? 'a comparison is missing' : `"${was}" is no comparison`;
    return { at: from + 1, message: `${said}; ${HELP}` };
  }
  const end = from + operator.length;
  const at = end + blanks(text, end);
  const rest = text.slice(at).trimEnd();
  if (operator === 'exists' || operator === 'missing') {
    if (rest === '') return { operator, value: null };
    return { at: at + 1, message: `nothing may follow "${operator}"` };
  }
  if (rest === '') return { at: at + 1, message: `"${operator}" needs a value after it` };
  if (operator === 'matches') return pattern(rest, at);
  const value = literal(rest, bare);
  if (value === undefined) {
    return {
      at: at + 1,
      message: `${rest} is no value; write a number, true, false, null, or text in double quotes`,
    };
  }
  if (/^[<>]/.test(operator) && typeof value !== 'number') {
    return { at: at + 1, message: `"${operator}" needs a number after it` };
  }
  return { operator, value };
}

export function isUnreadable(value: object): value is Unreadable {
  return 'message' in value;
}

function blanks(text: string, from: number): number {
  return /^\s*/.exec(text.slice(from))?.[0].length ?? 0;
}

/** Null is a value, undefined is none. */
function literal(text: string, bare: boolean): Literal | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return value as Literal;
  } catch {
    if (bare && !text.startsWith('"')) return text;
  }
  return undefined;
}

/** `/like this/`, or as a quoted text. */
function pattern(text: string, at: number): Comparison | Unreadable {
  const slashed = /^\/(.*)\/$/s.exec(text)?.[1];
  const value = slashed ?? literal(text, false);
  if (typeof value !== 'string') {
    return { at: at + 1, message: `${text} is no pattern; write it between slashes: /^v2/` };
  }
  try {
    new RegExp(value, 'u');
    return { operator: 'matches', value };
  } catch {
    return { at: at + 1, message: `/${value}/ is not a valid regular expression` };
  }
}

/** Whether a found value (undefined = there is none) is as compared; `search` looks for a pattern in a text. */
export function compare(
  { operator, value }: Comparison,
  found: unknown,
  search: (pattern: string, text: string) => boolean,
): boolean {
  switch (operator) {
    case 'exists':
      return found !== undefined;
    case 'missing':
      return found === undefined;
    case '!=':
      return found !== value;
    case 'lacks':
      return found !== undefined && !contains(found, value);
    default:
      return found !== undefined && compareFound(operator, found, value, search);
  }
}

function compareFound(
  operator: Exclude<Operator, 'exists' | 'missing' | '!=' | 'lacks'>,
  found: unknown,
  value: Literal,
  search: (pattern: string, text: string) => boolean,
): boolean {
  const [a, b] = [found as number, value as number];
  switch (operator) {
    case '==':
      return found === value;
    case 'contains':
      return contains(found, value);
    case 'matches':
      return typeof found !== 'object' && search(String(value), String(found));
    case '<':
      return typeof found === 'number' && a < b;
    case '<=':
      return typeof found === 'number' && a <= b;
    case '>':
      return typeof found === 'number' && a > b;
    case '>=':
      return typeof found === 'number' && a >= b;
  }
}

/** A text contains a text, a list one of its values, an object a name. */
function contains(found: unknown, value: Literal): boolean {
  if (typeof found === 'string') return found.includes(String(value));
  if (Array.isArray(found)) return found.includes(value);
  if (typeof found === 'object' && found !== null) return Object.hasOwn(found, String(value));
  return false;
}
