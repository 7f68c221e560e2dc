// What a check expects of an answer, one by one.
import { type HttpSpec, statusExpected } from '#core/checks/http.ts';
import { isUnreadable } from '#core/expect/comparison.ts';
import { meetsHeader, parseHeaderExpectation } from '#core/expect/header.ts';
import { meetsJson, parseJsonExpectation } from '#core/expect/json.ts';
import { CRITICAL, ERROR, type Level } from '#core/level.ts';
import type { Finding } from '#core/reading.ts';
import type { ReasonCode } from '#core/reason.ts';
import { Failure } from '../failure.ts';
import type { Answer } from './exchange.ts';
import { MATCH_BYTES, matches } from './match.ts';

/** A larger document is not read as JSON. */
const JSON_BYTES = 4 * 1024 * 1024;
const MAX_SHOWN = 80;

/** How much of a body the expectations of a check need. */
export function bytesNeeded(spec: HttpSpec): number {
  if (spec.jsonMatch.length > 0) return Math.min(JSON_BYTES, spec.maxBytes);
  return readsBody(spec) ? MATCH_BYTES : 0;
}

function readsBody(spec: HttpSpec): boolean {
  return (
    spec.bodyMatch !== undefined ||
    spec.bodyMatchNot !== undefined ||
    spec.bodyContains.length > 0 ||
    spec.bodyLacks.length > 0
  );
}

export interface Judged {
  /** The first thing that is not as expected; null = all is. */
  failure: Failure | null;
  level: Level;
  findings: Finding[];
}

interface Expectation {
  name: string;
  expected: string;
  code: ReasonCode;
  level: Level;
  /** What came, and why that is wrong; null = it is right. */
  look: () => { got: string; wrong: string | null };
}

const AS_EXPECTED: Judged = { failure: null, level: ERROR, findings: [] };

/** The whole judgement where nothing but the status is expected and it is right: most checks. Null = look closer. */
export function judgedByStatus({ head }: Answer, spec: HttpSpec): Judged | null {
  const { expectStatus, headerMatch, jsonMatch } = spec;
  if (headerMatch.length > 0 || jsonMatch.length > 0 || readsBody(spec)) return null;
  return statusExpected(expectStatus, head.status) ? AS_EXPECTED : null;
}

/** Holds an answer against its check; without `explain` it stops at the first thing that is wrong. */
export async function judged(answer: Answer, spec: HttpSpec, explain: boolean): Promise<Judged> {
  const findings: Finding[] = [];
  let failure: Failure | null = null;
  let level: Level = ERROR;
  const hold = ({ name, expected, code, level: severity, look }: Expectation): boolean => {
    const { got, wrong } = look();
    if (explain) findings.push({ name, expected, got: got.slice(0, 300), ok: wrong === null });
    if (wrong !== null && !failure) [failure, level] = [new Failure(code, wrong), severity];
    return wrong !== null && !explain;
  };
  const result = () => ({ failure, level, findings });
  for (const expectation of ofHead(answer, spec)) if (hold(expectation)) return result();
  if (!readsBody(spec) && spec.jsonMatch.length === 0) return result();
  const body = await readable(answer, spec);
  if (body instanceof Failure) {
    hold({
      name: 'Body',
      expected: 'can be read',
      code: body.code,
      level: CRITICAL,
      look: () => ({ got: body.text, wrong: body.text }),
    });
    return result();
  }
  for (const expectation of ofBody(body, answer, spec)) if (hold(expectation)) break;
  return result();
}

function* ofHead({ head }: Answer, spec: HttpSpec): Generator<Expectation> {
  const { status, headers } = head;
  yield {
    name: 'Status',
    expected: spec.expectStatus,
    code: 'http.status',
    level: ERROR,
    look: () => {
      const ok = statusExpected(spec.expectStatus, status);
      const wrong = ok ? null : `HTTP ${status}, expected ${spec.expectStatus}`;
      return { got: String(status), wrong };
    },
  };
  for (const text of spec.headerMatch) {
    const expectation = parseHeaderExpectation(text);
    if (isUnreadable(expectation)) continue;
    yield {
      name: `Header ${expectation.name}`,
      expected: text,
      code: 'http.header',
      level: CRITICAL,
      look: () => {
        const { ok, found } = meetsHeader(expectation, headers, search);
        const got = found ?? 'missing';
        const said = found === undefined ? 'is missing' : `is "${short(found)}"`;
        const wrong = ok ? null : `header ${expectation.name} ${said}, expected ${short(text)}`;
        return { got, wrong };
      },
    };
  }
}

