// A form's fields follow from a zod object: titles, hints and placeholders from `.meta()`, the control from the type.
import * as z from 'zod';

/** How a field is typed: `lines` one value a line, `pairs` one "Name: value" a line, `list` values parted by commas. */
export type Control = 'text' | 'area' | 'number' | 'choice' | 'yes' | 'lines' | 'pairs' | 'list';

export interface FieldSpec {
  name: string;
  title: string;
  hint: string;
  placeholder: string;
  control: Control;
  choices: readonly string[];
  required: boolean;
  /** Write-only: an empty one keeps what is stored. */
  secret: boolean;
  /** What an empty field means, as it would be typed. */
  fallback: string;
}

interface Property {
  type?: string;
  title?: string;
  description?: string;
  placeholder?: string;
  enum?: string[];
  default?: unknown;
  multiline?: boolean;
  list?: boolean;
  secret?: boolean;
}

/** The fields of a schema in its order. */
export function describeFields(schema: z.ZodObject): FieldSpec[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const required = new Set(json.required ?? []);
  return Object.entries(json.properties ?? {}).map(([name, each]) => {
    const property = each as Property;
    const control = controlOf(property);
    const fallback = property.default === undefined ? '' : shownValue(control, property.default);
    return {
      name,
      title: property.title ?? name,
      hint: property.description ?? '',
      placeholder: property.placeholder ?? '',
      control,
      choices: choicesOf(property, fallback),
      required: required.has(name) && schema.shape[name]?.safeParse(undefined).success !== true,
      secret: property.secret === true,
      fallback,
    };
  });
}

function controlOf(property: Property): Control {
  if (property.list) return 'list';
  if (property.enum) return 'choice';
  if (property.type === 'boolean') return 'yes';
  if (property.type === 'integer' || property.type === 'number') return 'number';
  if (property.type === 'array') return 'lines';
  if (property.type === 'object') return 'pairs';
  return property.multiline ? 'area' : 'text';
}

/** The usual one first. */
function choicesOf(property: Property, fallback: string): string[] {
  const choices = property.enum ?? [];
  const index = choices.indexOf(fallback);
  const digits = choices.every((each) => !/^\d+$/.test(each));
  return index <= 0 || digits
    ? choices
    : [fallback, ...choices.filter((each) => each !== fallback)];
}

/** A value as it would be typed. */
export function shownValue(control: Control, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (control === 'yes') return value === true ? 'yes' : '';
  if (Array.isArray(value)) return value.join(control === 'list' ? ', ' : '\n');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, each]) => `${name}: ${String(each)}`)
      .join('\n');
  }
  return String(value);
}

/** What was typed, as an action takes it; empty fields are left out. */
export function readFields(
  fields: readonly FieldSpec[],
  typed: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(({ name, control }) => {
      const value = readValue(control, typed[name]);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function readValue(control: Control, typed: string | undefined): unknown {
  if (control === 'yes') return typed !== undefined && typed !== '';
  const text = (typed ?? '').replaceAll('\r\n', '\n');
  if (text.trim() === '') return undefined;
  switch (control) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    case 'lines':
      return text.split('\n').filter((line) => line !== '');
    case 'pairs':
      return Object.fromEntries(
        text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map(pair),
      );
    default:
      return control === 'area' ? text : text.trim();
  }
}

/** A line without a colon is all name, and no name has blanks: the schema then says so. */
function pair(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return colon === -1
    ? [line.trim(), '']
    : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}
