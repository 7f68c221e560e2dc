// Whether an answer is what a check expects.
import type { DnsSpec } from '#core/checks/dns.ts';
import { CRITICAL, ERROR, type Level, WARNING } from '#core/level.ts';
import { Failure } from '../failure.ts';
import { matches } from '../http/match.ts';
import type { Reply } from './message.ts';
import { normalized } from './value.ts';

/** What is wrong, and how bad that is. */
export interface Fault {
  failure: Failure;
  level: Level;
}

interface Asked {
  name: string;
  type: string;
}

/** The first thing that is not as expected; null when all is. */
export function faultOf(reply: Reply, { name, type }: Asked, spec: DnsSpec): Fault | null {
  const question = `${name} ${type}`;
  const wrongCode = codeFault(reply, question, spec);
  if (wrongCode) return wrongCode;
  const values = reply.records.map(({ value }) => value);
  const wrongValue =
    valueFault(values, type, question, spec) ?? matchFault(values, question, spec.expectMatch);
  if (wrongValue) return fault('dns.value', wrongValue, CRITICAL);
  if (spec.requireAd && !reply.validated) {
    return fault('dns.not_validated', `${question}: the resolver did not validate it`, CRITICAL);
  }
  return ttlFault(reply, question, spec);
}

function codeFault({ rcode, records }: Reply, question: string, spec: DnsSpec): Fault | null {
  const wanted = spec.rcode === 'NODATA' ? 'NOERROR' : spec.rcode;
  if (rcode !== wanted) {
    return fault('dns.rcode', `${question}: ${rcode}, expected ${spec.rcode}`, ERROR);
  }
  if (spec.rcode === 'NOERROR' && records.length === 0) {
    return fault('dns.no_records', `${question}: the name exists, but has no such record`, ERROR);
  }
  if (spec.rcode === 'NODATA' && records.length > 0) {
    return fault(
      'dns.rcode',
      `${question}: ${few(records.map(({ value }) => value))}, expected none`,
      ERROR,
    );
  }
  return null;
}

function valueFault(
  values: readonly string[],
  type: string,
  question: string,
  { expect, compare, forbid }: DnsSpec,
): string | null {
  const forbidden = forbid
    .map((text) => normalized(type, text))
    .find((each) => values.includes(each));
  if (forbidden !== undefined)
    return `${question}: ${few([forbidden])} is there, which it must not`;
  if (expect.length === 0) return null;
  const wanted = expect.map((text) => normalized(type, text));
  const missing = wanted.filter((each) => !values.includes(each));
  const more = values.filter((each) => !wanted.includes(each));
  const has = `${question} is ${few(values)}`;
  if (compare === 'any of') {
    return missing.length === wanted.length ? `${has}, not any of ${few(wanted)}` : null;
  }
  if (missing.length > 0) return `${has}, without ${few(missing)}`;
  return compare === 'exactly' && more.length > 0 ? `${question} also has ${few(more)}` : null;
}

function matchFault(
  values: readonly string[],
  question: string,
  pattern: string | undefined,
): string | null {
  if (pattern === undefined) return null;
  const found = values.map((value) => matches(pattern, value));
  if (found.includes(true)) return null;
  const shown = `/${pattern.slice(0, 60)}/`;
  if (found.includes(null)) return `searching ${question} for ${shown} took too long`;
  return `${question} is ${few(values)}, which does not match ${shown}`;
}

function ttlFault({ records }: Reply, question: string, { minTtl, maxTtl }: DnsSpec): Fault | null {
  const short = records.find(({ ttl }) => minTtl !== undefined && ttl < minTtl);
  const long = records.find(({ ttl }) => maxTtl !== undefined && ttl > maxTtl);
  if (short)
    return fault('dns.ttl', `${question} lives ${short.ttl} s, less than ${minTtl} s`, WARNING);
  if (long)
    return fault('dns.ttl', `${question} lives ${long.ttl} s, more than ${maxTtl} s`, WARNING);
  return null;
}

function fault(code: Failure['code'], text: string, level: Level): Fault {
  return { failure: new Failure(code, text), level };
}

/** At most three of many, each cut. */
function few(values: readonly string[]): string {
  if (values.length === 0) return 'nothing';
  const shown = values
    .slice(0, 3)
    .map((value) => (value.length > 60 ? `${value.slice(0, 59)}…` : value));
  const rest = values.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
