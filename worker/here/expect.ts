// What a check expects of an answer that the worker got: the first thing that is wrong.
import { type HttpSpec, statusExpected } from '#core/checks/http.ts';
import { isUnreadable } from '#core/expect/comparison.ts';
import { meetsHeader, parseHeaderExpectation } from '#core/expect/header.ts';
import { meetsJson, parseJsonExpectation } from '#core/expect/json.ts';
import { CRITICAL } from '#core/level.ts';
import type { Measurement } from '#core/reading.ts';
import { failed } from './probe.ts';

export interface HeardAnswer {
  status: number;
  headers: Headers;
  bytes: number;
  /** As much as is searched. */
  text: string;
}

/** Patterns are refused when a check is given to the worker (core/checks/fromWorker.ts). */
const noPatterns = () => false;

export function expected(answer: HeardAnswer, spec: HttpSpec): Measurement | null {
  const { status, headers, bytes, text } = answer;
  if (!statusExpected(spec.expectStatus, status)) {
    return failed('http.status', `HTTP ${status}, expected ${spec.expectStatus}`);
  }
  const byName = new Map(headers);
  for (const wanted of spec.headerMatch) {
    const expectation = parseHeaderExpectation(wanted);
    if (isUnreadable(expectation)) continue;
    const { ok, found } = meetsHeader(expectation, byName, noPatterns);
    const is = found === undefined ? 'is missing' : `is "${short(found)}"`;
    if (!ok) {
      const words = `header ${expectation.name} ${is}, expected ${short(wanted)}`;
      return failed('http.header', words, CRITICAL);
    }
  }
  const missing = spec.bodyContains.find((wanted) => !text.includes(wanted));
  if (missing !== undefined) {
    const words = `HTTP ${status}, the body does not contain "${short(missing)}" (${bytes} bytes)`;
    return failed('http.body', words, CRITICAL);
  }
  const unwanted = spec.bodyLacks.find((each) => text.includes(each));
  if (unwanted !== undefined) {
    return failed('http.body', `HTTP ${status}, the body contains "${short(unwanted)}"`, CRITICAL);
  }
  return spec.jsonMatch.length === 0 ? null : json(text, spec);
}

function json(text: string, spec: HttpSpec): Measurement | null {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return failed('http.json', 'the body is not JSON, or longer than is read of it', CRITICAL);
  }
  for (const wanted of spec.jsonMatch) {
    const expectation = parseJsonExpectation(wanted);
    if (isUnreadable(expectation)) continue;
    const { ok, found } = meetsJson(expectation, document, noPatterns);
    const is = found === undefined ? 'nothing is there' : `it is ${short(JSON.stringify(found))}`;
    if (!ok) return failed('http.json', `expected ${short(wanted)}; ${is}`, CRITICAL);
  }
  return null;
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
