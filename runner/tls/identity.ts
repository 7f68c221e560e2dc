// Whether a certificate names a host, by Node's own rules, found out once for each certificate and host.
import { checkServerIdentity, type TLSSocket } from 'node:tls';
import { shownBy } from './certificate.ts';

/** Verdicts kept; a runner meets the same few again and again. */
const KEEP = 5000;

const known = new Map<string, Error | undefined>();

/** Why the certificate that the server showed is not for this host; undefined = it is. */
export function identityOf(socket: TLSSocket, host: string): Error | undefined {
  const certificate = shownBy(socket);
  if (!certificate) return new Error('no certificate was shown');
  const key = `${certificate.fingerprint256} ${host}`;
  if (known.has(key)) return known.get(key);
  const verdict = checkServerIdentity(host, certificate.toLegacyObject());
  if (known.size >= KEEP) known.clear();
  known.set(key, verdict);
  return verdict;
}
