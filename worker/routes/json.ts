// JSON at the rim: bodies in, answers out.
import { bodyLimit } from 'hono/body-limit';
import type { AppContext } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

const MAX_BODY = 256 * 1024;

/** Refuses larger bodies while they stream in. */
export const limitBody = bodyLimit({
  maxSize: MAX_BODY,
  onError: () => {
    throw new Problem('too_large', { detail: `A body may have ${MAX_BODY / 1024} KiB.` });
  },
});

/** The object in a JSON body; an empty body is an empty object. */
export async function readJson(c: AppContext): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (text === '') return {};
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new Problem('unsupported_media', {
      detail: `Content-Type is ${type === '' ? 'missing' : `"${type.slice(0, 80)}"`}.`,
    });
  }
  const body = parse(text);
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return body as Record<string, unknown>;
  }
  throw new Problem('bad_request', { detail: 'The body must be a JSON object.' });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    throw new Problem('bad_request', { detail: `The body is not JSON: ${message.slice(0, 200)}.` });
  }
}

/** Instants are epoch ms under these names, and ISO-8601 UTC on the wire. */
const INSTANT = /^(at|asOf|since|from|until)$|[a-z]At$/;

/** The text of an answer. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (key, each) =>
    typeof each === 'number' && INSTANT.test(key) ? new Date(each).toISOString() : each,
  );
}
