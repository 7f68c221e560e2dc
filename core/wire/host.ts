// What a runner says it has on its own machine: the worker makes a host of it (docs/protocol.md).
import * as z from 'zod';

export const MAX_ANNOUNCED = 100;

/** One check that the runner asks to be given. */
export const announcedCheckSchema = z.object({
  /** The runner's own name for it, the same over restarts: "wigo/60/disk". */
  key: z.string().min(1).max(200),
  /** What people read. */
  name: z.string().max(100),
  /** Kind and fields, durations as text, as `config` of an assigned check. */
  config: z.looseObject({ kind: z.string(), target: z.string() }),
  interval: z.string(),
  timeout: z.string().optional(),
  failures: z.int().optional(),
  successes: z.int().optional(),
});

export type AnnouncedCheck = z.output<typeof announcedCheckSchema>;

/** `POST /api/v1/runner/host`: all there is at the moment. */
export const hostRequestSchema = z.object({
  name: z.string().min(1).max(100),
  checks: z.array(announcedCheckSchema).max(MAX_ANNOUNCED),
});

export type HostRequest = z.output<typeof hostRequestSchema>;

export const hostReplySchema = z.object({
  /** Null: it has none (any more). */
  hostId: z.int().nullable(),
  made: z.int(),
  changed: z.int(),
  removed: z.int(),
});

export type HostReply = z.output<typeof hostReplySchema>;
