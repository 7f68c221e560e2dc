import * as z from 'zod';
import { duration } from '../duration.ts';
import { isUnreadable, type Unreadable } from '../expect/comparison.ts';
import { parseHeaderExpectation } from '../expect/header.ts';
import { parseJsonExpectation } from '../expect/json.ts';
import { type CheckKind, degradedAfter, family, isHost, type Refuse, WEIGHT } from './kind.ts';

const MAX_BODY = 10 * 1024 * 1024;

/** Inclusive ranges of HTTP statuses. */
export type StatusRanges = ReadonlyArray<readonly [from: number, to: number]>;

/** "200-299,401" → [[200, 299], [401, 401]]; null when it cannot be read. */
export function parseStatusRanges(text: string): StatusRanges | null {
  const ranges: Array<[number, number]> = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d{3})\s*(?:-\s*(\d{3})\s*)?$/.exec(part);
    if (!match) return null;
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (from < 100 || to > 599 || from > to) return null;
    ranges.push([from, to]);
  }
  return ranges;
}

/** Ranges already read; most checks expect the same. */
const known = new Map<string, StatusRanges>();
const KEEP = 1000;

export function statusExpected(text: string, status: number): boolean {
  let ranges = known.get(text);
  if (!ranges) {
    ranges = parseStatusRanges(text) ?? [];
    if (known.size >= KEEP) known.clear();
    known.set(text, ranges);
  }
  return ranges.some(([from, to]) => status >= from && status <= to);
}

function isHttpUrl(text: string): boolean {
  // The parser would leave line breaks and tabs out without a word.
  if (!/^https?:\/\/[^\p{Cc}]*$/iu.test(text)) return false;
  try {
    return new URL(text).hostname !== '';
  } catch {
    return false;
  }
}

const regex = z
  .string()
  .max(1000)
  .refine(
    (source) => {
      try {
        new RegExp(source, 'u');
        return true;
      } catch {
        return false;
      }
    },
    { message: 'is not a valid regular expression' },
  );

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const header = z
  .string()
  .max(8192)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, { message: 'may not hold control characters' });

/** A list of texts that a parser understands; what it does not is refused with the place. */
function expectations(parse: (text: string) => object | Unreadable) {
  const line = z
    .string()
    .trim()
    .min(1)
    .max(1000)
    .superRefine((text, context) => {
      const read = parse(text);
      if (!isUnreadable(read)) return;
      const message = `"${text.slice(0, 80)}", at character ${read.at}: ${read.message}`;
      context.addIssue({ code: 'custom', message });
    });
  return z.array(line).max(20).default([]);
}

const texts = z.array(z.string().min(1).max(1000)).max(20).default([]);

function isProxy(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^(https?|socks5):$/.test(url.protocol)) return false;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return isHost(host) && /^\/?$/.test(url.pathname) && url.search === '';
}

const plain = (title: string) => z.string().max(4096).optional().meta({ title });
const secret = (title: string) => z.string().max(8192).optional().meta({ title, secret: true });

const pem = (title: string, words: Record<string, unknown>) =>
  z
    .string()
    .trim()
    .max(32_768)
    .refine((value) => /^(-----BEGIN [A-Z ]+-----|secret:)/.test(value), {
      message: 'must be PEM, beginning with "-----BEGIN", or "secret:name"',
    })
    .optional()
    .meta({ title, multiline: true, ...words });

const ANSWER = { section: 'Body and headers of the answer' };
const REQUEST = { section: 'Request' };
const CREDENTIALS = { section: 'Credentials' };
const CONNECTION = { section: 'Connection and redirects' };
const CERTIFICATES = { section: 'Certificates' };

