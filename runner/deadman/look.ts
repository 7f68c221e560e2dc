// One look at the worker from outside, as anybody can take it: is it there, is it Anyup, does it do its work?
import * as z from 'zod';
import type { Trouble } from '#core/deadman.ts';
import { humanDuration } from '#core/duration.ts';
import { codeOf, messageOf } from '../failure.ts';
import type { HttpAnswer, RunnerPlatform } from '../platform.ts';

/** A tick or a message this old means that people are told nothing. */
const STUCK_MS = 150_000;

const age = z.number().nullish();

const healthSchema = z.looseObject({
  status: z.string(),
  database: z.string(),
  tickAgeMs: age,
  outboxAgeMs: age,
});

type Asks = Pick<RunnerPlatform, 'request'>;

/** What is wrong with the worker at `url`; null = nothing. */
export async function lookAtWorker(
  { request }: Asks,
  url: string,
  timeoutMs: number,
): Promise<Trouble | null> {
  let answer: HttpAnswer;
  try {
    answer = await ask(request, `${url}/healthz`, timeoutMs);
  } catch (error) {
    const lives = await isAlive(request, url, timeoutMs);
    const but = lives ? ', though its process is alive (/healthz/live answers)' : '';
    return { kind: 'unreachable', what: `${wordsOf(error, timeoutMs)}${but}` };
  }
  return troubleIn(answer);
}

function troubleIn({ status, headers, body }: HttpAnswer): Trouble | null {
  const health = healthSchema.safeParse(parseJson(body)).data;
  if (health === undefined) {
    const to = headers.location === undefined ? '' : `, pointing to ${headers.location}`;
    return { kind: 'unreachable', what: `it answers ${status}${to}, and not as Anyup does` };
  }
  if (status !== 200) {
    return { kind: 'not_ingesting', what: 'it answers, but cannot reach its database' };
  }
  const { tickAgeMs, outboxAgeMs } = health;
  if (tickAgeMs != null && tickAgeMs > STUCK_MS) {
    const what = `it answers, but its tick has not run for ${humanDuration(tickAgeMs)}`;
    return { kind: 'not_dispatching', what };
  }
  if (outboxAgeMs != null && outboxAgeMs > STUCK_MS) {
    const what = `it answers, but a message that is due has waited for ${humanDuration(outboxAgeMs)}`;
    return { kind: 'not_dispatching', what };
  }
  return null;
}

async function isAlive(request: Asks['request'], url: string, timeoutMs: number): Promise<boolean> {
  try {
    const { status } = await ask(request, `${url}/healthz/live`, timeoutMs);
    return status === 200;
  } catch {
    return false;
  }
}

function ask(request: Asks['request'], url: string, timeoutMs: number): Promise<HttpAnswer> {
  const headers = { accept: 'application/json' };
  return request({ method: 'GET', url, headers, body: null, timeoutMs });
}

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
  ETIMEDOUT: 'no connection in time',
  CERT_HAS_EXPIRED: 'its certificate has run out',
};

function wordsOf(error: unknown, timeoutMs: number): string {
  const { name, cause } = error as { name?: string; cause?: unknown };
  if (name === 'TimeoutError') return `no answer within ${humanDuration(timeoutMs)}`;
  const code = codeOf(error);
  if (code === '' && cause !== undefined) return wordsOf(cause, timeoutMs);
  return (
    WORDS[code] ??
    (/CERT|TLS|SSL|SIGNED/.test(code) ? `TLS fails (${code})` : code || messageOf(error))
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}