interface Body {
  text: string;
  /** Not all of it is here. */
  cut: boolean;
}

function* ofBody({ text, cut }: Body, answer: Answer, spec: HttpSpec): Generator<Expectation> {
  const { status } = answer.head;
  const size = `(${answer.bodyBytes} bytes)`;
  const whole = cut ? `the first ${bytesNeeded(spec) / 1024} KiB of the body` : 'the body';
  const about = { code: 'http.body' as const, level: CRITICAL };
  const shown = text === '' ? 'an empty body' : short(text);
  for (const wanted of spec.bodyContains) {
    const wrong = text.includes(wanted)
      ? null
      : `HTTP ${status}, ${whole} does not contain "${short(wanted)}" ${size}`;
    const look = () => ({ got: wrong === null ? 'found' : shown, wrong });
    yield { name: 'Body contains', expected: wanted, ...about, look };
  }
  for (const unwanted of spec.bodyLacks) {
    const wrong = text.includes(unwanted)
      ? `HTTP ${status}, the body contains "${short(unwanted)}"`
      : null;
    const look = () => ({ got: wrong === null ? 'not found' : 'found', wrong });
    yield { name: 'Body lacks', expected: unwanted, ...about, look };
  }
  for (const [pattern, wanted] of [
    [spec.bodyMatch, true],
    [spec.bodyMatchNot, false],
  ] as const) {
    if (pattern === undefined) continue;
    const slashed = `/${pattern.slice(0, 60)}/`;
    yield {
      name: wanted ? 'Body matches' : 'Body does not match',
      expected: slashed,
      ...about,
      look: () => {
        const found = matches(pattern, text);
        if (found === null) {
          const wrong = `searching the body for ${slashed} took too long`;
          return { got: 'no end', wrong };
        }
        if (found === wanted) return { got: found ? 'found' : 'not found', wrong: null };
        const verb = cut ? 'do' : 'does';
        const wrong = wanted
          ? `HTTP ${status}, ${whole} ${verb} not match ${slashed} ${size}`
          : `HTTP ${status}, the body matches ${slashed}`;
        return { got: found ? 'found' : shown, wrong };
      },
    };
  }
  if (spec.jsonMatch.length > 0) yield* ofJson(text, answer, spec);
}

function* ofJson(text: string, answer: Answer, spec: HttpSpec): Generator<Expectation> {
  const about = { code: 'http.json' as const, level: CRITICAL };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    const { status } = answer.head;
    const got = text === '' ? 'an empty body' : `"${short(text)}"`;
    const tooMuch = text.length > 0 && answer.bodyBytes > bytesNeeded(spec);
    const wrong = tooMuch
      ? `HTTP ${status}, a body of ${answer.bodyBytes} bytes is too large to be read as JSON`
      : `HTTP ${status}, the body is not JSON: ${got}`;
    yield { name: 'JSON', expected: 'a document', ...about, look: () => ({ got, wrong }) };
    return;
  }
  for (const line of spec.jsonMatch) {
    const expectation = parseJsonExpectation(line);
    if (isUnreadable(expectation)) continue;
    yield {
      name: 'JSON',
      expected: line,
      ...about,
      look: () => {
        const { ok, found } = meetsJson(expectation, document, search);
        const got = found === undefined ? 'missing' : JSON.stringify(found);
        const said = found === undefined ? 'there is none' : `it is ${short(got)}`;
        return { got, wrong: ok ? null : `expected ${short(line)}, ${said}` };
      },
    };
  }
}

/** A pattern that takes too long is not found. */
function search(pattern: string, text: string): boolean {
  return matches(pattern, text) === true;
}

/** The body as text, unpacked and in the charset it says it is. */
async function readable(answer: Answer, spec: HttpSpec): Promise<Body | Failure> {
  const { headers } = answer.head;
  const coding = headers.get('content-encoding');
  let bytes = answer.body;
  if (coding !== undefined && bytes.length > 0) {
    const { unpacked } = await import('./decode.ts');
    const whole = await unpacked(bytes, coding, spec.maxBytes);
    if (whole instanceof Failure) return whole;
    bytes = whole;
  }
  const needed = bytesNeeded(spec);
  const cut = bytes.length > needed || answer.bodyBytes > answer.body.length;
  return { text: textOf(bytes.subarray(0, needed), headers.get('content-type') ?? ''), cut };
}

export function textOf(bytes: Buffer, type: string): string {
  const charset = /charset="?([\w-]+)/i.exec(type)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

/** Fit for a reason: one line, not long. */
function short(text: string): string {
  const line = text.slice(0, MAX_SHOWN * 2).replace(/\s+/g, ' ');
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}
