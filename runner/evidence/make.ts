// From what a probe came across to what may leave this machine: bounded, as text, without what could open a door.
import type { X509Certificate } from 'node:crypto';
import { statusOf } from '#core/level.ts';
import type { Measurement } from '#core/reading.ts';
import {
  EVIDENCE_BODY_BYTES,
  type Evidence,
  MAX_ADDRESSES,
  MAX_CHAIN,
  MAX_HEADER_VALUE,
  MAX_HEADERS,
  MAX_NAMES,
} from '#core/wire/evidence.ts';
import { isPrivate } from '../guard/networks.ts';
import { textOf } from '../http/expectations.ts';
import { readCertificate } from '../tls/certificate.ts';
import type { Seen, SeenAnswer } from './seen.ts';

/** What the runner's owner allows. */
export interface EvidenceRules {
  /** Bodies from private, loopback and link-local addresses too. */
  privateBodies: boolean;
  /** The way to what failed is looked at, hop by hop. */
  route: boolean;
}

/** All headers together. */
const MOST_HEAD = 8192;
/** Header fields whose value may open a door. */
const TELLING = /cookie|auth|token|secret|session|password|api-?key|credential|signature/;
const HIDDEN = '[not shown]';

/** The evidence of a reading; null when it is not of the sort that is wanted, or nothing was seen. */
export function evidenceOf(
  { level }: Measurement,
  seen: Seen,
  rules: EvidenceRules,
): Evidence | null {
  if (level === null || (statusOf(level) === 'up') !== (seen.wanted === 'good')) return null;
  const { addresses, peer, answer } = seen;
  if (addresses.length === 0 && peer === null && answer === null) return null;
  return {
    addresses: addresses.slice(0, MAX_ADDRESSES).map(({ address }) => address.slice(0, 64)),
    peer: peer?.slice(0, 64) ?? null,
    chain: (seen.chain ?? chainFrom(seen.certificate)).flatMap(factsOf),
    response: answer && responseOf(answer, peer, rules),
  };
}

/** The same within the wire's limits again: what stands for a secret may be longer than it. */
export function refitted({ response, chain, ...rest }: Evidence): Evidence {
  return {
    ...rest,
    chain: chain.map((each) => ({
      ...each,
      subject: each.subject.slice(0, MAX_NAMES),
      issuer: each.issuer.slice(0, MAX_NAMES),
      names: each.names.slice(0, MAX_NAMES),
    })),
    response: response && {
      ...response,
      headers: response.headers.map(([name, value]) => [
        name.slice(0, 100),
        value.slice(0, MAX_HEADER_VALUE),
      ]),
      body: response.body && {
        ...response.body,
        ...(response.body.text !== undefined && {
          text: response.body.text.slice(0, EVIDENCE_BODY_BYTES),
        }),
      },
    },
  };
}

function chainFrom(leaf: X509Certificate | null): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = leaf ?? undefined;
  // The one at the top names itself as its issuer.
  while (next && chain.length < MAX_CHAIN && chain.at(-1)?.fingerprint256 !== next.fingerprint256) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

/** None where it cannot be read. */
function factsOf(x509: X509Certificate): Evidence['chain'] {
  const { subject, issuer, names, notBeforeAt, notAfterAt, fingerprint } = readCertificate(x509);
  if (!Number.isFinite(notBeforeAt + notAfterAt)) return [];
  return [
    {
      subject: plain(subject, MAX_NAMES),
      issuer: plain(issuer, MAX_NAMES),
      names: plain(names, MAX_NAMES),
      notBeforeAt,
      notAfterAt,
      fingerprint,
    },
  ];
}

function responseOf(
  answer: SeenAnswer,
  peer: string | null,
  rules: EvidenceRules,
): NonNullable<Evidence['response']> {
  const { version, head } = answer;
  const headers: Array<[string, string]> = [];
  let room = MOST_HEAD;
  for (const [name, value] of head.headers) {
    const shown = TELLING.test(name) ? HIDDEN : plain(value, MAX_HEADER_VALUE);
    room -= name.length + shown.length;
    if (room < 0 || headers.length === MAX_HEADERS) break;
    headers.push([plain(name, 100), shown]);
  }
  return { version, status: head.status, headers, body: bodyOf(answer, peer, rules) };
}

function bodyOf(
  { head, body: read }: SeenAnswer,
  peer: string | null,
  { privateBodies }: Pick<EvidenceRules, 'privateBodies'>,
): NonNullable<Evidence['response']>['body'] {
  if (read === null || read.bytes === 0) return null;
  const { bytes } = read;
  if (!privateBodies && (peer === null || isPrivate(peer))) return { bytes, withheld: 'private' };
  const body = read.kept();
  if (body.length === 0) return { bytes, withheld: 'not_kept' };
  if (head.headers.has('content-encoding')) return { bytes, withheld: 'packed' };
  const start = body.subarray(0, EVIDENCE_BODY_BYTES);
  if (start.includes(0)) return { bytes, withheld: 'binary' };
  const text = textOf(start, head.headers.get('content-type') ?? '');
  return { bytes, text: plain(text, EVIDENCE_BODY_BYTES, true) };
}

/** Without control characters, and no half of a character at its end. */
function plain(text: string, most: number, lines = false): string {
  const controls = lines ? /[^\P{Cc}\t\n]/gu : /\p{Cc}/gu;
  return text.replaceAll('\r\n', '\n').slice(0, most).toWellFormed().replace(controls, '·');
}