const fields = z.object({
  target: z
    .string()
    .trim()
    .max(2048)
    .refine(isHttpUrl, { message: 'must be an address like "https://example.org/health"' })
    .meta({ title: 'Address', placeholder: 'https://example.org/' }),
  expectStatus: z
    .string()
    .default('200-399')
    .refine((text) => parseStatusRanges(text) !== null, {
      message: 'must be statuses and ranges, like "200-299,401"',
    })
    .meta({ title: 'Expected status' }),
  bodyContains: texts.meta({ title: 'Body contains', description: 'one text a line, all of them' }),
  degradedAfter,
  downAfter: duration(1, 120_000).optional().meta({
    title: 'Down above',
    description: 'a slower answer counts as down',
    placeholder: '5s',
  }),
  bodyLacks: texts.meta({
    title: 'Body lacks',
    description: 'one text a line, none of them',
    ...ANSWER,
  }),
  bodyMatch: regex
    .optional()
    .meta({ title: 'Body matches', description: 'a regular expression', ...ANSWER }),
  bodyMatchNot: regex
    .optional()
    .meta({ title: 'Body does not match', description: 'a regular expression', ...ANSWER }),
  jsonMatch: expectations(parseJsonExpectation).meta({
    title: 'JSON',
    description: 'one comparison a line: ==, !=, <, >, contains, matches /…/, exists, missing',
    placeholder: '$.status == "ok"\n$.queue.length < 10',
    ...ANSWER,
  }),
  headerMatch: expectations(parseHeaderExpectation).meta({
    title: 'Headers of the answer',
    description: 'one comparison a line',
    placeholder: 'content-type contains json',
    ...ANSWER,
  }),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    .default('GET')
    .meta({ title: 'Method', ...REQUEST }),
  headers: z
    .record(z.string(), header)
    .superRefine((headers, context) => {
      for (const name of Object.keys(headers).filter((each) => !HEADER_NAME.test(each))) {
        context.addIssue({ code: 'custom', path: [name], message: 'is not a header name' });
      }
    })
    .default({})
    .meta({ title: 'Headers', description: 'one "Name: value" a line', ...REQUEST }),
  query: z
    .record(z.string().max(200), z.string().max(2000))
    .default({})
    .meta({ title: 'Query', description: 'one "name: value" a line', ...REQUEST }),
  bodyType: z
    .enum(['text', 'json', 'form'])
    .default('text')
    .meta({ title: 'Body is', description: 'form: one "name=value" a line', ...REQUEST }),
  body: z
    .string()
    .max(65_536)
    .optional()
    .meta({ title: 'Body', multiline: true, ...REQUEST }),
  cacheBuster: z
    .boolean()
    .default(false)
    .meta({
      title: 'Ask past caches',
      description: 'adds something random to the query',
      ...REQUEST,
    }),
  auth: z
    .enum(['none', 'basic', 'bearer', 'oauth2'])
    .default('none')
    .meta({ title: 'Authorization', ...CREDENTIALS }),
  username: plain('User name').meta({ description: 'basic', ...CREDENTIALS }),
  password: secret('Password').meta({ description: 'basic', ...CREDENTIALS }),
  token: secret('Token').meta({ description: 'bearer', ...CREDENTIALS }),
  oauthUrl: z
    .string()
    .trim()
    .max(2048)
    .refine(isHttpUrl, { message: 'must be an address like "https://login.example.org/token"' })
    .optional()
    .meta({
      title: 'Token endpoint',
      description: 'oauth2, client credentials',
      placeholder: 'https://login.example.org/token',
      ...CREDENTIALS,
    }),
  clientId: plain('Client id').meta({ description: 'oauth2', ...CREDENTIALS }),
  clientSecret: secret('Client secret').meta({ description: 'oauth2', ...CREDENTIALS }),
  scope: plain('Scope').meta({ description: 'oauth2', ...CREDENTIALS }),
  verifyTls: z
    .boolean()
    .default(true)
    .meta({ title: 'Verify the certificate', ...CERTIFICATES }),
  serverName: z
    .string()
    .trim()
    .refine(isHost, { message: 'must be a name, like "example.org"' })
    .optional()
    .meta({
      title: 'Server name',
      description: 'asked for, and named by the certificate, instead of the host of the address',
      ...CERTIFICATES,
    }),
  expiryInfo: duration(0, 365 * 86_400_000)
    .prefault('14d')
    .meta({
      title: 'Mention expiry',
      description: 'this long before the certificate ends; still up',
      ...CERTIFICATES,
    }),
  expiryDegraded: duration(0, 365 * 86_400_000)
    .optional()
    .meta({
      title: 'Degraded by expiry',
      description: 'this long before the certificate ends',
      placeholder: '3d',
      ...CERTIFICATES,
    }),
  clientCert: pem('Client certificate', { description: 'PEM', ...CERTIFICATES }),
  clientKey: pem('Its key', { description: 'PEM', secret: true, ...CERTIFICATES }),
  followRedirects: z
    .int()
    .min(0)
    .max(20)
    .default(10)
    .meta({
      title: 'Follow redirects',
      description: 'at most this many; 0 judges the redirect itself',
      ...CONNECTION,
    }),
  cookies: z
    .boolean()
    .default(true)
    .meta({ title: 'Keep cookies across redirects', ...CONNECTION }),
  version: z
    .enum(['1.1', '2', 'auto'])
    .default('1.1')
    .meta({ title: 'HTTP version', description: 'auto: as the server chooses', ...CONNECTION }),
  family: family.meta({ ...CONNECTION }),
  proxy: z
    .string()
    .trim()
    .max(500)
    .refine(isProxy, {
      message: 'must be like "http://proxy.example.org:3128" or "socks5://127.0.0.1:1080"',
    })
    .optional()
    .meta({ title: 'Proxy', placeholder: 'socks5://127.0.0.1:1080', ...CONNECTION }),
  maxBytes: z
    .int()
    .min(0)
    .max(MAX_BODY)
    .default(1024 * 1024)
    .meta({ title: 'Body limit in bytes', description: 'a larger body is down', ...CONNECTION }),
});

/** HTTP and HTTPS: status, body and time. RTT is the time to the last byte read. */
export type HttpSpec = z.output<typeof fields>;

/** What each way to authorize needs. */
const NEEDS = {
  none: [],
  basic: ['username'],
  bearer: ['token'],
  oauth2: ['oauthUrl', 'clientId', 'clientSecret'],
} as const;

function agree(spec: HttpSpec, refuse: Refuse): void {
  for (const name of NEEDS[spec.auth]) {
    if (spec[name] === undefined) refuse(name, `is missing; "${spec.auth}" needs it`);
  }
  if (
    spec.auth !== 'none' &&
    Object.keys(spec.headers).some((each) => /^authorization$/i.test(each))
  ) {
    refuse('headers', 'hold Authorization already; leave one of the two out');
  }
  if (spec.clientCert === undefined && spec.clientKey !== undefined) {
    refuse('clientCert', 'is missing; the key is of no use without it');
  }
  if (spec.clientKey === undefined && spec.clientCert !== undefined) {
    refuse('clientKey', 'is missing; the certificate is of no use without it');
  }
  const { bodyType, body } = spec;
  if (body !== undefined && bodyType === 'json' && !body.startsWith('secret:') && !isJson(body)) {
    refuse('body', 'is not JSON; correct it, or choose another type of body');
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export const http: CheckKind<HttpSpec> = {
  title: 'HTTP(S)',
  subject: 'target',
  schema: fields,
  fields,
  agree,
  infer: (text) => (isHttpUrl(text) ? text : null),
  weight: ({ target }) => (/^https:/i.test(String(target)) ? WEIGHT.handshake : 1),
  addressOf: (spec) => new URL(spec.target).hostname.replace(/^\[(.*)\]$/, '$1'),
};
