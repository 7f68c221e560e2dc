// What an authority says of a certificate in an OCSP response (RFC 6960) that the server staples to its handshake.
import { verify, X509Certificate } from 'node:crypto';
import { contentOf, context, type Element, elements, inside, oid, TAG, time } from './der.ts';

export interface Staple {
  status: 'good' | 'revoked' | 'unknown';
  revokedAt: number | null;
  thisUpdateAt: number;
  /** Until when it counts; null = it does not say. */
  nextUpdateAt: number | null;
  /** `unchecked`: the issuer's certificate, which would be needed, was not shown. */
  signature: 'valid' | 'invalid' | 'unchecked';
}

/** The staple for a certificate, or in a few words why it is none. */
export function readStaple(
  response: Buffer,
  certificate: X509Certificate,
  issuer: X509Certificate | undefined,
): Staple | string {
  try {
    return read(response, certificate, issuer);
  } catch (error) {
    if (error instanceof RangeError) return `it cannot be read (${error.message})`;
    throw error;
  }
}

function read(
  response: Buffer,
  certificate: X509Certificate,
  issuer: X509Certificate | undefined,
): Staple | string {
  const [status, responseBytes] = inside(elements(response)[0], TAG.sequence);
  const refusal = contentOf(status, TAG.enumerated)[0] ?? 255;
  if (refusal !== 0) return `the authority answered with error ${refusal}`;
  const [wrapped] = inside(responseBytes, context(0));
  const basic = contentOf(inside(wrapped, TAG.sequence)[1], TAG.octetString);
  const [signed, algorithm, signature, certificates] = inside(elements(basic)[0], TAG.sequence);
  const single = singleFor(certificate, inside(signed, TAG.sequence));
  if (!single) return 'it is about another certificate';
  return { ...single, signature: check() };

  function check(): Staple['signature'] {
    if (!issuer) return 'unchecked';
    const hash = HASHES[oid(inside(algorithm, TAG.sequence)[0]?.value ?? Buffer.alloc(0))];
    const bits = contentOf(signature, TAG.bitString).subarray(1);
    const bytes = signed?.whole;
    if (hash === undefined || !bytes) return 'invalid';
    const signers = [issuer, ...delegates(certificates, issuer)];
    return signers.some((signer) => signs(hash, bytes, signer, bits)) ? 'valid' : 'invalid';
  }
}

type Single = Omit<Staple, 'signature'>;

/** Of the single responses, the one about this certificate. */
function singleFor(certificate: X509Certificate, parts: readonly Element[]): Single | null {
  // Before them stand the version (seldom), who answers, and when.
  const list = parts.findLast(({ tag }) => tag === TAG.sequence);
  for (const entry of inside(list, TAG.sequence)) {
    const [id, status, thisUpdate, next] = inside(entry, TAG.sequence);
    const serial = contentOf(inside(id, TAG.sequence)[3], TAG.integer);
    if (number(serial.toString('hex')) !== number(certificate.serialNumber)) continue;
    return {
      ...readStatus(status),
      thisUpdateAt: time(thisUpdate?.value ?? Buffer.alloc(0)),
      nextUpdateAt:
        next?.tag === context(0) ? time(elements(next.value)[0]?.value ?? Buffer.alloc(0)) : null,
    };
  }
  return null;
}

function readStatus(status: Element | undefined): Pick<Staple, 'status' | 'revokedAt'> {
  if (status?.tag === context(0, false)) return { status: 'good', revokedAt: null };
  if (status?.tag !== context(1)) return { status: 'unknown', revokedAt: null };
  return {
    status: 'revoked',
    revokedAt: time(elements(status.value)[0]?.value ?? Buffer.alloc(0)),
  };
}

/** Serial numbers as they are compared: no leading zeros, one case. */
function number(hex: string): string {
  return hex.toLowerCase().replace(/^0+/, '');
}

const HASHES: Record<string, string | null> = {
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  // Ed25519 brings its own.
  '1.3.101.112': null,
};

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';

/** Certificates in the response to whose holders the issuer has left the answering. */
function delegates(certificates: Element | undefined, issuer: X509Certificate): X509Certificate[] {
  if (certificates?.tag !== context(0)) return [];
  return inside(elements(certificates.value)[0], TAG.sequence)
    .slice(0, 4)
    .flatMap(({ whole }) => {
      const signer = parse(whole);
      const may = signer?.keyUsage?.includes(OCSP_SIGNING) && signer.checkIssued(issuer);
      return signer && may && signer.verify(issuer.publicKey) ? [signer] : [];
    });
}

function parse(der: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(der);
  } catch {
    return null;
  }
}

function signs(hash: string | null, bytes: Buffer, signer: X509Certificate, bits: Buffer): boolean {
  try {
    return verify(hash, bytes, signer.publicKey, bits);
  } catch {
    return false;
  }
}
