import * as z from 'zod';
import { duration } from '../duration.ts';
import { type CheckKind, degradedAfter, family } from './kind.ts';

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

export function statusExpected(text: string, status: number): boolean {
  return (parseStatusRanges(text) ?? []).some(([from, to]) => status >= from && status <= to);
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

const fields = z.object({
  target: z
    .string()
    .trim()
    .max(2048)
    .refine(isHttpUrl, { message: 'must be an address like "https://example.org/health"' })
    .meta({ title: 'Address', placeholder: 'https://example.org/' }),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    .default('GET')
    .meta({ title: 'Method' }),
  headers: z
    .record(z.string(), header)
    .superRefine((headers, context) => {
      for (const name of Object.keys(headers).filter((each) => !HEADER_NAME.test(each))) {
        context.addIssue({ code: 'custom', path: [name], message: 'is not a header name' });
      }
    })
    .default({})
    .meta({ title: 'Headers', description: 'one "Name: value" a line' }),
  body: z.string().max(65_536).optional().meta({ title: 'Body', multiline: true }),
  expectStatus: z
    .string()
    .default('200-399')
    .refine((text) => parseStatusRanges(text) !== null, {
      message: 'must be statuses and ranges, like "200-299,401"',
    })
    .meta({ title: 'Expected status' }),
  followRedirects: z.int().min(0).max(20).default(10).meta({
    title: 'Follow redirects',
    description: 'at most this many; 0 judges the redirect itself',
  }),
  bodyMatch: regex.optional().meta({ title: 'Body matches', description: 'a regular expression' }),
  maxBytes: z
    .int()
    .min(0)
    .max(MAX_BODY)
    .default(1024 * 1024)
    .meta({ title: 'Body limit in bytes', description: 'a larger body is down' }),
  degradedAfter,
  downAfter: duration(1, 120_000).optional().meta({
    title: 'Down above',
    description: 'a slower answer counts as down',
    placeholder: '5s',
  }),
  verifyTls: z.boolean().default(true).meta({ title: 'Verify the certificate' }),
  family,
});

/** HTTP and HTTPS: status, body and time. RTT is the time to the last byte read. */
export type HttpSpec = z.output<typeof fields>;

export const http: CheckKind<HttpSpec> = {
  title: 'HTTP(S)',
  subject: 'target',
  schema: fields,
  fields,
  infer: (text) => (isHttpUrl(text) ? text : null),
  addressOf: (spec) => new URL(spec.target).hostname.replace(/^\[(.*)\]$/, '$1'),
};
