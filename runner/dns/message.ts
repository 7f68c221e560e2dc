// DNS messages as bytes: a question out, an answer in.
import { randomInt } from 'node:crypto';
import { type Answer, AUTHENTIC_DATA, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { messageOf } from '../failure.ts';
import { hopsTooMuch } from './hops.ts';
import { recordValue } from './value.ts';

/** What fits through every path without fragments (DNS flag day 2020). */
const UDP_BYTES = 1232;
const HEADER_BYTES = 12;

export interface Question {
  name: string;
  type: string;
  /** Whether the server should ask others. */
  recursive: boolean;
}

export interface Query {
  id: number;
  bytes: Buffer;
  question: Question;
}

export interface DnsRecord {
  name: string;
  type: string;
  ttl: number;
  /** As dig shows it, names in lower case without the last dot. */
  value: string;
}

export interface Reply {
  /** "NOERROR", "NXDOMAIN"… */
  rcode: string;
  authoritative: boolean;
  truncated: boolean;
  /** The resolver says that it validated the answer by DNSSEC. */
  validated: boolean;
  /** Of the type asked for; what leads there (CNAME) is in `detours`. */
  records: DnsRecord[];
  detours: DnsRecord[];
  bytes: number;
}

/** Types that dns-packet knows by number only. */
const NUMBERED: Record<string, number> = { SVCB: 64, HTTPS: 65, URI: 256 };
const NAMED = new Map(
  Object.entries(NUMBERED).map(([name, number]) => [`UNKNOWN_${number}`, name]),
);

/** With an id that cannot be guessed. */
export function makeQuery(question: Question): Query {
  const id = randomInt(0x1_0000);
  const number = NUMBERED[question.type] ?? /^TYPE(\d+)$/.exec(question.type)?.[1];
  const type = (number === undefined ? question.type : `UNKNOWN_${number}`) as Answer['type'];
  const bytes = encode({
    type: 'query',
    id,
    // A resolver that validates says so when AD is set in the question (RFC 6840, 5.7).
    flags: AUTHENTIC_DATA | (question.recursive ? RECURSION_DESIRED : 0),
    questions: [{ name: question.name, type: type as never, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_BYTES,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
  return { id, bytes, question };
}

/** Whether a message claims to answer the query; what does not is somebody else's. */
export function isReplyTo(query: Query, bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt16BE(0) === query.id && (bytes[2] ?? 0) >= 0x80;
}

/** The reply in a message; a string says in a few words why it is none. */
export function readReply(query: Query, bytes: Buffer): Reply | string {
  if (!isReplyTo(query, bytes)) return 'it has the id of another question';
  if (bytes.length < HEADER_BYTES) return 'it is shorter than a header';
  if (hopsTooMuch(bytes)) return 'its names are strung together without end';
  try {
    return read(query, bytes);
  } catch (error) {
    return messageOf(error).slice(0, 80);
  }
}

function read(query: Query, bytes: Buffer): Reply | string {
  const packet = decode(bytes);
  const rcode = (packet as { rcode?: string }).rcode ?? 'RCODE_16';
  // Servers that cannot read a question may leave it out.
  if (!repeatsQuestion(query, bytes) && !(packet.questions?.length === 0 && rcode !== 'NOERROR')) {
    return 'it answers another question';
  }
  const wanted = typeName(decode(query.bytes).questions?.[0]?.type ?? '');
  const answers = (packet.answers ?? []).flatMap((answer) => recordOf(answer) ?? []);
  return {
    rcode: extended(rcode, packet.additionals ?? []),
    authoritative: packet.flag_aa,
    truncated: packet.flag_tc,
    validated: packet.flag_ad,
    records: answers.filter(({ type }) => wanted === 'ANY' || type === wanted),
    detours: answers.filter(({ type }) => wanted !== 'ANY' && type !== wanted),
    bytes: bytes.length,
  };
}

/** Byte by byte, but for the case of letters. */
function repeatsQuestion(query: Query, bytes: Buffer): boolean {
  let end = HEADER_BYTES;
  while (query.bytes[end] !== 0) end += 1 + (query.bytes[end] ?? 0);
  const span = [HEADER_BYTES, end + 5] as const;
  const asked = query.bytes.toString('latin1', ...span).toLowerCase();
  return bytes.readUInt16BE(4) === 1 && bytes.toString('latin1', ...span).toLowerCase() === asked;
}

function recordOf(answer: Answer): DnsRecord | null {
  if (answer.type === 'OPT') return null;
  const type = typeName(answer.type);
  const { name, ttl = 0 } = answer as { name: string; ttl?: number };
  return { name: name.toLowerCase(), type, ttl, value: recordValue(type, answer.data) };
}

function typeName(type: string): string {
  return NAMED.get(type) ?? type.replace(/^UNKNOWN_/, 'TYPE');
}

/** EDNS has the upper bits of the code (BADVERS = 16). */
function extended(rcode: string, additionals: readonly Answer[]): string {
  const opt = additionals.find((each) => each.type === 'OPT');
  const upper = opt?.type === 'OPT' ? opt.extendedRcode : 0;
  return upper === 0 ? rcode : `extended error ${upper * 16}`;
}
