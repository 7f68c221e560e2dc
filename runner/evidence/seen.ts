// What a probe comes across and drops again, held by reference until it is known whether anybody needs it: on a good
// reading nothing is read out of it.
import type { X509Certificate } from 'node:crypto';
import type { BodyReader } from '../http/body.ts';
import type { ResponseHead } from '../http/head.ts';

/** Of which reading evidence is wanted. */
export type Wanted = 'bad' | 'good';

export interface SeenAnswer {
  version: string;
  head: ResponseHead;
  /** Null when it has none. */
  body: BodyReader | null;
}

export interface Seen {
  wanted: Wanted;
  addresses: readonly { address: string }[];
  peer: string | null;
  /** The server's own; those above it hang on it. */
  certificate: X509Certificate | null;
  /** The same with those above it, where the probe has read them anyway. */
  chain: readonly X509Certificate[] | null;
  answer: SeenAnswer | null;
  /** A credential that came up on the way, to be kept out of it; "" = none. */
  hidden: string;
}

export function nothingSeen(wanted: Wanted): Seen {
  return {
    wanted,
    addresses: [],
    peer: null,
    certificate: null,
    chain: null,
    answer: null,
    hidden: '',
  };
}

/** Another connection is begun: what the one before led to is not of it. */
export function beginAnew(seen: Seen): void {
  seen.addresses = [];
  seen.peer = null;
  seen.certificate = null;
  seen.chain = null;
  seen.answer = null;
}

/** From this status on an answer is likely to be a failure, so that its body is worth keeping. */
const LIKELY_BAD = 400;

/** Whether the beginning of a body has to be kept although the check itself does not read it. */
export function keepsBody(seen: Seen | undefined, { status }: ResponseHead): boolean {
  return seen !== undefined && (seen.wanted === 'good' || status >= LIKELY_BAD);
}
