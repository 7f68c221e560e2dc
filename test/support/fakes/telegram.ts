// Telegram's Bot API, as far as Anyup uses it: sendMessage, with the checks and the words of the real one.
import * as z from 'zod';
import { type ApiAnswer, type Script, type ScriptedServer, serveScripted } from './scripted.ts';

export const BOT_TOKEN = '123456789:AAFakeTokenFakeTokenFakeTokenFakeT0';
export const CHAT_ID = '-1001234567890';

export interface ChatMessage {
  chatId: string;
  threadId: number | undefined;
  /** As sent, marked up. */
  html: string;
  /** As people see it. */
  text: string;
}

export interface FakeTelegram extends ScriptedServer {
  /** What people in the chats can read. */
  messages: ChatMessage[];
  /** Calls the real one would refuse. */
  refused: string[];
}

const sendMessage = z.strictObject({
  chat_id: z.string(),
  text: z.string().min(1),
  parse_mode: z.literal('HTML'),
  link_preview_options: z.strictObject({ is_disabled: z.literal(true) }),
  message_thread_id: z.int().positive().optional(),
});

/** A bot that is a member of `chats`. */
export async function startTelegram(
  chats: string[] = [CHAT_ID],
  at: { host?: string; port?: number } = {},
): Promise<FakeTelegram> {
  const messages: ChatMessage[] = [];
  const refused: string[] = [];
  const refuse = (status: number, description: string) => {
    refused.push(description);
    return { status, body: { ok: false, error_code: status, description } };
  };
  const server = await serveScripted(({ method, path, headers, body }): ApiAnswer => {
    if (path !== `/bot${BOT_TOKEN}/sendMessage`) {
      return path.startsWith('/bot') && path.endsWith('/sendMessage')
        ? refuse(401, 'Unauthorized')
        : refuse(404, 'Not Found');
    }
    if (method !== 'POST') return refuse(405, `method ${method}`);
    if (headers['content-type'] !== 'application/json') {
      return refuse(400, `Bad Request: content-type ${headers['content-type']}`);
    }
    const call = sendMessage.safeParse(body);
    if (!call.success) return refuse(400, `Bad Request: ${z.prettifyError(call.error)}`);
    const { chat_id: chatId, text: html, message_thread_id: threadId } = call.data;
    if (!chats.includes(chatId)) return refuse(400, 'Bad Request: chat not found');
    const text = plainText(html);
    if (text === null) return refuse(400, "Bad Request: can't parse entities");
    if (text.length > 4096) return refuse(400, 'Bad Request: message is too long');
    messages.push({ chatId, threadId, html, text });
    const result = { message_id: messages.length, date: 1, chat: { id: chatId }, text };
    return { status: 200, body: { ok: true, result } };
  }, at);
  return { ...server, messages, refused };
}

export const TELEGRAM = {
  tooMany: (seconds: number): Script => ({
    status: 429,
    body: {
      ok: false,
      error_code: 429,
      description: `Too Many Requests: retry after ${seconds}`,
      parameters: { retry_after: seconds },
    },
  }),
  broken: {
    status: 500,
    body: { ok: false, error_code: 500, description: 'Internal Server Error' },
  },
  badGateway: { status: 502, body: '<html>Bad Gateway</html>' },
  notTelegram: { status: 200, body: { hello: 'I am a captive portal' } },
  refusal: (status: number, description: string, parameters?: object): Script => ({
    status,
    body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
  }),
} as const satisfies Record<string, Script | ((...args: never[]) => Script)>;

/** The text without its markup; null where Telegram would refuse the markup. */
function plainText(html: string): string | null {
  const open: string[] = [];
  const bare = html.replace(/<(\/?)([a-z-]+)>/g, (_, closing: string, tag: string) => {
    if (!['b', 'i', 'u', 's', 'code', 'pre'].includes(tag)) return '<';
    if (!closing) open.push(tag);
    else if (open.pop() !== tag) return '<';
    return '';
  });
  if (open.length > 0 || /[<>]/.test(bare) || /&(?!(lt|gt|amp|quot|#\d+);)/.test(bare)) return null;
  return bare
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
