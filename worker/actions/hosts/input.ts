// What a person writes to set up a host. Each kind brings its own fields (core/checks); nothing unknown is taken.
import * as z from 'zod';
import {
  type CheckConfig,
  type CheckSpec,
  inferTarget,
  isKind,
  KIND_NAMES,
  KINDS,
  type Kind,
  kindOf,
} from '#core/checks/index.ts';
import { duration, formatDuration } from '#core/duration.ts';
import { idField, nameField } from '../fields.ts';
import { type PolicyModel, policyModel } from './model.ts';

const SECOND = 1000;
const DAY = 86_400_000;
const DEFAULT_TIMEOUT_MS = 10 * SECOND;

/** What to write where a target cannot be read. */
export const TARGET_HELP =
  'write an address like "https://example.org/", a name and port like "example.org:25", a name or IP address to ping, or "script:name"';

const commonFields = {
  name: z.string().trim().max(100).default(''),
  interval: duration(SECOND, DAY).prefault('60s'),
  timeout: duration(1, DAY).optional(),
  retryAfter: duration(100, 600 * SECOND).prefault('2s'),
  failures: z.int().min(1).max(20).default(2),
  successes: z.int().min(1).max(20).default(1),
  policy: policyModel.default('any'),
  locations: z
    .union([z.literal('all'), z.array(z.string()).min(1).max(100)], {
      error: 'must be "all" or a list of names of locations, like ["local", "Office"]',
    })
    .default('all')
    .meta({ description: 'names of locations' }),
  runner: z
    .union([z.string(), z.int()], { error: 'must be the name or the id of a runner' })
    .nullable()
    .default(null)
    .meta({ description: 'name or id of the one runner that probes it' }),
  paused: z.boolean().default(false),
};

const variants = KIND_NAMES.map((kind) =>
  z
    .strictObject({
      kind: z.literal(kind).meta({ inferred: true }),
      ...KINDS[kind].fields.shape,
      ...commonFields,
    })
    .superRefine((check, context) => {
      const { interval, timeout } = check as { interval: number; timeout?: number };
      if (timeout === undefined || timeout <= interval) return;
      context.addIssue({
        code: 'custom',
        path: ['timeout'],
        message: `is ${formatDuration(timeout)}; it may not be longer than the interval (${formatDuration(interval)})`,
      });
    }),
);

/** One check. Without `kind` it follows from the target. */
export const checkInput = z.preprocess(
  withKind,
  z.discriminatedUnion('kind', variants as [(typeof variants)[number]]),
);

/** In an update: a check with an `id` keeps what is not named, and null takes a field back to its default. */
export const checkPatch = z.looseObject({
  id: idField
    .optional()
    .meta({ description: 'an existing check of this host; without, a new one' }),
});

export const groupField = z.string().trim().max(100);

const fullHost = z.strictObject({
  name: nameField(),
  group: groupField.default(''),
  checks: z.array(checkInput).min(1).max(100),
});

const shortHost = z.strictObject({
  name: nameField().optional(),
  group: groupField.default(''),
  target: z.string().trim().min(1).max(2048),
});

/** The two ways to write a new host: `{target}` alone, or `{name, checks}`. */
export const hostInput = z.union([shortHost, fullHost]);

/** The form of `hostInput` that was meant, so that errors are about that one. */
export function hostInputFor(input: unknown): typeof shortHost | typeof fullHost {
  return isObject(input) && 'checks' in input ? fullHost : shortHost;
}

/** A check as it was understood: ready to be stored, but for the names of locations and runners. */
export interface CheckDraft {
  kind: Kind;
  name: string;
  target: string;
  /** As stored and sent to runners: durations as text, defaults left out. */
  config: CheckConfig;
  spec: CheckSpec;
  intervalMs: number;
  timeoutMs: number;
  retryAfterMs: number;
  failures: number;
  successes: number;
  policy: PolicyModel;
  locations: 'all' | string[];
  runner: string | number | null;
  paused: boolean;
}

type CommonFields = z.output<z.ZodObject<typeof commonFields>>;

/** From a parsed check to a draft. */
export function draftOf(parsed: z.output<typeof checkInput>): CheckDraft {
  const given = parsed as unknown as CommonFields & { kind: Kind };
  const { kind, interval, timeout, retryAfter } = given;
  const spec = { kind } as Record<string, unknown>;
  for (const field of Object.keys(KINDS[kind].fields.shape)) {
    spec[field] = (parsed as Record<string, unknown>)[field];
  }
  const config = configOf(kind, spec);
  return {
    kind,
    config,
    spec: spec as unknown as CheckSpec,
    name: given.name,
    target: config.target,
    intervalMs: interval,
    timeoutMs: timeout ?? Math.min(DEFAULT_TIMEOUT_MS, interval),
    retryAfterMs: retryAfter,
    failures: given.failures,
    successes: given.successes,
    policy: given.policy,
    locations: given.locations,
    runner: given.runner,
    paused: given.paused,
  };
}

/** The one spelling of a kind's fields, so that two configs can be compared as text. */
function configOf(kind: Kind, spec: Readonly<Record<string, unknown>>): CheckConfig {
  const { fields } = KINDS[kind];
  const target = String(spec.target);
  const defaults = kindOf(kind).schema.parse({ target }) as Record<string, unknown>;
  const config: CheckConfig = { kind, target };
  for (const [name, field] of Object.entries(fields.shape)) {
    const value = spec[name];
    if (value === undefined || JSON.stringify(value) === JSON.stringify(defaults[name])) continue;
    // A number that its own field does not take is a duration in milliseconds.
    const isDuration = typeof value === 'number' && !field.safeParse(value).success;
    config[name] = isDuration ? formatDuration(value) : value;
  }
  return config;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fills in the kind and the canonical target, where the target says them. */
function withKind(input: unknown, context: z.RefinementCtx): unknown {
  if (!isObject(input) || typeof input.target !== 'string') return missingTarget(input, context);
  if (input.kind !== undefined) {
    if (!isKind(input.kind)) return input;
    return { ...input, target: KINDS[input.kind].infer(input.target.trim()) ?? input.target };
  }
  const inferred = inferTarget(input.target);
  if (inferred) return { ...input, ...inferred };
  context.addIssue({ code: 'custom', path: ['target'], message: unreadable(input.target) });
  return z.NEVER;
}

function missingTarget(input: unknown, context: z.RefinementCtx): unknown {
  if (!isObject(input)) return input;
  const was = input.target === undefined ? 'is missing' : 'is not text';
  context.addIssue({ code: 'custom', path: ['target'], message: `${was}; ${TARGET_HELP}` });
  return z.NEVER;
}

export function unreadable(target: string): string {
  const was = target.trim() === '' ? 'is empty' : `"${target.slice(0, 60)}" cannot be read`;
  return `${was}; ${TARGET_HELP}`;
}
