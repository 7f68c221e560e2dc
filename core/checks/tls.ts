import * as z from 'zod';
import { duration } from '../duration.ts';
import { type CheckKind, degradedAfter, family, isHost, splitHostPort, WEIGHT } from './kind.ts';
import { STARTTLS } from './starttls.ts';

const HTTPS = 443;
const YEARS = 20 * 365 * 86_400_000;

/** Host and port of a target; without a port it is 443. */
export function tlsEndpoint(target: string): { host: string; port: number } | null {
  const whole = splitHostPort(target);
  if (whole) return whole;
  const host = target.replace(/^\[(.*)\]$/, '$1');
  return isHost(host) ? { host, port: HTTPS } : null;
}

/** "sha256//…" as curl writes it, base64 alone, or hex with or without colons → 64 digits of hex; null = no SHA-256. */
export function parsePin(text: string): string | null {
  const plain = text.trim();
  const hex = plain
    .replace(/^sha256[:/]*/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  // A slash may be the first of the digits: how many there are tells.
  const [, digits] = /^(?:sha256(?::?\/\/|[/:])?)?([A-Za-z0-9+/]{43})=?$/i.exec(plain) ?? [];
  if (digits === undefined) return null;
  return [...atob(digits)].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/** The name that a server is asked for and that its certificate must bear, if not the target's. */
export const serverName = z
  .string()
  .trim()
  .refine(isHost, { message: 'must be a name, like "mail.example.org"' })
  .optional()
  .meta({ title: 'Server name', description: 'if it is not the name in the target' });

const CERTIFICATE = { section: 'Certificate' };

const fields = z.object({
  target: z
    .string()
    .trim()
    .refine((text) => tlsEndpoint(text) !== null, {
      message: 'must be a host with or without a port, like "example.org:993"',
    })
    .meta({ title: 'Host and port', placeholder: 'example.org:443' }),
  starttls: z
    .enum(['none', ...STARTTLS])
    .default('none')
    .meta({ title: 'STARTTLS', description: 'the protocol in which TLS is asked for' }),
  serverName: serverName.meta(CERTIFICATE),
  warnBefore: duration(0, YEARS).prefault('14d').meta({
    title: 'Degraded before expiry',
    description: 'of the certificate or one in its chain',
  }),
  critBefore: duration(0, YEARS).prefault('3d').meta({ title: 'Down before expiry' }),
  verifyChain: z
    .boolean()
    .default(true)
    .meta({ title: 'Verify the chain', ...CERTIFICATE }),
  verifyName: z
    .boolean()
    .default(true)
    .meta({ title: 'Verify the name', ...CERTIFICATE }),
  minProtocol: z
    .enum(['TLSv1.2', 'TLSv1.3'])
    .default('TLSv1.2')
    .meta({ title: 'Oldest protocol', ...CERTIFICATE }),
  ocsp: z
    .enum(['stapled', 'required', 'ignored'])
    .default('stapled')
    .meta({
      title: 'Revocation',
      description: 'a stapled OCSP answer counts, must be there, or is passed over',
      ...CERTIFICATE,
    }),
  pins: z
    .array(
      z.string().refine((text) => parsePin(text) !== null, {
        message: 'is not a SHA-256 in hex or base64',
      }),
    )
    .max(10)
    .default([])
    .meta({
      title: 'Pins',
      description: 'one a line: SHA-256 of the certificate or of its public key; one must fit',
      ...CERTIFICATE,
    }),
  family,
  degradedAfter,
});

/** A TLS handshake and what the certificate says. RTT is connecting and the handshake, DNS apart. */
export type TlsSpec = z.output<typeof fields>;

export const tls: CheckKind<TlsSpec> = {
  title: 'TLS certificate',
  subject: 'target',
  schema: fields,
  fields,
  infer(text) {
    const bare = /^tls:(?:\/\/)?(.*?)\/?$/i.exec(text)?.[1] ?? (splitHostPort(text) ? text : '');
    const endpoint = tlsEndpoint(bare);
    if (!endpoint) return null;
    const { host, port } = endpoint;
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  },
  weight: () => WEIGHT.handshake,
  addressOf: (spec) => tlsEndpoint(spec.target)?.host ?? null,
};
