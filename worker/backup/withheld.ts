// What may be a secret stays behind when a check is written down: a password in an address is covered, a credential in
// a header or a body left out and named. What was left out is taken from the check that is there, if there is one.
import { masked } from '#worker/actions/masked.ts';

/** Where something was left out, part by part: ["headers", "Authorization"]. */
export type FieldPath = string[];

type Fields = Record<string, unknown>;

const COVER = '•••';

/** The same without what may be secret, and where that was. */
export function withhold(fields: Fields): { shown: Fields; withheld: FieldPath[] } {
  const withheld: FieldPath[] = [];
  const shown = without(fields, masked(fields) as Fields, [], withheld);
  return { shown, withheld };
}

function without(fields: Fields, covered: Fields, at: FieldPath, withheld: FieldPath[]): Fields {
  const kept: Array<[string, unknown]> = [];
  for (const [name, value] of Object.entries(fields)) {
    const path = [...at, name];
    if (isObject(value)) {
      kept.push([name, without(value, covered[name] as Fields, path, withheld)]);
    } else if (covered[name] === COVER && value !== COVER) {
      withheld.push(path);
    } else {
      kept.push([name, covered[name]]);
    }
  }
  return Object.fromEntries(kept);
}

/** Puts back what `known` has of what was left out; gives what is still missing. */
export function putBack(
  fields: Fields,
  withheld: readonly FieldPath[],
  known: Fields | null,
): { whole: Fields; missing: FieldPath[] } {
  const missing: FieldPath[] = [];
  let whole = fields;
  for (const path of withheld) {
    const value = known === null ? undefined : valueAt(known, path);
    if (value === undefined) missing.push(path);
    else whole = withValue(whole, path, value);
  }
  const target = String(whole.target ?? '');
  if (!hasCover(target)) return { whole, missing };
  const stored = known?.target;
  if (typeof stored === 'string' && masked(stored) === target) {
    return { whole: { ...whole, target: stored }, missing };
  }
  return {
    whole: { ...whole, target: target.replace(`:${COVER}@`, '@') },
    missing: [...missing, ['target']],
  };
}

/** How an address looks in a backup. */
export function shownTarget(target: string): string {
  return String(masked(target));
}

function hasCover(target: string): boolean {
  return target.includes(`:${COVER}@`);
}

function valueAt(fields: Fields, [name = '', ...rest]: FieldPath): unknown {
  const value = fields[name];
  if (rest.length === 0) return value;
  return isObject(value) ? valueAt(value, rest) : undefined;
}

function withValue(fields: Fields, [name = '', ...rest]: FieldPath, value: unknown): Fields {
  if (rest.length === 0) return { ...fields, [name]: value };
  const inner = fields[name];
  return { ...fields, [name]: withValue(isObject(inner) ? inner : {}, rest, value) };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
