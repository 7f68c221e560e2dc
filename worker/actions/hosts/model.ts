// A host as the API and the pages see it: durations as text, locations and runners by name.
import * as z from 'zod';
import { KIND_NAMES, type Kind } from '#core/checks/index.ts';
import { instant } from '../fields.ts';

/** Plain policies are a word; locations are named. */
export const policyModel = z.union(
  [
    z.enum(['any', 'majority', 'all']),
    z.strictObject({ type: z.literal('atLeast'), n: z.int().min(1).max(100) }),
    z.strictObject({
      type: z.literal('required'),
      locations: z.array(z.string()).min(1).max(100),
    }),
  ],
  {
    error:
      'must be "any", "majority", "all", {"type": "atLeast", "n": 2} or {"type": "required", "locations": ["local"]}',
  },
);

export type PolicyModel = z.output<typeof policyModel>;

/** Beside these, the kind's own fields (core/checks) as they were written. */
export const checkModel = z.looseObject({
  id: z.int(),
  kind: z.enum(KIND_NAMES as [Kind, ...Kind[]]),
  /** Empty when the target says enough. */
  name: z.string(),
  target: z.string(),
  /** With `cron` the longest time between two due times. */
  interval: z.string(),
  cron: z.string().optional(),
  zone: z.string().optional(),
  timeout: z.string(),
  retryAfter: z.string(),
  failures: z.int(),
  successes: z.int(),
  policy: policyModel,
  locations: z.union([
    z.literal('all'),
    z.array(z.string()),
    z.object({ tags: z.array(z.string()) }),
  ]),
  /** The one runner that probes it; null = every runner's location in `locations`. */
  runner: z.union([z.string(), z.int()]).nullable(),
  paused: z.boolean(),
  tags: z.array(z.string()),
  /** "Must not answer": up and down change places. */
  invert: z.boolean().optional(),
});

export type CheckModel = z.output<typeof checkModel>;

/** For those who may change the check. */
export const heartbeatModel = z.object({
  checkId: z.int(),
  /** What the job calls; null when it came with a backup or was sealed under a secret that is gone. */
  url: z.string().nullable(),
  lastAt: instant.nullable(),
  /** A run that was announced and has not ended. */
  startedAt: instant.nullable(),
  runMs: z.int().nullable(),
  /** What it sent last, cut after 10,000 bytes. */
  body: z.string().nullable(),
  bodyAt: instant.nullable(),
});

export type HeartbeatModel = z.output<typeof heartbeatModel>;

export const hostModel = z.object({
  id: z.int(),
  name: z.string(),
  group: z.string(),
  tags: z.array(z.string()),
  paused: z.boolean(),
  createdAt: instant,
  checks: z.array(checkModel),
  /** Absent for viewers. */
  heartbeats: z.array(heartbeatModel).optional(),
});

export type HostModel = z.output<typeof hostModel>;

export const hostAnswer = z.object({
  host: hostModel,
  /** What was accepted but may not be meant. */
  warnings: z.array(z.string()),
});

export type HostAnswer = z.output<typeof hostAnswer>;
