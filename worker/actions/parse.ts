// Input to an action: every field that is not right is named, with what it was and what would be right.
import * as z from 'zod';
import { shortened } from '#core/text.ts';
import { type FieldError, fieldPath, Problem } from '#worker/problem.ts';

type RawIssue = z.core.$ZodRawIssue;

/** Parses or refuses with `invalid_input`; a field nobody knows is named, with the one that may be meant. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const known = new Map<string, string[]>();
  const parsed = schema.safeParse(input ?? {}, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') {
        known.set(fieldPath(issue.path ?? []), fieldsOf(issue.inst));
      }
      return sentence(issue);
    },
  });
  if (parsed.success) return parsed.data;
  throw new Problem('invalid_input', {
    errors: parsed.error.issues.flatMap((issue) => flatten(issue, known)),
  });
}

/** Refuses one field of an input that parsed but cannot be acted on. */
export function refuseField(path: string, message: string): Problem {
  return new Problem('invalid_input', { errors: [{ path, message }] });
}

function fieldsOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function flatten(issue: z.core.$ZodIssue, known: ReadonlyMap<string, string[]>): FieldError[] {
  const path = fieldPath(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => {
    const meant = nearest(key, known.get(path) ?? []);
    return {
      path: fieldPath([...issue.path, key]),
      message: `is not a field here${meant ? `; did you mean ${meant}?` : ''}`,
    };
  });
}

/** The known name at most two edits away. */
function nearest(name: string, names: readonly string[]): string | null {
  const near = names
    .map((each) => ({ each, distance: editDistance(name.toLowerCase(), each.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.min(2, name.length - 1))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.each ?? null;
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2 || a.length > 40) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

const KINDS: Record<string, string> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** Our words for what zod found; undefined leaves zod's own. */
function sentence(issue: RawIssue): string | undefined {
  const was = issue.input === undefined ? 'is missing' : `is ${shown(issue.input)}`;
  switch (issue.code) {
    case 'invalid_type':
      return `${was}; it must be ${KINDS[issue.expected as string] ?? issue.expected}`;
    case 'invalid_value':
      return `${was}; it must be ${oneOf(issue.values as unknown[])}`;
    case 'too_small':
      return bound(issue, was, 'least', issue.minimum);
    case 'too_big':
      return bound(issue, was, 'most', issue.maximum);
    case 'invalid_key':
      return (issue.issues as Array<{ message?: string }>)[0]?.message;
    case 'invalid_union':
      if (issue.discriminator) return discriminated(issue);
      return issue.input === undefined
        ? 'is missing'
        : `${was}, which is none of the accepted forms`;
    default:
      return undefined;
  }
}

function oneOf(values: readonly unknown[]): string {
  const choice = values.map((value) => JSON.stringify(value)).join(', ');
  return values.length > 1 ? `one of ${choice}` : choice;
}

/** An object whose kind nobody knows. */
function discriminated(issue: RawIssue): string {
  const was = (issue.input as Record<string, unknown>)[issue.discriminator as string];
  const is = was === undefined ? 'is missing' : `is ${shown(was)}`;
  return `${is}; it must be ${oneOf(issue.options as unknown[])}`;
}

function bound(issue: RawIssue, was: string, which: 'least' | 'most', limit: unknown): string {
  if (issue.origin === 'string') {
    const length = String(issue.input).trim().length;
    if (length === 0) return 'is empty';
    return `has ${length} characters; at ${which} ${String(limit)} are allowed`;
  }
  if (issue.origin === 'array') {
    const { length } = issue.input as unknown[];
    return `has ${length} entries; it must have at ${which} ${String(limit)}`;
  }
  return `${was}; it must be at ${which} ${String(limit)}`;
}

function shown(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value) ?? typeof value;
  return shortened(text, 60);
}
