// What the worker asks of a runner in the answer to a post.
import * as z from 'zod';
import { relayedSchema } from './relay.ts';

export const askSchema = z.discriminatedUnion('type', [
  /** Probe an unsaved check once and tell. */
  z.object({
    id: z.string(),
    type: z.literal('try'),
    config: z.looseObject({ kind: z.string(), target: z.string() }),
    timeoutMs: z.int().min(1),
  }),
  /** Probe an assigned check now, outside its grid. */
  z.object({ id: z.string(), type: z.literal('reprobe'), checkId: z.int() }),
  /** Another location saw these assigned checks turn: probe them now; each reading is flagged as asked for. */
  z.object({ id: z.string(), type: z.literal('confirm'), checkIds: z.array(z.int()).max(500) }),
  /** Send a message by a channel of your own file; answered with what became of it (./relay.ts). */
  z.object({
    id: z.string(),
    type: z.literal('relay'),
    channel: z.string().max(64),
    message: relayedSchema,
  }),
]);

export type Ask = z.output<typeof askSchema>;

export const measurementSchema = z.object({
  level: z.int().min(100).max(999).nullable(),
  rttUs: z.int().min(0).nullable(),
  code: z.string().max(64),
  text: z.string().max(500),
  phases: z
    .object({
      dnsUs: z.int().optional(),
      connectUs: z.int().optional(),
      tlsUs: z.int().optional(),
      firstByteUs: z.int().optional(),
      totalUs: z.int().optional(),
    })
    .partial()
    .optional(),
  metrics: z
    .array(
      z.object({
        name: z.string().max(100),
        value: z.number(),
        unit: z.string().max(20).optional(),
      }),
    )
    .max(50)
    .optional(),
  detail: z.string().max(8192).optional(),
});

export const findingSchema = z.object({
  name: z.string().max(100),
  ok: z.boolean(),
  expected: z.string().max(1000),
  got: z.string().max(500),
});

/** `POST /api/v1/runner/asks/:id` */
export const askAnswerSchema = z.object({
  measurement: measurementSchema,
  /** What was expected and what came, one by one. */
  findings: z.array(findingSchema).max(100).optional(),
  /** What the server's certificate says of itself, "name: value" a line. */
  certificate: z.string().max(4096).optional(),
  /** A script's protocol as its output suggests, for the form to propose. */
  proposes: z.object({ protocol: z.enum(['vigil', 'wigo', 'nagios']) }).optional(),
});

export type AskAnswer = z.output<typeof askAnswerSchema>;
