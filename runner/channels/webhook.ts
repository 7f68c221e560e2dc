import * as z from 'zod';
import { codeOf, messageOf } from '../failure.ts';
import { defineOwn, plainText } from './channel.ts';

/** Header names as HTTP has them; the ones we set ourselves are ours. */
const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const OURS = new Set(['content-type', 'content-length', 'host', 'idempotency-key']);

/** A POST of JSON to any address; answers of 200 to 299 count as taken. */
export const webhook = defineOwn({
  schema: z.strictObject({
    kind: z.literal('webhook'),
    url: z.string().refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), {
      message: 'must be an address like "https://hooks.example.org/anyup"',
    }),
    headers: z
      .record(
        z.string().refine((name) => HEADER.test(name) && !OURS.has(name.toLowerCase()), {
          message: 'is no header that can be set here',
        }),
        z.string().regex(/^[\t\x20-\x7e]*$/, { message: 'may hold printable ASCII only' }),
      )
      .default({}),
  }),
  secretsOf: ({ url, headers }) => [...tokensIn(url), ...Object.values(headers)],
  async send({ url, headers }, message, { request, timeoutMs }) {
    const { subject, lines, footer, mood, key, thread } = message;
    const body = { subject, text: plainText(message), lines, footer, mood, key, thread };
    try {
      const { status } = await request({
        method: 'POST',
        url,
        headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': key },
        body: Buffer.from(JSON.stringify(body)),
        timeoutMs,
      });
      if (status >= 200 && status < 300) return { ok: true, receipt: `answered ${status}` };
      const retry = status >= 500 || status === 408 || status === 429;
      return { ok: false, retry, error: `${hostOf(url)} answered ${status}` };
    } catch (error) {
      return {
        ok: false,
        retry: true,
        error: `${hostOf(url)}: ${codeOf(error) || messageOf(error)}`,
      };
    }
  },
});

/** Shorter parts of a path are words. */
const MIN_TOKEN = 16;

/** Chat services put what authorizes into the path or the query. */
function tokensIn(url: string): string[] {
  const { pathname, searchParams, username, password } = new URL(url);
  const parts = pathname.split('/').filter((part) => part.length >= MIN_TOKEN);
  return [...parts, ...searchParams.values(), username, password].filter((part) => part !== '');
}

function hostOf(url: string): string {
  return new URL(url).host;
}
