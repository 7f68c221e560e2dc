import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { seenHere } from '../guard/probing.ts';

const MOST = 10;

/** The server's certificate and those above it, those of the runner's own store too; empty when it showed none. */
export function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.raw && chain.length < MOST) {
    const certificate = new X509Certificate(next.raw);
    // The one at the top names itself as its issuer.
    if (certificate.fingerprint256 === chain.at(-1)?.fingerprint256) break;
    chain.push(certificate);
    next = next.issuerCertificate;
  }
  const seen = seenHere();
  if (seen) seen.chain = chain;
  return chain;
}
