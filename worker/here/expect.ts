// What a check expects of an answer that the worker got, one by one.
import { type HttpSpec, statusExpected } from '#core/checks/http.ts';
import { isUnreadable } from '#core/expect/comparison.ts';
import { meetsHeader, parseHeaderExpectation } from '#core/expect/header.ts';
import { meetsJson, parseJsonExpectation } from '#core/expect/json.ts';
import { CRITICAL, ERROR, type Level } from '#core/level.ts';
import type { Finding, Measurement } from '#core/reading.ts';
import type { ReasonCode } from '#core/reason.ts';
import { failed } from './probe.ts';

export interface HeardAnswer {
  status: number;
  headers: Headers;
  bytes: number;
  /** As much as is searched. */
  text: string;
}

interface Held {
  name: string;
  expected: string;
  got: string;
  /** Why that is wrong; null = it is right. */
  wrong: string | null;
  code: ReasonCode;
  level: Level;
}

/** Patterns are refused when a check is given to the worker (core/checks/fromWorker.ts). */
const noPatterns = () => false;
const MOST_GOT = 300;

/** The first thing that is wrong; null = all is right. `explain` is told of every one, and without it the rest is left. */
export function expected(
  answer: HeardAnswer,
  spec: HttpSpec,
  explain?: (finding: Finding) => void,
): Measurement | null {
  let failure: Measurement | null = null;
  for (const { name, expected, got, wrong, code, level } of expectations(answer, spec)) {
    explain?.({ name, expected, got: got.slice(0, MOST_GOT), ok: wrong === null });
    if (wrong !== null) failure ??= failed(code, wrong, level);
    if (failure && !explain) break;
  }
  return failure;
}

function* expectations(answer: HeardAnswer, spec: HttpSpec): Generator<Held> {
  const { status } = answer;
  yield {
    name: 'Status',
    expected: spec.expectStatus,
    got: String(status),
    wrong: statusExpected(spec.expectStatus, status)
      ? null
      : `HTTP ${status}, expected ${spec.expectStatus}`,
    code: 'http.status',
    level: ERROR,
  };
  yield* ofHeaders(answer, spec);
  yield* ofBody(answer, spec);
  if (spec.jsonMatch.length > 0) yield* ofJson(answer, spec);
}

function* ofHeaders({ headers }: HeardAnswer, spec: HttpSpec): Generator<Held> {
  const byName = new Map(headers);
  for (const wanted of spec.headerMatch) {
    const expectation = parseHeaderExpectation(wanted);
    if (isUnreadable(expectation)) continue;
    const { name } = expectation;
    const { ok, found } = meetsHeader(expectation, byName, noPatterns);
    const is = found === undefined ? 'is missing' : `is "${short(found)}"`;
    yield {
      name: `Header ${name}`,
      expected: wanted,
      got: found ?? 'missing',
      wrong: ok ? null : `header ${name} ${is}, expected ${short(wanted)}`,
      code: 'http.header',
      level: CRITICAL,
    };
  }
}

function* ofBody({ status, bytes, text }: HeardAnswer, spec: HttpSpec): Generator<Held> {
  const about = { code: 'http.body', level: CRITICAL } as const;
  for (const wanted of spec.bodyContains) {
    const wrong = text.includes(wanted)
      ? null
      : `HTTP ${status}, the body does not contain "${short(wanted)}" (${bytes} bytes)`;
    const got = wrong === null ? 'found' : text === '' ? 'an empty body' : short(text);
    yield { name: 'Body contains', expected: wanted, got, wrong, ...about };
  }
  for (const unwanted of spec.bodyLacks) {
    const wrong = text.includes(unwanted)
      ? `HTTP ${status}, the body contains "${short(unwanted)}"`
      : null;
    const got = wrong === null ? 'not found' : 'found';
    yield { name: 'Body lacks', expected: unwanted, got, wrong, ...about };
  }
}

function* ofJson({ text }: HeardAnswer, spec: HttpSpec): Generator<Held> {
  const about = { name: 'JSON', code: 'http.json', level: CRITICAL } as const;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    const wrong = 'the body is not JSON, or longer than is read of it';
    yield { expected: 'a document', got: short(text), wrong, ...about };
    return;
  }
  for (const wanted of spec.jsonMatch) {
    const expectation = parseJsonExpectation(wanted);
    if (isUnreadable(expectation)) continue;
    const { ok, found } = meetsJson(expectation, document, noPatterns);
    const got = found === undefined ? 'missing' : JSON.stringify(found);
    const is = found === undefined ? 'nothing is there' : `it is ${short(got)}`;
    const wrong = ok ? null : `expected ${short(wanted)}; ${is}`;
    yield { expected: wanted, got, wrong, ...about };
  }
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
