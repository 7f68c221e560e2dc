// The lines of a full backup after its first: one row each, checks by the ids of the document.
import * as z from 'zod';
import type { HISTORY } from '../tables.ts';

const at = z.int().min(0);
const status = z.enum(['up', 'degraded', 'down', 'unknown']);
const level = z.int().min(100).max(999).nullable();
const bytes = z.string().regex(/^[A-Za-z0-9_-]*$/, { message: 'is not base64url' });
const check = z.int().min(1);
const stretches = z.record(z.string().regex(/^\d{1,7}$/), z.union([z.int(), z.array(z.number())]));

/** By table; the tables in the order in which they are written. */
export const LINES = {
  shard_state: z.strictObject({
    table: z.literal('shard_state'),
    check,
    status,
    level,
    sinceAt: at,
    lastTold: z.enum(['up', 'degraded', 'down']).nullable(),
    incident: z
      .strictObject({ openedAt: at, worst: z.enum(['up', 'degraded', 'down']) })
      .nullable(),
    loneSinceAt: at.nullable(),
    disputed: z.boolean(),
    rule: z.string().max(100),
    code: z.string().max(100),
    text: z.string().max(500),
  }),
  incident: z.strictObject({
    table: z.literal('incident'),
    check,
    openedAt: at,
    closedAt: at.nullable(),
    worst: z.string().max(20),
    code: z.string().max(100),
    text: z.string().max(2000),
    foundAt: at.nullable(),
    beganAt: at.nullable(),
    endedAt: at.nullable(),
  }),
  flip: z.strictObject({
    table: z.literal('flip'),
    check,
    from: z.string().max(20),
    to: z.string().max(20),
    level,
    at,
    sinceAt: at,
    rule: z.string().max(100),
    code: z.string().max(100),
    text: z.string().max(2000),
    voices: z.unknown(),
  }),
  event: z.strictObject({
    table: z.literal('event'),
    at,
    kind: z.string().max(100),
    text: z.string().max(5000),
    body: z.unknown(),
  }),
  chunk: z.strictObject({
    table: z.literal('chunk'),
    check,
    hour: at,
    body: bytes,
    carry: bytes,
  }),
  metric: z.strictObject({ table: z.literal('metric'), check, hour: at, body: z.string() }),
  hours: z.strictObject({ table: z.literal('hours'), check, week: at, body: bytes }),
  days: z.strictObject({ table: z.literal('days'), check, body: bytes }),
  bar: z.strictObject({ table: z.literal('bar'), check, days: stretches, hours: stretches }),
  /** The last line: nothing is missing. `days` were not summed up yet. */
  end: z.strictObject({
    table: z.literal('end'),
    lines: z.int().min(0),
    days: z.tuple([z.int(), z.int()]),
  }),
} as const;

export type TableName = keyof typeof HISTORY;
export type Line<Name extends keyof typeof LINES = keyof typeof LINES> = z.output<
  (typeof LINES)[Name]
>;
