// A message that the worker hands to a runner, to be sent by a channel of that runner's own file, and what became of it.
import * as z from 'zod';

export const MAX_RELAYED_LINES = 300;
export const MAX_RELAYED_LINE = 2000;

export const relayedSchema = z.object({
  subject: z.string().max(MAX_RELAYED_LINE),
  /** Plain text; an address, where there is one, ends its line. */
  lines: z.array(z.string().max(MAX_RELAYED_LINE)).max(MAX_RELAYED_LINES),
  /** Stands beneath, set apart. */
  footer: z.string().max(MAX_RELAYED_LINE),
  mood: z.enum(['down', 'degraded', 'up', 'info']),
  /** The same for every attempt at the same message: it is sent once. */
  key: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
});

export type Relayed = z.output<typeof relayedSchema>;

/** `POST /api/v1/runner/asks/:id` for a message. */
export const relayAnswerSchema = z.object({
  delivery: z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), receipt: z.string().max(200) }),
    z.object({
      ok: z.literal(false),
      /** The same message may succeed later. */
      retry: z.boolean(),
      /** The channel asked to be left alone for so long. */
      afterMs: z.int().min(0).max(3_600_000).optional(),
      error: z.string().max(400),
    }),
  ]),
});

export type RelayAnswer = z.output<typeof relayAnswerSchema>;
