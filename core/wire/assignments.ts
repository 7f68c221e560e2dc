import * as z from 'zod';

/** A check as a runner gets it. `config` is parsed by the kind's own schema (core/checks). */
export const assignedCheckSchema = z.object({
  id: z.int().min(1),
  rev: z.int().min(0),
  shard: z.int().min(0),
  /** Fixed place in the shard; also spreads checks over their interval. */
  position: z.int().min(0),
  config: z.looseObject({ kind: z.string(), target: z.string() }),
  intervalMs: z.int().min(1000),
  /** When it is due, instead of by its position in the interval. */
  schedule: z.object({ cron: z.string(), zone: z.string() }).optional(),
  timeoutMs: z.int().min(1),
  retryAfterMs: z.int().min(100),
  failures: z.int().min(1),
  successes: z.int().min(1),
  /** The runner of its location that probes it; the others stand by. */
  owner: z.string(),
});

export type AssignedCheck = z.output<typeof assignedCheckSchema>;

/** `GET /api/v1/runner/assignments?since=&after=` */
export const assignmentsAnswerSchema = z.object({
  /** Pass as `since` next time. */
  configVersion: z.int(),
  /** `checks` is all there is: forget every other one. */
  full: z.boolean(),
  checks: z.array(assignedCheckSchema),
  removed: z.array(z.int()),
  /** Pass as `after` for the next page; null on the last. */
  next: z.int().nullable(),
  flushMs: z.int().min(100),
  name: z.string(),
  location: z.string(),
  /** Your turn among the runners that are dead-men; absent = you are none. */
  deadman: z.object({ rank: z.int().min(0), of: z.int().min(1) }).optional(),
  /** The worker's own. */
  version: z.string().max(64).optional(),
});

export type AssignmentsAnswer = z.output<typeof assignmentsAnswerSchema>;
