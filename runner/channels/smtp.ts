import * as z from 'zod';
import { isHost } from '#core/checks/kind.ts';
import { codeOf, messageOf } from '../failure.ts';
import { defineOwn, escapeHtml, type OwnMessage, plainText } from './channel.ts';
import { libraries } from './libraries.ts';

const MARKS = { down: 'Down', degraded: 'Degraded', up: 'Up', info: 'Info' } as const;
const COLOURS = { down: '#c62828', degraded: '#b26a00', up: '#2e7d32', info: '#1565c0' } as const;

/** "status@example.org" or "Anyup <status@example.org>". */
function isSender(text: string): boolean {
  const address = /^[^<>"\r\n]*<([^<>]+)>$/.exec(text)?.[1] ?? text;
  return z.email().safeParse(address).success;
}

const address = z.email({
  error: ({ input }) => `must be an e-mail address, not "${String(input).slice(0, 80)}"`,
});

/** E-mail by a mail server of the runner's owner. */
export const smtp = defineOwn({
  schema: z.strictObject({
    kind: z.literal('smtp'),
    host: z.string().refine(isHost, { message: 'must be the name or address of a mail server' }),
    /** 465 speaks TLS from the start, all others STARTTLS. */
    port: z.int().min(1).max(65_535).default(587),
    /** `none` sends in the clear: for a mail server on this machine. */
    security: z
      .enum(['starttls', 'tls', 'none'], { message: 'must be "starttls", "tls" or "none"' })
      .optional(),
    user: z.string().min(1).optional(),
    password: z.string().min(8, { message: 'must have at least 8 characters' }).optional(),
    from: z.string().refine(isSender, {
      message: 'must be an address, like "status@example.org" or "Anyup <status@example.org>"',
    }),
    to: z.array(address).min(1, { message: 'must name at least one address' }).max(50),
  }),
  secretsOf: ({ password }) => (password === undefined ? [] : [password]),
  async send(settings, message, { timeoutMs }) {
    const { host, port, user, password, from, to } = settings;
    const security = settings.security ?? (port === 465 ? 'tls' : 'starttls');
    const { createTransport } = await libraries();
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const domain = /@([^@<>\s]+?)>?$/.exec(from)?.[1] ?? 'anyup.invalid';
    try {
      const { response } = await transport.sendMail({
        from,
        to,
        subject: message.subject,
        text: `${plainText(message)}\n`,
        html: htmlOf(message),
        // A message that is sent twice is one for a mail server that looks; one matter is one thread.
        messageId: `<${message.key}@${domain}>`,
        references: [`<${message.thread}@anyup.invalid>`],
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return { ok: true, receipt: response.slice(0, 200) };
    } catch (error) {
      const { responseCode = 0 } = error as { responseCode?: number };
      const code = codeOf(error);
      const words = `the mail server ${host}: ${[code, messageOf(error)].filter(Boolean).join(' ')}`;
      return { ok: false, retry: responseCode < 500, error: words };
    } finally {
      transport.close();
    }
  },
});

function htmlOf(message: OwnMessage): string {
  const { subject, lines, footer, mood } = message;
  const foot =
    footer === ''
      ? ''
      : `<p style="margin:16px 0 0;font-size:13px;color:#5f6368">${escapeHtml(footer)}</p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px 12px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
<div style="max-width:560px;margin:0 auto;padding:4px 0 4px 16px;border-left:6px solid ${COLOURS[mood]}">
<p style="margin:0 0 4px;font-size:13px"><b>${MARKS[mood]}</b></p>
<h1 style="margin:0 0 12px;font-size:20px;line-height:1.3">${escapeHtml(subject)}</h1>
${lines.map((line) => `<p style="margin:0 0 6px;overflow-wrap:anywhere">${linked(line)}</p>`).join('\n')}
${foot}
</div></body></html>`;
}

function linked(line: string): string {
  const url = /https?:\/\/\S+$/.exec(line)?.[0] ?? '';
  const words = escapeHtml(line.slice(0, line.length - url.length));
  return url === '' ? words : `${words}<a href="${escapeHtml(url)}">${escapeHtml(url)}</a>`;
}
