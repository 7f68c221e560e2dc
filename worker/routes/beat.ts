// What jobs call: `/beat/:token`, and after it `start`, `fail`, `log` or an exit code (docs/heartbeats.md). GET, HEAD or
// POST alike; answers are a word or two.
import { Hono } from 'hono';
import { signalOf } from '#core/beats.ts';
import { hearBeat } from '#worker/answers/beat.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

/** Of what a job sends this much is kept. */
const KEPT_BYTES = 10_000;

export const beat = new Hono<Env>();

beat.on(['GET', 'POST'], ['/beat/:token', '/beat/:token/:signal'], async (c) => {
  c.header('cache-control', 'no-store');
  const signal = signalOf(c.req.param('signal') ?? '');
  if (signal === null) return c.text('say start, fail, log or an exit code of 0-255\n', 400);
  const token = c.req.param('token') ?? '';
  try {
    await hearBeat(c.env, { token, signal, readBody: () => readStart(c) });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return c.text(`${error.message}\n`, error.status, error.headers);
  }
  return c.text('OK\n');
});

/** The beginning of the body; the rest is not waited for. */
async function readStart(c: AppContext): Promise<string | null> {
  const reader = c.req.raw.body?.getReader();
  if (!reader) return null;
  const kept = new Uint8Array(KEPT_BYTES);
  let length = 0;
  while (length < KEPT_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value.subarray(0, KEPT_BYTES - length);
    kept.set(part, length);
    length += part.byteLength;
  }
  reader.cancel().catch(() => undefined);
  const text = new TextDecoder().decode(kept.subarray(0, length)).replaceAll('\0', '');
  return text.trim() === '' ? null : text;
}
