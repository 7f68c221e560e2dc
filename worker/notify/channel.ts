// What a kind of channel is: its settings, from which form, API and documentation follow, and how one message is sent.
import type * as z from 'zod';
import type { Mood } from '#core/message.ts';
import type { Platform } from '../platform.ts';
import { fieldErrors } from '../problem.ts';

/** One message, ready to be dressed for a channel. */
export interface OutgoingMessage {
  subject: string;
  /** Plain text; an address, where there is one, ends its line. */
  lines: string[];
  mood: Mood;
  /** The deliveries it settles; shown in the message, so that the one unavoidable double is recognised. */
  deliveryIds: number[];
  /** The same for every attempt at the same message, ≤ 256 characters. */
  idempotencyKey: string;
}

export interface SendDeps {
  fetch: typeof fetch;
  config: Pick<Platform['config'], 'telegramApiUrl' | 'resendBaseUrl'>;
  /** Epoch ms. */
  now: () => number;
  /** Aborts the attempt at its deadline. */
  signal: AbortSignal;
  /** Has a runner send it by a channel of its own; what became of it is known at a later attempt. */
  handToRunner: (
    settings: { runner: string; channel: string },
    message: OutgoingMessage,
  ) => Promise<SendResult>;
}

/**
 * `retry` says whether the same message may succeed later; `retryAfterMs` how long the whole channel asked to be left
 * alone; `pendingMs` that it is on its way and to be looked after in so long, which is no attempt.
 */
export type SendResult =
  | { ok: true; receipt: string }
  | { ok: false; retry: boolean; retryAfterMs?: number; pendingMs?: number; error: string };

/** A kind of channel is its file and one line in the registry. */
export interface ChannelKind {
  readonly title: string;
  /** Every field says in `.meta` how it is called, and `secret: true` when it may never be shown again. */
  readonly schema: z.ZodObject;
  /** One attempt. Never throws, and its error never shows a secret setting. */
  send(settings: unknown, message: OutgoingMessage, deps: SendDeps): Promise<SendResult>;
}

interface Definition<Schema extends z.ZodObject> {
  title: string;
  schema: Schema;
  send(settings: z.output<Schema>, message: OutgoingMessage, deps: SendDeps): Promise<SendResult>;
}

/** Makes a kind: its `send` gets parsed settings and may throw, which counts as worth retrying. */
export function defineChannel<Schema extends z.ZodObject>(
  definition: Definition<Schema>,
): ChannelKind {
  const { title, schema } = definition;
  return {
    title,
    schema,
    async send(input, message, deps) {
      const parsed = schema.safeParse(input);
      if (!parsed.success) {
        const [first] = fieldErrors(parsed.error);
        const error = `the settings are not right: ${first?.path}: ${first?.message}`;
        return { ok: false, retry: false, error };
      }
      const result = await definition
        .send(parsed.data, message, deps)
        .catch((error: unknown): SendResult => ({ ok: false, retry: true, error: String(error) }));
      if (result.ok) return result;
      const error = deps.signal.aborted ? 'no answer in time' : result.error;
      return { ...result, error: mask(error, secretValues(schema, parsed.data)) };
    },
  };
}

/** The names of the settings that may never be shown. */
export function secretFields(schema: z.ZodObject): string[] {
  return Object.keys(schema.shape).filter((name) => schema.shape[name]?.meta()?.secret === true);
}

const LONGEST_WAIT_MS = 3_600_000;

/** What a channel asked for by 429, in ms: at least a second, at most an hour. */
export function waitMs(seconds: number): number {
  if (!Number.isFinite(seconds)) return 60_000;
  return Math.min(LONGEST_WAIT_MS, Math.max(1_000, Math.ceil(seconds * 1_000)));
}

function secretValues(schema: z.ZodObject, settings: Record<string, unknown>): string[] {
  return secretFields(schema)
    .map((name) => settings[name])
    .filter((value) => typeof value === 'string' && value.length > 0) as string[];
}

function mask(text: string, secrets: string[]): string {
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, '•••'), text).slice(0, 500);
}
