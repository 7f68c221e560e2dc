// What a service says when asked: bytes out, and reading until what is expected has come.
import { type TcpSpec, unescaped } from '#core/checks/tcp.ts';
import { Failure } from '../failure.ts';
import { matches } from '../http/match.ts';
import { type CutShort, MOST_BYTES, printable, type Talk } from '../net/talk.ts';

/** Of what was said, in the detail. */
const MOST_SHOWN = 500;

/** What was said, for people; `failure` when it was not what was expected. */
export interface Said {
  failure: Failure | null;
  detail: string;
}

/** Sends, then reads until every expectation is met; without any, nothing is read. */
export async function converse(talk: Talk, spec: TcpSpec, timeoutMs: number): Promise<Said> {
  if (spec.send !== undefined) talk.send(Buffer.from(unescaped(spec.send) ?? '', 'latin1'));
  const { expect, expectMatch } = spec;
  if (expect === undefined && expectMatch === undefined) return { failure: null, detail: '' };
  const wanted = expect === undefined ? null : Buffer.from(unescaped(expect) ?? '', 'latin1');
  let tookTooLong = false;
  const isMet = (bytes: Buffer): boolean => {
    if (wanted && !bytes.includes(wanted)) return false;
    if (expectMatch === undefined || tookTooLong) return expectMatch === undefined;
    const found = matches(expectMatch, bytes.toString('utf8'));
    tookTooLong = found === null;
    return found === true;
  };
  const heard = await talk.read(isMet);
  if (Buffer.isBuffer(heard)) return { failure: null, detail: printable(heard, MOST_SHOWN) };
  const what =
    expect === undefined ? `/${(expectMatch ?? '').slice(0, 60)}/` : `"${expect.slice(0, 60)}"`;
  return {
    failure: tookTooLong
      ? new Failure('tcp.answer', `searching the answer for ${what} took too long`)
      : unmet(heard, what, talk.peer.name, timeoutMs),
    detail: printable(heard.bytes, MOST_SHOWN),
  };
}

function unmet({ why, bytes }: CutShort, what: string, name: string, timeoutMs: number): Failure {
  if (why instanceof Failure && bytes.length === 0) return why;
  const came = bytes.length === 0 ? 'nothing' : `"${printable(bytes)}"`;
  if (why === 'late') {
    const code = bytes.length === 0 ? 'timeout' : 'tcp.answer';
    return new Failure(code, `${came} came from ${name} within ${timeoutMs} ms, not ${what}`);
  }
  if (why === 'full') {
    const text = `${Math.floor(MOST_BYTES / 1024)} KiB came from ${name} without ${what}, beginning with ${came}`;
    return new Failure('too_much', text);
  }
  const code = bytes.length === 0 ? 'closed_early' : 'tcp.answer';
  return new Failure(code, `${name} closed the connection after ${came}, not ${what}`);
}
