import * as z from 'zod';
import { SCRIPT_PROTOCOLS } from '#core/checks/script.ts';
import { findingSchema, measurementSchema } from '#core/wire/ask.ts';

export const tryTicket = z.object({
  /** Ask for it with readTry. */
  askId: z.string(),
  runnerId: z.int(),
  runner: z.string(),
  /** When it makes sense to look for the answer. */
  pollAfterMs: z.int(),
});

export type TryTicket = z.output<typeof tryTicket>;

export const tryModel = z.object({
  askId: z.string(),
  /** waiting: the runner has not fetched it · taken: it is probing · answered · expired: no answer in time. */
  state: z.enum(['waiting', 'taken', 'answered', 'expired']),
  runnerId: z.int(),
  runner: z.string(),
  status: z.enum(['up', 'degraded', 'down', 'unknown']).nullable(),
  /** The answer, or what is being waited for, as a sentence. */
  words: z.string(),
  measurement: measurementSchema.nullable(),
  /** What was expected and what came, one by one. */
  findings: z.array(findingSchema),
  /** What the server's certificate says of itself; null = nothing was told of one. */
  certificate: z.string().nullable(),
  /** Settings the output suggests. */
  proposes: z.object({ protocol: z.enum(SCRIPT_PROTOCOLS) }).nullable(),
  /** Look again after this; null when it is over. */
  pollAfterMs: z.int().nullable(),
});

export type TryModel = z.output<typeof tryModel>;
