import { Api, GrammyError, HttpError } from 'grammy/web';
import { html } from 'hono/html';
import * as z from 'zod';
import { defineChannel, type OutgoingMessage, type SendResult, waitMs } from './channel.ts';
import { footer } from './footer.ts';

// Telegram refuses texts above 4096 characters, counted after the markup is taken away.
const LONGEST = 4_000;

const MARKS = { down: '🔴', degraded: '🟠', up: '🟢', info: 'ℹ️' } as const;

const asText = (value: unknown) => (typeof value === 'number' ? String(value) : value);
const unlessEmpty = (value: unknown) => (value === '' || value === null ? undefined : value);

const schema = z.object({
  token: z
    .string()
    .trim()
    .regex(/^\d{5,16}:[A-Za-z0-9_-]{30,64}$/, {
      message:
        'must be a bot token as @BotFather gives it, like "123456789:AAE…" (35 characters after the colon)',
    })
    .meta({
      title: 'Bot token',
      description: 'from @BotFather',
      placeholder: '123456789:AAExampleExampleExampleExampleExampl',
      secret: true,
    }),
  chatId: z
    .preprocess(
      asText,
      z
        .string()
        .trim()
        .regex(/^(-?[1-9]\d{0,19}|@[A-Za-z][A-Za-z0-9_]{3,31})$/, {
          message:
            'must be a chat’s number, like "-1001234567890", or a public name, like "@status_room"',
        }),
    )
    .meta({
      title: 'Chat',
      description: 'the number of a person, group or channel, or the @name of a public one',
      placeholder: '-1001234567890',
    }),
  threadId: z
    .preprocess(
      unlessEmpty,
      z.coerce
        .number({ message: 'must be the number of a topic' })
        .int()
        .positive({ message: 'must be the number of a topic' })
        .optional(),
    )
    .optional()
    .meta({
      title: 'Topic',
      description: 'the number of a topic, in a group that has topics',
      placeholder: '4',
    }),
});

/** A Telegram chat, by the owner's bot. */
export const telegram = defineChannel({
  title: 'Telegram',
  schema,
  async send({ token, chatId, threadId }, message, { fetch, config, signal }) {
    const api = new Api(token, { apiRoot: config.telegramApiUrl, fetch });
    try {
      const sent = await api.sendMessage(
        chatId,
        await textOf(message),
        {
          parse_mode: 'HTML',
          link_preview_options: { is_disabled: true },
          ...(threadId !== undefined && { message_thread_id: threadId }),
        },
        // grammY types the signal by a Node polyfill; any AbortSignal will do.
        signal as unknown as Parameters<typeof api.sendMessage>[3],
      );
      return { ok: true, receipt: `message ${sent.message_id}` };
    } catch (error) {
      return failure(error);
    }
  },
});

async function textOf(message: OutgoingMessage): Promise<string> {
  const end = footer(message.deliveryIds);
  const subject = `${MARKS[message.mood]} ${message.subject}`;
  const lines = fitting(message.lines, LONGEST - subject.length - end.length);
  return String(await html`<b>${subject}</b>\n${lines.join('\n')}\n\n${end}`);
}

function fitting(lines: string[], room: number): string[] {
  const kept: string[] = [];
  let left = room - 40;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) return [...kept, `… and ${lines.length - kept.length} more lines`];
    kept.push(line);
  }
  return kept;
}

function failure(error: unknown): SendResult {
  if (error instanceof GrammyError && Number.isInteger(error.error_code)) {
    const { error_code: code, description, parameters } = error;
    if (code === 429) {
      const retryAfterMs = waitMs(parameters.retry_after ?? Number.NaN);
      return { ok: false, retry: true, retryAfterMs, error: `Telegram: ${code} ${description}` };
    }
    const hint = parameters.migrate_to_chat_id
      ? `the group became a supergroup; its number is now ${parameters.migrate_to_chat_id}`
      : hintFor(code, description);
    const text = `Telegram: ${code} ${description}${hint && ` (${hint})`}`;
    return { ok: false, retry: code >= 500, error: text };
  }
  if (error instanceof HttpError || error instanceof GrammyError) {
    return { ok: false, retry: true, error: 'Telegram could not be reached, or answered nonsense' };
  }
  throw error;
}

const HINTS: ReadonlyArray<[pattern: RegExp, hint: string]> = [
  [/chat not found/i, 'has the bot been added to the chat? A person has to press Start first'],
  [/blocked by the user/i, 'the person has to unblock the bot'],
  [/kicked|not a member|deactivated/i, 'add the bot to the chat again'],
  [/thread not found|topic/i, 'correct the topic’s number, or leave it empty'],
  [/not enough rights|have no rights|administrator/i, 'let the bot write in this chat'],
];

function hintFor(code: number, description: string): string {
  if (code === 401 || code === 404)
    return 'the bot token is not valid: copy it anew from @BotFather';
  return HINTS.find(([pattern]) => pattern.test(description))?.[1] ?? '';
}
