import { MAX_BODY_BYTES } from '#core/wire/results.ts';
import { Problem } from '#worker/problem.ts';

/** The bytes of a request as sent; reading stops at the limit. */
export async function readBytes(
  request: Request,
  limit = MAX_BODY_BYTES,
): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit);
  return collect(request.body, limit);
}

/** Inflates gzip, cut while streaming: a bomb costs no more than the limit. */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return bytes;
  if (encoding !== 'gzip') {
    throw new Problem('unsupported_media', {
      detail: `content-encoding "${encoding.slice(0, 20)}" is not taken; send gzip or none.`,
    });
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return await collect(stream, MAX_BODY_BYTES);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('bad_request', { detail: 'The body is not valid gzip.' });
  }
}

/** An object from JSON bytes. */
export function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Problem('bad_request', {
      detail: `The body is not JSON: ${(error as Error).message}`,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem('bad_request', { detail: 'The body must be a JSON object.' });
  }
  return value as Record<string, unknown>;
}

async function collect(
  stream: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (stream === null) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > limit) {
      reader.cancel().catch(() => undefined);
      throw tooLarge(limit);
    }
    parts.push(value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

function tooLarge(limit: number): Problem {
  return new Problem('too_large', {
    detail: `At most ${Math.round(limit / 1024)} KB are taken; send fewer results at once.`,
    extra: { maxBytes: limit },
  });
}
