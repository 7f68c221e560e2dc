// The lines of a body as it streams in: never more than one line in memory, and no line longer than is allowed.
import { Problem } from '#worker/problem.ts';

export interface TextLine {
  text: string;
  /** From 1. */
  number: number;
}

export interface Limits {
  /** Of the first line, in bytes. */
  first: number;
  /** Of every other. */
  line: number;
  /** Of the whole. */
  total: number;
}

export async function* linesOf(
  body: ReadableStream<Uint8Array>,
  limits: Limits,
): AsyncGenerator<TextLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [held, number, total] = ['', 1, 0];
  const limitOf = () => (number === 1 ? limits.first : limits.line);
  for await (const bytes of body) {
    total += bytes.byteLength;
    if (total > limits.total) throw tooLarge('The backup', limits.total);
    held += decoded(decoder, bytes, number);
    let from = 0;
    for (let end = held.indexOf('\n'); end >= 0; end = held.indexOf('\n', from)) {
      yield { text: held.slice(from, end), number };
      from = end + 1;
      number += 1;
    }
    held = held.slice(from);
    if (held.length > limitOf()) throw tooLarge(`Line ${number}`, limitOf());
  }
  held += decoded(decoder, undefined, number);
  if (held.trim() !== '') yield { text: held, number };
}

function decoded(
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Uint8Array | undefined,
  number: number,
): string {
  try {
    return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
  } catch {
    throw new Problem('bad_request', { detail: `Line ${number} is not UTF-8 text.` });
  }
}

function tooLarge(what: string, limit: number): Problem {
  return new Problem('too_large', {
    detail: `${what} is longer than the ${Math.round(limit / 1024)} KiB that are taken.`,
  });
}
