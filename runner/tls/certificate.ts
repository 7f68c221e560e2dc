// What a certificate says of itself, for reasons, details and metrics of every kind that speaks TLS.
import type { X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Metric } from '#core/reading.ts';
import { Failure } from '../failure.ts';
import { seenHere } from '../guard/probing.ts';

const DAY_MS = 86_400_000;
/** Certificates already read; a runner meets the same few again and again. */
const KEEP = 2000;
/** Of a name: some certificates bear thousands, and these facts are kept. */
const MOST_SHOWN = 1000;
/** Of the names of a certificate that is for another. */
const NAMES_TOLD = 3;

export interface Certificate {
  /** "CN=example.org, O=Example". */
  subject: string;
  issuer: string;
  /** As the certificate lists them: "DNS:example.org, DNS:www.example.org"; "" without any. */
  names: string;
  notBeforeAt: number;
  notAfterAt: number;
  /** SHA-256 of the whole certificate, lower-case hex without colons. */
  fingerprint: string;
}

/** From how many milliseconds before its end a certificate is a warning, and from how many it is critical. */
export interface ExpiryLimits {
  warnBefore?: number | undefined;
  critBefore?: number | undefined;
}

const read = new Map<string, Certificate>();

const shown = new WeakMap<TLSSocket, X509Certificate>();

/** The certificate that the server showed. Node takes it out of the chain at the first reading, so there is only one. */
export function shownBy(socket: TLSSocket): X509Certificate | null {
  const x509 = shown.get(socket) ?? socket.getPeerX509Certificate();
  if (!x509) return null;
  shown.set(socket, x509);
  const seen = seenHere();
  if (seen) seen.certificate = x509;
  return x509;
}

/** Its facts; null when the server showed none. */
export function certificateOf(socket: TLSSocket): Certificate | null {
  const x509 = shownBy(socket);
  return x509 ? readCertificate(x509) : null;
}

/** The facts of a certificate; those read before are not read again. */
export function readCertificate(x509: X509Certificate): Certificate {
  const { fingerprint256 } = x509;
  const known = read.get(fingerprint256);
  if (known) return known;
  if (read.size >= KEEP) read.clear();
  const certificate: Certificate = {
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    names: (x509.subjectAltName ?? '').slice(0, MOST_SHOWN),
    notBeforeAt: Date.parse(x509.validFrom),
    notAfterAt: Date.parse(x509.validTo),
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
  };
  read.set(fingerprint256, certificate);
  return certificate;
}

/** Of "DNS:a.example, IP Address:0:0:0:0:0:0:0:1" as people write them: "a.example, ::1"; the first three, and how many more. */
export function namesOf(names: string): string {
  const all = names.split(', ').map((name) => {
    const [, sort, rest = name] = /^(DNS|IP Address):(.*)$/.exec(name) ?? [];
    return sort === 'IP Address' && isIPv6(rest)
      ? new URL(`http://[${rest}]`).hostname.slice(1, -1)
      : rest;
  });
  const more = all.length - NAMES_TOLD;
  const others = names.length < MOST_SHOWN ? `${more} more` : 'many more';
  return all.slice(0, NAMES_TOLD).join(', ') + (more > 0 ? ` and ${others}` : '');
}

/** Days until it ends, one decimal, rounded towards zero; negative once it has. */
export function daysLeft({ notAfterAt }: Certificate, now: number): number {
  return Math.trunc(((notAfterAt - now) / DAY_MS) * 10) / 10;
}

/** `certificate` in days, as the charts name it. */
export function expiryMetric(certificate: Certificate, now: number): Metric {
  return { name: 'certificate', value: daysLeft(certificate, now), unit: 'd' };
}

/** Why the end of a certificate is worth telling, and how bad that is; null while it is far enough away. */
export function expiryOf(
  certificate: Certificate,
  host: string,
  { warnBefore = 0, critBefore = 0 }: ExpiryLimits,
  now: number,
): { failure: Failure; severity: 'warning' | 'critical' } | null {
  const left = certificate.notAfterAt - now;
  if (left > Math.max(warnBefore, critBefore)) return null;
  const failure = left <= 0 ? expired(certificate, host, now) : expiresSoon(certificate, host, now);
  return { failure, severity: left <= 0 || left <= critBefore ? 'critical' : 'warning' };
}

/** "certificate of mail.example.org expired 2 days ago, on 2026-11-26" */
export function expired({ notAfterAt }: Certificate, host: string, now: number): Failure {
  const text = `certificate of ${host} expired ${span(now - notAfterAt)} ago, on ${dateOf(notAfterAt)}`;
  return new Failure('tls.expired', text);
}

/** "certificate of mail.example.org is not valid before 2026-12-01, in 3 days" */
export function notYetValid({ notBeforeAt }: Certificate, host: string, now: number): Failure {
  const text = `certificate of ${host} is not valid before ${dateOf(notBeforeAt)}, in ${span(notBeforeAt - now)}`;
  return new Failure('tls.not_yet_valid', text);
}

function expiresSoon({ notAfterAt }: Certificate, host: string, now: number): Failure {
  const text = `certificate of ${host} expires in ${span(notAfterAt - now)}, on ${dateOf(notAfterAt)}`;
  return new Failure('tls.expires_soon', text);
}

/** What was agreed and who the server is, a line each, for people. */
export function describe(certificate: Certificate, socket: TLSSocket, now: number): string {
  const { subject, issuer, names, notBeforeAt, notAfterAt, fingerprint } = certificate;
  const cipher = socket.getCipher();
  return [
    `subject: ${subject || '(none)'}`,
    `names: ${names || '(none)'}`,
    `issuer: ${issuer || '(none)'}`,
    `valid: ${dateOf(notBeforeAt)} to ${dateOf(notAfterAt)} (${daysLeft(certificate, now)} days left)`,
    `protocol: ${socket.getProtocol() ?? '(unknown)'}, ${cipher?.name ?? '(unknown)'}`,
    `SHA-256: ${fingerprint}`,
  ]
    .map((line) => line.slice(0, 500))
    .join('\n');
}

/** "2 days", "1 day", "5 hours". */
function span(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  if (days >= 1) return days === 1 ? '1 day' : `${days} days`;
  const hours = Math.floor(ms / 3_600_000);
  if (hours >= 1) return hours === 1 ? '1 hour' : `${hours} hours`;
  return 'less than an hour';
}

function dateOf(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(0, 10) : 'an unreadable date';
}

/** OpenSSL gives a line to each part of a name. */
function oneLine(name: string | undefined): string {
  return (name ?? '').slice(0, MOST_SHOWN).split('\n').join(', ');
}
