// Resend's API, as far as Anyup uses it: POST /emails, with idempotency keys as the real one keeps them.
import * as z from 'zod';
import { type ApiAnswer, type Script, type ScriptedServer, serveScripted } from './scripted.ts';

export const API_KEY = 're_Fake1234_FakeKeyFakeKeyFakeKey';

export interface Mail {
  id: string;
  key: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
}

export interface FakeResend extends ScriptedServer {
  /** What arrived in mailboxes; a repeated idempotency key brings nothing new. */
  mails: Mail[];
  /** The idempotency keys of all calls that were answered properly, repeats included. */
  keys: string[];
  /** Calls the real one would refuse. */
  refused: string[];
}

const emails = z.strictObject({
  from: z.string().regex(/@/),
  to: z.array(z.email()).min(1).max(50),
  subject: z.string().min(1),
  text: z.string().min(1),
  html: z.string().startsWith('<!doctype html>'),
});

export async function startResend(): Promise<FakeResend> {
  const mails: Mail[] = [];
  const keys: string[] = [];
  const refused: string[] = [];
  const accepted = new Map<string, { body: string; id: string }>();
  const refuse = (statusCode: number, name: string, message: string) => {
    refused.push(`${name}: ${message}`);
    return { status: statusCode, body: { statusCode, name, message } };
  };
  const server = await serveScripted(({ method, path, headers, body }): ApiAnswer => {
    if (path !== '/emails') return refuse(404, 'not_found', `no ${path}`);
    if (method !== 'POST') return refuse(405, 'method_not_allowed', method);
    if (!headers['user-agent']?.startsWith('anyup')) return refuse(403, 'security_error', 'agent');
    if (headers.authorization !== `Bearer ${API_KEY}`) {
      return refuse(403, 'invalid_api_key', `API key is invalid: ${headers.authorization}`);
    }
    if (headers['content-type'] !== 'application/json') {
      return refuse(400, 'validation_error', `content-type ${headers['content-type']}`);
    }
    const key = String(headers['idempotency-key'] ?? '');
    if (key.length < 1 || key.length > 256) return refuse(400, 'invalid_idempotency_key', key);
    const mail = emails.safeParse(body);
    if (!mail.success) return refuse(422, 'validation_error', z.prettifyError(mail.error));
    const text = JSON.stringify(body);
    const earlier = accepted.get(key);
    if (earlier && earlier.body !== text) {
      return refuse(409, 'invalid_idempotent_request', 'same key, other payload');
    }
    const id = earlier?.id ?? `mail-${mails.length + 1}`;
    if (!earlier) mails.push({ id, key, ...mail.data });
    accepted.set(key, { body: text, id });
    keys.push(key);
    return { status: 200, body: { id } };
  });
  return { ...server, mails, keys, refused };
}

function error(status: number, name: string, message: string, headers = {}): Script {
  return { status, headers, body: { statusCode: status, name, message } };
}

export const RESEND = {
  tooMany: (seconds: number) =>
    error(429, 'rate_limit_exceeded', 'Too many requests', { 'retry-after': String(seconds) }),
  dailyQuota: error(429, 'daily_quota_exceeded', 'You have reached your daily quota'),
  monthlyQuota: error(429, 'monthly_quota_exceeded', 'You have reached your monthly quota'),
  broken: error(500, 'internal_server_error', 'An unexpected error occurred'),
} as const;
