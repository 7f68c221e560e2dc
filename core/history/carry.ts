// Where the fold of a check stood at the end of an hour: what the next hour goes on from.

import type { Status } from '../level.ts';
import { BitReader, BitWriter } from '../store/bits.ts';
import { freshForMs, newView, type View } from '../view.ts';
import type { Confirmed, Limits } from './follow.ts';

export interface Carry {
  /** By location. */
  views: Map<number, CarriedView>;
  /** Since when the check has been known not to be up, through any unknown; null = it is not so. */
  openSince: number | null;
}

export interface CarriedView {
  view: View;
  /** What this hour took an open run at its end for; the next hour says whether it was right. */
  confirmed: Confirmed | null;
}

export const NO_CARRY: Carry = { views: new Map(), openSince: null };

const VERSION = 1;
const STATUSES: readonly Status[] = ['up', 'degraded', 'down', 'unknown'];

/** `endAt`: the end of the hour, from which times are counted back. */
export function encodeCarry(carry: Carry, limits: Limits, endAt: number): Uint8Array<ArrayBuffer> {
  const out = new BitWriter();
  const freshFor = freshForMs(limits);
  out.bits(VERSION, 4);
  writeAgo(out, carry.openSince, endAt);
  out.number(freshFor);
  out.small(carry.views.size);
  for (const [locationId, { view, confirmed }] of byId(carry.views)) {
    out.small(locationId);
    const plain = isPlain(view, freshFor) && confirmed === null;
    out.bit(plain);
    if (plain) out.number(endAt - view.at);
    else writeView(out, view, confirmed, endAt);
  }
  return out.done();
}

export function decodeCarry(bytes: Uint8Array, endAt: number): Carry {
  const input = new BitReader(bytes);
  if (input.bits(4) !== VERSION) throw new Error('carry: unknown version');
  const openSince = readAgo(input, endAt);
  const freshFor = input.number();
  const views = new Map<number, CarriedView>();
  for (let left = input.small(); left > 0; left--) {
    const locationId = input.small();
    views.set(
      locationId,
      input.bit() ? plainView(endAt - input.number(), freshFor) : readView(input, endAt),
    );
  }
  return { views, openSince };
}

function isPlain(view: View, freshFor: number): boolean {
  return (
    view.level === 100 &&
    view.run === null &&
    !view.blind &&
    view.badSinceAt === null &&
    view.lastGoodAt === view.at &&
    view.seenGood &&
    view.freshForMs === freshFor
  );
}

function plainView(at: number, freshFor: number): CarriedView {
  const view: View = {
    ...newView(0),
    level: 100,
    sinceAt: 0,
    at,
    freshForMs: freshFor,
    lastGoodAt: at,
    seenGood: true,
  };
  return { view, confirmed: null };
}

function writeView(out: BitWriter, view: View, confirmed: Confirmed | null, endAt: number): void {
  const { run } = view;
  out.bits(view.level ?? 0, 10);
  out.bit(view.blind);
  out.bit(view.seenGood);
  writeAgo(out, view.at === 0 ? null : view.at, endAt);
  out.number(view.freshForMs);
  writeAgo(out, view.badSinceAt, endAt);
  writeAgo(out, view.lastGoodAt, endAt);
  out.bit(run !== null);
  if (run !== null) {
    out.bit(run.direction === 'worse');
    out.small(run.count);
    out.bits(run.level, 10);
    writeAgo(out, run.startedAt, endAt);
  }
  out.bit(confirmed !== null);
  if (confirmed !== null) {
    out.bits(STATUSES.indexOf(confirmed.status), 2);
    writeAgo(out, confirmed.sinceAt, endAt);
    writeAgo(out, confirmed.badSinceAt, endAt);
  }
}

function readView(input: BitReader, endAt: number): CarriedView {
  const level = input.bits(10);
  const [blind, seenGood] = [input.bit(), input.bit()];
  const at = readAgo(input, endAt) ?? 0;
  const freshFor = input.number();
  const [badSinceAt, lastGoodAt] = [readAgo(input, endAt), readAgo(input, endAt)];
  const view: View = {
    ...newView(0),
    level: level === 0 ? null : level,
    sinceAt: level === 0 ? null : 0,
    at,
    freshForMs: freshFor,
    badSinceAt,
    lastGoodAt,
    seenGood,
    blind,
  };
  if (input.bit()) {
    const direction = input.bit() ? 'worse' : 'better';
    const count = input.small();
    const runLevel = input.bits(10);
    const startedAt = readAgo(input, endAt) ?? 0;
    view.run = { direction, count, level: runLevel, startedAt, code: '', text: '' };
  }
  if (!input.bit()) return { view, confirmed: null };
  const status = STATUSES[input.bits(2)] as Status;
  const sinceAt = readAgo(input, endAt) ?? 0;
  return { view, confirmed: { status, sinceAt, badSinceAt: readAgo(input, endAt) } };
}

function writeAgo(out: BitWriter, at: number | null, endAt: number): void {
  out.bit(at !== null);
  if (at !== null) out.number(Math.max(0, endAt - at));
}

function readAgo(input: BitReader, endAt: number): number | null {
  return input.bit() ? endAt - input.number() : null;
}

function byId<T>(map: ReadonlyMap<number, T>): Array<[number, T]> {
  return [...map].sort((a, b) => a[0] - b[0]);
}
