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
  /** Under which heading it is folded; empty = it stands open. */
  section: string;
  /** What an empty field means, as it would be typed. */
  fallback: string;
}

/** What `.meta()` says of a field. */
interface Words {
  title?: string;
  description?: string;
  placeholder?: string;
  multiline?: boolean;
  list?: boolean;
  secret?: boolean;
  section?: string;
}

interface Property extends Words {
  type: string;
  choices: string[];
  default?: unknown;
}

/** The fields of a schema in its order. */
export function describeFields(schema: z.ZodObject): FieldSpec[] {
  return Object.entries(schema.shape).map(([name, each]) => {
    const property = propertyOf(each);
    const control = controlOf(property);
    const fallback = property.default === undefined ? '' : shownValue(control, property.default);
    return {
      name,
      title: property.title ?? name,
      hint: property.description ?? '',
      placeholder: property.placeholder ?? '',
      control,
      choices: choicesOf(property, fallback),
      required: !z.safeParse(each, undefined).success,
      secret: property.secret === true,
      section: property.section ?? '',
      fallback,
    };
  });
}

/** The type within what wraps it; words further out go before those within. */
function propertyOf(schema: z.core.$ZodType): Property {
  const words = z.globalRegistry.get(schema) as Words | undefined;
  return { ...withoutWords(schema), ...words };
}

function withoutWords(schema: z.core.$ZodType): Property {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
      return propertyOf(def.innerType);
    case 'default':
    case 'prefault':
      return { ...propertyOf(def.innerType), default: def.defaultValue };
    case 'pipe':
      // What is typed: a transformation before the type proper takes anything.
      return propertyOf(def.in._zod.def.type === 'transform' ? def.out : def.in);
    case 'enum':
      return { type: def.type, choices: Object.values(def.entries).map(String) };
    default:
      return { type: def.type, choices: [] };
  }
}

function controlOf(property: Property): Control {
  if (property.list) return 'list';
  if (property.type === 'enum') return 'choice';
  if (property.type === 'boolean') return 'yes';
  if (property.type === 'number') return 'number';
  if (property.type === 'array') return 'lines';
  if (property.type === 'object' || property.type === 'record') return 'pairs';
  return property.multiline ? 'area' : 'text';
}

/** The usual one first. */
function choicesOf({ choices }: Property, fallback: string): string[] {
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
