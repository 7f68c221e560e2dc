// What the ways of asking for TLS within a running protocol have in common.
import { Failure } from '../failure.ts';
import { type CutShort, type Peer, printable, type Talk } from '../net/talk.ts';

/** Brings a fresh connection to where the TLS handshake begins; null = there. */
export type Dialogue = (talk: Talk) => Promise<Failure | null>;

/** A reply that ends with its line, as POP3's do. */
export const line = (bytes: Buffer): boolean => bytes.at(-1) === 0x0a;

/** A reply of SMTP and FTP: lines "250-…" and a last one "250 …". */
export const reply = (bytes: Buffer): boolean =>
  line(bytes) && /^\d{3}(?: .*)?\r?$/.test(lastLine(bytes));

/** Reads one answer as text; a failure says what the server did instead. */
export async function hear(
  talk: Talk,
  complete: (bytes: Buffer) => boolean,
  what: string,
): Promise<string | Failure> {
  const heard = await talk.read(complete);
  return Buffer.isBuffer(heard) ? heard.toString('latin1') : unheard(heard, talk.peer, what);
}

/** The server answered, but not with what leads to TLS. */
export function refused(talk: Talk, what: string, answer: string): Failure {
  const text = `${talk.peer.name} answered ${what} with "${printable(Buffer.from(answer, 'latin1'))}"`;
  return new Failure('tls.starttls', text);
}

/** Why no whole answer came. */
export function unheard({ why, bytes }: CutShort, peer: Peer, what: string): Failure {
  if (why instanceof Failure) return why;
  const came = bytes.length === 0 ? 'nothing' : `"${printable(bytes)}"`;
  if (why === 'ended') {
    return new Failure('closed_early', `${peer.name} closed the connection after ${came}`);
  }
  if (why === 'full') {
    return new Failure('too_much', `${peer.name} sent more than 64 KiB as its ${what}`);
  }
  return new Failure('timeout', `${came} came from ${peer.name} in time, where ${what} was due`);
}

function lastLine(bytes: Buffer): string {
  return bytes.toString('latin1').trimEnd().split('\n').at(-1) ?? '';
}
