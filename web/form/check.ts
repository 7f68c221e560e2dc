// A check as a form: the kind's own fields from its schema, and what all kinds share.
import { isKind, KINDS, shownTarget } from '#core/checks/index.ts';
import type { CheckForm, PolicyWords } from '../adminModels.ts';
import { describeFields, type FieldSpec, readFields, shownValue } from './fields.ts';

/** What stands in an open form rather than under "Expectations". */
export function kindFields(kind: string): { target: FieldSpec; rest: FieldSpec[] } | null {
  if (!isKind(kind)) return null;
  const [target, ...rest] = describeFields(KINDS[kind].fields);
  return target ? { target, rest } : null;
}

const TEXTS = ['name', 'interval', 'cron', 'zone', 'timeout', 'retryAfter'] as const;
const NUMBERS = ['failures', 'successes'] as const;

/** The names of all fields a check's form may send, for what is told at no field. */
export function checkFieldNames(kind: string): string[] {
  const fields = kindFields(kind);
  const own = fields ? [fields.target.name, ...fields.rest.map(({ name }) => name)] : ['target'];
  return [...own, ...TEXTS, ...NUMBERS, 'tags', 'invert', 'policy', 'locations', 'runner'];
}

type Values = Readonly<Record<string, string | undefined>>;

/** Every value sent under a name. */
export type Many = (name: string) => readonly string[];

/** What was typed, as the host's actions take a check. `empty` stands for fields that were emptied. */
export function readCheck(kind: string, values: Values, many: Many, empty?: null) {
  const fields = kindFields(kind);
  const specs = fields ? [fields.target, ...fields.rest] : [];
  const own = readFields(specs, values);
  // An empty secret means the one that is stored.
  const emptied = specs.filter(({ secret }) => !secret).map(({ name }) => [name, empty]);
  const kept = empty === undefined ? {} : Object.fromEntries(emptied);
  const common: Record<string, unknown> = {};
  for (const name of TEXTS) {
    const text = (values[name] ?? '').trim();
    if (text !== '') common[name] = text;
    else if (empty !== undefined) common[name] = empty;
  }
  for (const name of NUMBERS) {
    const text = (values[name] ?? '').trim();
    if (text !== '') common[name] = /^\d+$/.test(text) ? Number(text) : text;
    else if (empty !== undefined) common[name] = empty;
  }
  common.invert = (values.invert ?? '') !== '';
  common.tags = readTags(values.tags);
  return { kind, ...kept, ...own, ...common, ...readPlaces(values, many) };
}

function readPlaces(values: Values, many: Many): Record<string, unknown> {
  const { where, runner = '', policy = 'any' } = values;
  const places: Record<string, unknown> = { policy: readPolicy(policy, values, many) };
  if (where === 'runner') return { ...places, runner: idOrName(runner), locations: 'all' };
  if (where === 'tags')
    return { ...places, runner: null, locations: { tags: readTags(values.placeTags) } };
  const chosen = many('locations');
  return { ...places, runner: null, locations: where === 'some' ? chosen : 'all' };
}

/** "eu, office" */
export function readTags(text = ''): string[] {
  return text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

function idOrName(text: string): string | number | null {
  if (text === '') return null;
  return /^\d+$/.test(text) ? Number(text) : text;
}

function readPolicy(policy: string, values: Values, many: Many): unknown {
  if (policy === 'atLeast') {
    const n = (values.atLeast ?? '').trim();
    return { type: 'atLeast', n: /^\d+$/.test(n) ? Number(n) : n };
  }
  if (policy === 'required') return { type: 'required', locations: many('required') };
  return policy;
}

/** A stored check as its form shows it. */
export function checkValues(check: CheckForm): Record<string, string> {
  const fields = kindFields(check.kind);
  const values: Record<string, string> = {};
  for (const { name, control, secret } of fields ? [fields.target, ...fields.rest] : []) {
    if (!secret && check[name] !== undefined) values[name] = shownValue(control, check[name]);
  }
  values.target = shownTarget(check.kind, values.target ?? '');
  for (const name of [...TEXTS, ...NUMBERS]) values[name] = String(check[name] ?? '');
  // The interval of a timetable is no wish of anybody.
  if (check.cron) values.interval = '';
  return values;
}

export function policyType(policy: PolicyWords): string {
  return typeof policy === 'string' ? policy : policy.type;
}
