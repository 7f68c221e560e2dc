// What a channel of the runner's own is: its settings in the runner's file, and how one message is sent by it.
import type * as z from 'zod';
import type { Mood } from '#core/message.ts';
import type { HttpAnswer, HttpCall } from '../platform.ts';

/** One message, ready to be dressed. */
export interface OwnMessage {
  subject: string;
  /** Plain text; an address, where there is one, ends its line. */
  lines: readonly string[];
  /** Stands beneath, set apart. */
  footer: string;
  mood: Mood;
  /** The same for every attempt at the same message, of letters, digits, "-" and "_". */
  key: string;
  /** The same for all that is said of one matter, by whichever runner. */
  thread: string;
}

export interface SendDeps {
  /** The runner's own way to the world. */
  request: (call: HttpCall) => Promise<HttpAnswer>;
  /** Where Telegram's API is; null = where it always is. */
  telegramApiUrl: string | null;
  timeoutMs: number;
}

/** `retry` says whether the same message may succeed later; `afterMs` how long the channel asked to be left alone. */
export type SendResult =
  | { ok: true; receipt: string }
  | { ok: false; retry: boolean; afterMs?: number; error: string };

/** A kind is its file and one line in the registry. */
export interface OwnKind<Settings = unknown> {
  /** Of one entry under `channels`, beside its `kind`. */
  schema: z.ZodObject;
  /** Values that may be in no text. */
  secretsOf(settings: Settings): string[];
  /** One attempt; may throw, which counts as worth retrying. */
  send(settings: Settings, message: OwnMessage, deps: SendDeps): Promise<SendResult>;
}

/** Makes a kind whose functions get settings as its schema gives them. */
export function defineOwn<Schema extends z.ZodObject>(
  kind: { schema: Schema } & Pick<OwnKind<z.output<Schema>>, 'secretsOf' | 'send'>,
): OwnKind {
  return kind as unknown as OwnKind;
}

/** The message as plain text, without its subject. */
export function plainText({ lines, footer }: OwnMessage): string {
  return [...lines, ...(footer === '' ? [] : ['', footer])].join('\n');
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
