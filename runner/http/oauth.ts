// OAuth2 client credentials: the token is fetched as the check would ask, and kept until it runs out.
import { createHash } from 'node:crypto';
import type { HttpSpec } from '#core/checks/http.ts';
import { Failure } from '../failure.ts';
import { seenHere } from '../guard/probing.ts';
import { printable } from './head.ts';
import { basic, type HttpRequest } from './request.ts';
import { type Sending, type Sent, send } from './send.ts';

const KEEP = 2000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** Of a token that does not say. */
const DEFAULT_LIFE_S = 300;
const MAX_LIFE_S = 86_400;

interface Token {
  value: string;
  /** By `performance.now()`. */
  untilAt: number;
}

const tokens = new Map<string, Token>();

/** The value of the Authorization header, from memory or from the token endpoint. */
export async function bearer(spec: HttpSpec, sending: Sending): Promise<string | Failure> {
  const name = nameOf(spec);
  const held = tokens.get(name);
  if (held && held.untilAt > performance.now()) return shown(held);
  tokens.delete(name);
  const token = await fetched(spec, sending);
  if (token instanceof Failure) return token;
  if (tokens.size >= KEEP) tokens.clear();
  tokens.set(name, token);
  return shown(token);
}

/** A target that repeats what it was sent must not tell the token to who reads the evidence. */
function shown({ value }: Token): string {
  const seen = seenHere();
  if (seen) seen.hidden = value;
  return `Bearer ${value}`;
}

/** The target did not take the token: the next one is fetched anew. */
export function forget(spec: HttpSpec): void {
  tokens.delete(nameOf(spec));
}

function nameOf({ target, oauthUrl, clientId, clientSecret, scope }: HttpSpec): string {
  const parts = [target, oauthUrl, clientId, clientSecret, scope];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

/** The secret goes into the header first, as the standard wishes, then into the body, as some servers do. */
async function fetched(spec: HttpSpec, sending: Sending): Promise<Token | Failure> {
  let last = await asked(spec, sending, true);
  if (!(last instanceof Failure) && (last.head.status === 400 || last.head.status === 401)) {
    last = await asked(spec, sending, false);
  }
  const endpoint = new URL(spec.oauthUrl ?? '').host;
  if (last instanceof Failure) {
    if (last.code.startsWith('unable.')) return last;
    return new Failure('oauth.failed', `the token endpoint ${endpoint}: ${last.text}`);
  }
  const { status } = last.head;
  const said = jsonOf(last.body);
  if (status !== 200 || typeof said.access_token !== 'string' || said.access_token === '') {
    const why = typeof said.error === 'string' ? ` (${printable(said.error)})` : '';
    const text = `the token endpoint ${endpoint} answered ${status}${why} and no access token`;
    return new Failure('oauth.failed', text);
  }
  const lifeS = Math.min(MAX_LIFE_S, Number(said.expires_in) || DEFAULT_LIFE_S);
  // A token that ends while it travels is of no use.
  const untilAt = performance.now() + Math.max(0, lifeS - Math.min(30, lifeS / 10)) * 1000;
  return { value: said.access_token, untilAt };
}

async function asked(spec: HttpSpec, sending: Sending, inHeader: boolean): Promise<Sent | Failure> {
  const { oauthUrl = '', clientId = '', clientSecret = '', scope } = spec;
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scope !== undefined) form.append('scope', scope);
  const headers: Array<[string, string]> = [
    ['Accept', 'application/json'],
    ['Content-Type', 'application/x-www-form-urlencoded'],
  ];
  if (inHeader) {
    const [id, password] = [clientId, clientSecret].map(encodeURIComponent);
    headers.push(['Authorization', basic(id, password)]);
  } else {
    form.append('client_id', clientId);
    form.append('client_secret', clientSecret);
  }
  const request: HttpRequest = {
    url: new URL(oauthUrl),
    method: 'POST',
    headers,
    body: form.toString(),
  };
  const alone: HttpSpec = {
    ...spec,
    version: '1.1',
    followRedirects: 0,
    maxBytes: MAX_ANSWER_BYTES,
  };
  // Its time is not the target's.
  const answer = await send(request, {
    ...sending,
    spec: alone,
    keepBytes: MAX_ANSWER_BYTES,
    phases: {},
  });
  // What it answered is a token, or near to one: nothing to show.
  const seen = seenHere();
  if (seen) seen.answer = null;
  return answer;
}

function jsonOf(body: Buffer): Record<string, unknown> {
  try {
    const said: unknown = JSON.parse(body.toString('utf8'));
    return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
