import * as z from 'zod';
import { type CheckKind, degradedAfter, family, splitHostPort, WEIGHT } from './kind.ts';
import { STARTTLS } from './starttls.ts';
import { serverName } from './tls.ts';

const ESCAPES: Record<string, string> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' };

/** Text with \r \n \t \0 \\ and \xNN in it → the bytes meant, as latin1; null when another escape is in it. */
export function unescaped(text: string): string | null {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  let wrong = false;
  const plain = bytes.join('').replace(/\\(x[0-9a-f]{2}|[\s\S])?/gi, (_, code: string = '') => {
    if (code.length === 3) return String.fromCharCode(parseInt(code.slice(1), 16));
    wrong ||= ESCAPES[code] === undefined;
    return ESCAPES[code] ?? '';
  });
  return wrong ? null : plain;
}

const escaped = z
  .string()
  .max(4096)
  .refine((text) => unescaped(text) !== null, {
    message: 'may have \\r, \\n, \\t, \\0, \\\\ and \\xNN; write a backslash as \\\\',
  });

const TLS = { section: 'TLS' };
const WORDS = { section: 'What is said' };

const fields = z.object({
  target: z
    .string()
    .trim()
    .refine((text) => splitHostPort(text) !== null, {
      message: 'must be a host with a port, like "example.org:25" or "[2001:db8::1]:25"',
    })
    .meta({ title: 'Host and port', placeholder: 'example.org:25' }),
  family,
  tls: z
    .enum(['none', 'at once', ...STARTTLS])
    .default('none')
    .meta({
      title: 'TLS',
      description: 'at once, or after asking for it in one of these protocols',
      ...TLS,
    }),
  verifyTls: z
    .boolean()
    .default(true)
    .meta({ title: 'Verify the certificate', ...TLS }),
  serverName: serverName.meta(TLS),
  send: escaped.optional().meta({
    title: 'Send',
    description: 'once connected; \\r\\n ends a line',
    placeholder: 'PING\\r\\n',
    ...WORDS,
  }),
  expect: escaped.optional().meta({
    title: 'Answer contains',
    description: 'in the first 64 KiB, a greeting included',
    placeholder: '+PONG',
    ...WORDS,
  }),
  expectMatch: z
    .string()
    .max(1000)
    .refine(isRegex, { message: 'is not a valid regular expression' })
    .optional()
    .meta({ title: 'Answer matches', description: 'a regular expression', ...WORDS }),
  degradedAfter,
});

function isRegex(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}

/**
 * TCP connect: every address is tried in turn until one accepts. RTT is the connect time, DNS apart; where more is asked,
 * until the handshake or the expected answer is complete.
 */
export type TcpSpec = z.output<typeof fields>;

export const tcp: CheckKind<TcpSpec> = {
  title: 'TCP port',
  subject: 'target',
  schema: fields,
  fields,
  infer(text) {
    const bare = text.replace(/^tcp:\/\//i, '').replace(/\/$/, '');
    return splitHostPort(bare) ? bare : null;
  },
  weight: ({ tls }) => (tls === undefined || tls === 'none' ? 1 : WEIGHT.handshake),
  addressOf: (spec) => splitHostPort(spec.target)?.host ?? null,
};
