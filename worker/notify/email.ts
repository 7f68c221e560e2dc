import { html } from 'hono/html';
import { type ErrorResponse, Resend } from 'resend';
import * as z from 'zod';
import { defineChannel, type OutgoingMessage, type SendResult, waitMs } from './channel.ts';
import { footer } from './footer.ts';

const MARKS = { down: 'Down', degraded: 'Degraded', up: 'Up', info: 'Info' } as const;
const COLOURS = { down: '#c62828', degraded: '#b26a00', up: '#2e7d32', info: '#1565c0' } as const;

const asList = (value: unknown) =>
  typeof value === 'string' ? value.split(/[\s,;]+/).filter((part) => part !== '') : value;

/** "status@example.org" or "Anyup <status@example.org>". */
function isSender(text: string): boolean {
  const address = /^[^<>"\r\n]*<([^<>]+)>$/.exec(text)?.[1] ?? text;
  return z.email().safeParse(address).success;
}

const schema = z.object({
  apiKey: z
    .string()
    .trim()
    .regex(/^re_[A-Za-z0-9_]{4,100}$/, {
      message: 'must be an API key of resend.com, which starts with "re_"',
    })
    .meta({
      title: 'API key',
      description: 'from resend.com',
      placeholder: 're_…',
      secret: true,
    }),
  from: z
    .string()
    .trim()
    .refine(isSender, {
      message: 'must be an address, like "status@example.org" or "Anyup <status@example.org>"',
    })
    .meta({
      title: 'From',
      description: 'an address at a domain verified with resend.com',
      placeholder: 'Anyup <status@example.org>',
    }),
  to: z
    .preprocess(
      asList,
      z
        .array(
          z.email({ error: (issue) => `must be an e-mail address, not "${String(issue.input)}"` }),
          { message: 'must be one to 50 addresses' },
        )
        .min(1, { message: 'must be one to 50 addresses' })
        .max(50, { message: 'must be one to 50 addresses' }),
    )
    .meta({
      title: 'To',
      description: 'one to 50 addresses, parted by commas',
      placeholder: 'ops@example.org',
      list: true,
    }),
});

/** E-mail, by resend.com. */
export const email = defineChannel({
  title: 'E-mail',
  schema,
  async send({ apiKey, from, to }, message, { config, now, signal }) {
    const resend = new Resend(apiKey, { baseUrl: config.resendBaseUrl, userAgent: 'anyup' });
    const { data, error, headers } = await resend.emails.send(
      { from, to, subject: message.subject, text: textOf(message), html: await htmlOf(message) },
      { idempotencyKey: message.idempotencyKey, signal },
    );
    return error ? failure(error, headers ?? {}, now()) : { ok: true, receipt: data.id };
  },
});

function textOf(message: OutgoingMessage): string {
  return [...message.lines, '', footer(message.deliveryIds), ''].join('\n');
}

async function htmlOf(message: OutgoingMessage): Promise<string> {
  const body = await html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>${message.subject}</title>
<style>:root{color-scheme:light dark}@media(prefers-color-scheme:dark){body,.card{background:#16181c!important;color:#e8eaed!important}.foot{color:#9aa0a6!important}a{color:#8ab4f8!important}}</style></head>
<body style="margin:0;padding:24px 12px;background:#ffffff;color:#202124;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
<div class="card" style="max-width:560px;margin:0 auto;padding:4px 0 4px 16px;border-left:6px solid ${COLOURS[message.mood]}">
<p style="margin:0 0 4px;font-size:13px"><b>${MARKS[message.mood]}</b></p>
<h1 style="margin:0 0 12px;font-size:20px;line-height:1.3">${message.subject}</h1>
${message.lines.map((line) => html`<p style="margin:0 0 6px;overflow-wrap:anywhere">${linked(line)}</p>\n`)}
<p class="foot" style="margin:16px 0 0;font-size:13px;color:#5f6368">${footer(message.deliveryIds)}</p>
</div></body></html>`;
  return String(body);
}

function linked(line: string) {
  const address = /https?:\/\/\S+$/.exec(line)?.[0] ?? '';
  const words = line.slice(0, line.length - address.length);
  return address ? html`${words}<a href="${address}" style="color:#1a56db">${address}</a>` : words;
}

function failure(
  { name, statusCode, message }: ErrorResponse,
  headers: Record<string, string>,
  now: number,
): SendResult {
  if (statusCode === null) {
    return { ok: false, retry: true, error: 'Resend could not be reached, or answered nonsense' };
  }
  const error = `Resend: ${statusCode} ${name}: ${message}`;
  switch (name) {
    // The key stands for exactly this message: an earlier attempt got through after all.
    case 'invalid_idempotent_request':
      return { ok: true, receipt: 'accepted at an earlier attempt' };
    case 'concurrent_idempotent_requests':
      return { ok: false, retry: true, error };
    case 'daily_quota_exceeded':
      return { ok: false, retry: true, retryAfterMs: untilMidnightMs(now), error };
    case 'monthly_quota_exceeded':
      return { ok: false, retry: false, error };
    default:
      if (statusCode === 429) {
        const seconds = Number(headers['retry-after'] ?? headers['ratelimit-reset'] ?? Number.NaN);
        return { ok: false, retry: true, retryAfterMs: waitMs(seconds), error };
      }
      return { ok: false, retry: statusCode >= 500 || statusCode === 408, error };
  }
}

const DAY_MS = 86_400_000;

function untilMidnightMs(now: number): number {
  return DAY_MS - (now % DAY_MS);
}
