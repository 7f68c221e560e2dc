// What a person writes to set up a host. Each kind brings its own fields (core/checks); nothing unknown is taken.
import * as z from 'zod';
import {
  inferTarget,
  isKind,
  isWorkerKind,
  KIND_NAMES,
  KINDS,
  type Kind,
  kindOf,
  workerKindOf,
} from '#core/checks/index.ts';
import { duration, formatDuration, parseDuration } from '#core/duration.ts';
import { cronField, shortestGapMs, zoneField } from '#core/timetable.ts';
import { idField, lineField, nameField, tagsField } from '../fields.ts';
import { policyModel } from './model.ts';

const SECOND = 1000;
const DAY = 86_400_000;

/** What to write where a target cannot be read. */
export const TARGET_HELP =
  'write an address like "https://example.org/", a name and port like "example.org:25", a name or IP address to ping, "tls:example.org", "dns:example.org", "script:name", or "heartbeat:name" for a job that calls';

/** What every kind has. */
export const commonFields = {
  name: lineField().default(''),
  interval: duration(SECOND, DAY).prefault('60s'),
  cron: cronField
    .optional()
    .meta({ description: 'when it is due, like "*/5 8-18 * * 1-5"; it goes before the interval' }),
  zone: zoneField.default('UTC').meta({ description: 'the zone whose clock `cron` means' }),
  timeout: duration(1, DAY).optional(),
  retryAfter: duration(100, 600 * SECOND).prefault('2s'),
  failures: z.int().min(1).max(20).default(2),
  successes: z.int().min(1).max(20).default(1),
  policy: policyModel.default('any'),
  locations: z
    .union(
      [
        z.literal('all'),
        z.array(z.string()).min(1).max(100),
        z.strictObject({
          tags: tagsField.refine((tags) => tags.length > 0, {
            error: 'is empty; name one tag at least',
          }),
        }),
      ],
      {
        error:
          'must be "all", a list of names of locations, like ["local", "Office"], or tags that they bear, like {"tags": ["eu"]}',
      },
    )
    .default('all')
    .meta({ description: 'names of locations, or tags of which they bear one' }),
  runner: z
    .union([z.string(), z.int()], { error: 'must be the name or the id of a runner' })
    .nullable()
    .default(null)
    .meta({ description: 'name or id of the one runner that probes it' }),
  paused: z.boolean().default(false),
  tags: tagsField.default([]),
  invert: z
    .boolean()
    .default(false)
    .meta({ description: 'must not answer: up and down change places' }),
};

const variants = KIND_NAMES.map((kind) =>
  z
    .strictObject({
      kind: z.literal(kind).meta({ inferred: true }),
      ...KINDS[kind].fields.shape,
      ...commonFields,
    })
    .superRefine((check, context) => {
      const { interval, timeout, cron, zone, invert, paused } = check as CommonFields;
      // What is paused may be unfinished.
      if (!paused) {
        kindOf(kind).agree?.(check as never, (field, message) => {
          context.addIssue({ code: 'custom', path: [field], message });
        });
      }
      if (invert && kindOf(kind).invertible === false) {
        context.addIssue({
          code: 'custom',
          path: ['invert'],
          message: 'has no meaning for this kind',
        });
      }
      const shortest = cron === undefined ? interval : shortestGapMs(cron, zone);
      if (timeout === undefined || timeout <= shortest || isWorkerKind(kind)) return;
      context.addIssue({
        code: 'custom',
        path: ['timeout'],
        message: `is ${formatDuration(timeout)}; it may not be longer than the interval (${formatDuration(shortest)})`,
      });
    }),
);

/** One check. Without `kind` it follows from the target. */
export const checkInput = z.preprocess(
  withKind,
  z.discriminatedUnion('kind', variants as [(typeof variants)[number]]),
);

/** The fields every kind has, parsed. */
export type CommonFields = z.output<z.ZodObject<typeof commonFields>>;

export type ParsedCheck = z.output<typeof checkInput>;

/** In an update: a check with an `id` keeps what is not named, and null takes a field back to its default. */
export const checkPatch = z.looseObject({
  id: idField
    .optional()
    .meta({ description: 'an existing check of this host; without, a new one' }),
});

export const groupField = lineField();

const fullHost = z.strictObject({
  name: nameField(),
  group: groupField.default(''),
  tags: tagsField.default([]),
  checks: z.array(checkInput).min(1).max(100),
});

const shortHost = z.strictObject({
  name: nameField().optional(),
  group: groupField.default(''),
  tags: tagsField.default([]),
  target: z.string().trim().min(1).max(2048),
});

/** The two ways to write a new host: `{target}` alone, or `{name, checks}`. */
export const hostInput = z.union([shortHost, fullHost]);

/** The form of `hostInput` that was meant, so that errors are about that one. */
export function hostInputFor(input: unknown): typeof shortHost | typeof fullHost {
  return isObject(input) && 'checks' in input ? fullHost : shortHost;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fills in the kind and the canonical target, where the target says them. */
function withKind(given: unknown, context: z.RefinementCtx): unknown {
  const input = isObject(given) ? timedOnce(given) : given;
  if (!isObject(input) || typeof input.target !== 'string') return missingTarget(input, context);
  if (input.kind !== undefined) {
    if (!isKind(input.kind)) return input;
    const target = KINDS[input.kind].infer(input.target.trim()) ?? input.target;
    return pacedByItself(input.kind, { ...input, target }, context);
  }
  const inferred = inferTarget(input.target);
  if (inferred) return pacedByItself(inferred.kind, { ...input, ...inferred }, context);
  context.addIssue({ code: 'custom', path: ['target'], message: unreadable(input.target) });
  return z.NEVER;
}

/** What the worker answers itself has no interval but the one that its answers show; another one was meant to say something. */
function pacedByItself(
  kind: Kind,
  input: Record<string, unknown>,
  context: z.RefinementCtx,
): Record<string, unknown> {
  const own = workerKindOf(kind);
  const { interval, ...rest } = input;
  if (!own || interval === undefined) return input;
  const spec = own.fields.safeParse(rest);
  // What is wrong with its own fields is said at these.
  if (!spec.success) return rest;
  if (parseDuration(String(interval)) === own.pace(spec.data as never).intervalMs) return rest;
  const instead = own.pacedBy === undefined ? 'leave it out' : `say it in "${own.pacedBy}"`;
  const message = `means nothing to this kind; ${instead}`;
  context.addIssue({ code: 'custom', path: ['interval'], message });
  return rest;
}

/** Beside a cron expression the interval follows from it, whatever was read before. */
function timedOnce(input: Record<string, unknown>): Record<string, unknown> {
  if (input.cron === undefined) return input;
  const { interval: _, ...rest } = input;
  return rest;
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
