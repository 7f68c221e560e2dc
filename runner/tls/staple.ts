import type { X509Certificate } from 'node:crypto';
import type { TlsSpec } from '#core/checks/tls.ts';
import { Failure } from '../failure.ts';
import { readStaple } from './ocsp.ts';

/** Clocks of authorities and runners differ a little. */
const SKEW_MS = 5 * 60_000;

/** What is made of a stapled OCSP response, and how people are told. */
export interface Revocation {
  failure: Failure | null;
  words: string;
}

export function judgeStaple(
  response: Buffer | null,
  certificate: X509Certificate,
  issuer: X509Certificate | undefined,
  host: string,
  wish: TlsSpec['ocsp'],
  now: number,
): Revocation {
  if (wish === 'ignored') return { failure: null, words: 'not looked at' };
  const useless = (words: string): Revocation => ({
    failure: wish === 'required' ? new Failure('tls.staple', `${host}: ${words}`) : null,
    words,
  });
  if (!response) return useless('nothing stapled');

  const staple = readStaple(response, certificate, issuer);
  if (typeof staple === 'string') return useless(`the stapled response is of no use: ${staple}`);
  if (staple.signature === 'invalid')
    return useless('the stapled response is not signed by the issuer');
  if (staple.status === 'revoked') {
    const since = staple.revokedAt === null ? '' : ` since ${dateOf(staple.revokedAt)}`;
    const words = `certificate of ${host} is revoked${since}`;
    return { failure: new Failure('tls.revoked', words), words: `revoked${since}` };
  }
  if (staple.status === 'unknown') return useless('the authority does not know the certificate');
  if (staple.nextUpdateAt !== null && staple.nextUpdateAt + SKEW_MS < now) {
    return useless(`the stapled response is out of date since ${dateOf(staple.nextUpdateAt)}`);
  }
  if (staple.thisUpdateAt - SKEW_MS > now)
    return useless('the stapled response is from the future');
  const unchecked =
    staple.signature === 'unchecked' ? ' (signature not checked: no issuer shown)' : '';
  return { failure: null, words: `good as of ${dateOf(staple.thisUpdateAt)}${unchecked}` };
}

function dateOf(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(0, 10) : 'an unreadable date';
}
