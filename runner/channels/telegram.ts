import * as z from 'zod';
import { defineOwn, escapeHtml, type OwnMessage, type SendResult } from './channel.ts';
import { libraries } from './libraries.ts';

// Telegram refuses texts above 4096 characters, counted after the markup is taken away.
const LONGEST = 4000;

const MARKS = { down: '🔴', degraded: '🟠', up: '🟢', info: 'ℹ️' } as const;

const chat = /^(-?[1-9]\d{0,19}|@[A-Za-z][A-Za-z0-9_]{3,31})$/;

/** A Telegram chat, by a bot of the runner's owner. */
export const telegram = defineOwn({
  schema: z.strictObject({
    kind: z.literal('telegram'),
    token: z.string().regex(/^\d{5,16}:[A-Za-z0-9_-]{30,64}$/, {
      message: 'must be a bot token as @BotFather gives it, like "123456789:AAE…"',
    }),
    chatId: z
      .union([z.string(), z.int()], { message: 'must be the number or the @name of a chat' })
      .transform(String)
      .refine((text) => chat.test(text), {
        message:
          'must be a chat’s number, like "-1001234567890", or a public name, like "@status_room"',
      }),
    threadId: z.int().positive({ message: 'must be the number of a topic' }).optional(),
  }),
  secretsOf: ({ token }) => [token],
  async send({ token, chatId, threadId }, message, { telegramApiUrl, timeoutMs }) {
    const { Api, GrammyError } = await libraries();
    const api = new Api(token, {
      fetch,
      ...(telegramApiUrl !== null && { apiRoot: telegramApiUrl }),
    });
    try {
      const sent = await api.sendMessage(
        chatId,
        textOf(message),
        {
          parse_mode: 'HTML',
          link_preview_options: { is_disabled: true },
          ...(threadId !== undefined && { message_thread_id: threadId }),
        },
        // grammY types the signal by a Node polyfill; any AbortSignal will do.
        AbortSignal.timeout(timeoutMs) as unknown as Parameters<typeof api.sendMessage>[3],
      );
      return { ok: true, receipt: `message ${sent.message_id}` };
    } catch (error) {
      if (error instanceof GrammyError && Number.isInteger(error.error_code)) {
        return refusal(error.error_code, error.description, error.parameters.retry_after);
      }
      return {
        ok: false,
        retry: true,
        error: 'Telegram could not be reached, or answered nonsense',
      };
    }
  },
});

function refusal(code: number, description: string, retryAfterS: number | undefined): SendResult {
  const error = `Telegram: ${code} ${description}`;
  if (code === 429) return { ok: false, retry: true, afterMs: 1000 * (retryAfterS ?? 60), error };
  return { ok: false, retry: code >= 500, error };
}

function textOf(message: OwnMessage): string {
  const { subject, lines, footer, mood } = message;
  const room = LONGEST - subject.length - footer.length - 50;
  const body = cut(lines.join('\n'), room);
  const end = footer === '' ? '' : `\n\n${escapeHtml(footer)}`;
  return `<b>${escapeHtml(`${MARKS[mood]} ${subject}`)}</b>\n${escapeHtml(body)}${end}`;
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room))}…`;
}
