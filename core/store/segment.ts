// Results as they arrive: one flush of one block of checks is one segment, appended to a row and readable by itself.
//
//   u8 version (4, or 3 where the checks lie evenly) · u16 bytes of the body · u16 checksum of the body · body
//   body, in bits: base (epoch ms, 42) · outcomes · grids · the rest
//   grid: every result that was taken at its check's place on the wall clock (core/schedule.ts). Which checks are due
//     when follows from position, interval and how they lie, so a slot says only "all of them" or one bit for each, and how many ms
//     after the slot the wake-up began.
//   the rest (retries, re-probes, other clocks): position and time in full.
//   A result is its RTT in 16 bits (log16); 0 there announces an outcome that is not plain, or no RTT.
import { type Lay, layOf, offsetMs, slotMs } from '../schedule.ts';
import { BitReader, BitWriter, folded, riceBits } from './bits.ts';
import { checksum16 } from './checksum.ts';
import { toLog16 } from './log16.ts';
import { type Outcome, Outcomes, readOutcomes, writeOutcomes } from './outcome.ts';

/** How the checks lie in what these versions wrote. */
const LAYS: Readonly<Record<number, Lay>> = { 2: 'even', 3: 'even', 4: 'gathered' };
const VERSIONS: Record<Lay, number> = { even: 3, gathered: 4 };
/** An old one, which lies there when a worker is upgraded. */
const WITHOUT_ASKED = 2;
const HEADER = 5;
/** Positions of one block; a shard has four. */
export const BLOCK = 250;
/** A reading further from its place than this is told in full. */
const ON_GRID_MS = 500;
const MIN_ON_GRID = 4;
/** Slower checks bring so few results that they are told in full. */
const MAX_INTERVAL_MS = 600_000;
const MAX_SLOTS = 4096;

/** One result on its way into a row. */
export interface StoredResult {
  position: number;
  intervalMs: number;
  at: number;
  level: number | null;
  rttUs: number | null;
  code: string;
  blind: boolean;
  old: boolean;
  asked: boolean;
}

/** Called with each result of a segment; `outcome` counts in `outcomes`. */
export type Visit = (position: number, at: number, rtt: number, outcome: number) => void;

/** Which results of a row are looked at. */
export interface Wanted {
  /** Positions from … up to, but not including, to. */
  from: number;
  to: number;
  /** Segments that begin at or after this are passed over: nothing in them is older. */
  untilAt?: number;
  /** Segments that begin before this are passed over, whatever they end with. */
  sinceAt?: number;
}

const ALL: Wanted = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** The block a position lies in. */
export function blockOf(position: number): number {
  return Math.floor(position / BLOCK);
}

/** Packs results of one block of a shard. */
export function encodeSegment(
  shard: number,
  results: readonly StoredResult[],
): Uint8Array<ArrayBuffer> {
  const sorted = [...results].sort((a, b) => a.at - b.at || a.position - b.position);
  const first = sorted[0];
  if (!first) return new Uint8Array(0);
  const base = first.at;
  const block = blockOf(first.position);
  const lay = layOf(shard);
  const outcomes = new Outcomes();
  const packed: Packed[] = sorted.map((result) => ({
    position: result.position - block * BLOCK,
    at: result.at,
    intervalMs: result.intervalMs,
    rtt: toLog16(result.rttUs),
    outcome: outcomes.idOf(result),
  }));
  const { grids, rest } = ontoGrids(packed, block, lay);
  const out = new BitWriter();
  out.wide(base, 42);
  out.bits(block, 4);
  writeOutcomes(out, outcomes.list);
  out.small(grids.length);
  for (const grid of grids) writeGrid(out, grid, base);
  writeRest(out, rest, base);
  const body = out.done();
  const bytes = new Uint8Array(HEADER + body.length);
  const head = new DataView(bytes.buffer);
  head.setUint8(0, VERSIONS[lay]);
  head.setUint16(1, body.length);
  head.setUint16(3, checksum16(body));
  bytes.set(body, HEADER);
  return bytes;
}

interface Packed {
  position: number;
  at: number;
  intervalMs: number;
  rtt: number;
  outcome: number;
}

interface Grid {
  places: Places;
  /** Positions from here on are not in it. */
  limit: number;
  firstSlot: number;
  slots: Packed[][];
}

/** Where the positions of a block are due on the grid of one interval. */
interface Places {
  intervalMs: number;
  stepMs: number;
  slotsPerInterval: number;
  offsets: number[];
  /** By slot within the interval, ascending. */
  positions: number[][];
}

const known: Record<Lay, Map<number, Places>> = { even: new Map(), gathered: new Map() };

function placesOf(intervalMs: number, block: number, lay: Lay): Places {
  const key = intervalMs * 16 + block;
  const held = known[lay].get(key);
  if (held) return held;
  const stepMs = slotMs(intervalMs);
  const slotsPerInterval = Math.max(1, Math.floor(intervalMs / stepMs));
  const offsets = Array.from({ length: BLOCK }, (_, local) =>
    offsetMs(block * BLOCK + local, intervalMs, lay),
  );
  const positions: number[][] = Array.from({ length: slotsPerInterval }, () => []);
  for (const [local, offset] of offsets.entries()) positions[offset / stepMs]?.push(local);
  const places = { intervalMs, stepMs, slotsPerInterval, offsets, positions };
  if (known[lay].size >= 100) known[lay].clear();
  known[lay].set(key, places);
  return places;
}

function ontoGrids(
  packed: readonly Packed[],
  block: number,
  lay: Lay,
): { grids: Grid[]; rest: Packed[] } {
  const byInterval = new Map<number, Packed[]>();
  for (const each of packed) {
    const list = byInterval.get(each.intervalMs);
    if (list) list.push(each);
    else byInterval.set(each.intervalMs, [each]);
  }
  const grids: Grid[] = [];
  const rest: Packed[] = [];
  for (const [intervalMs, list] of byInterval) {
    const many = list.length >= MIN_ON_GRID && intervalMs <= MAX_INTERVAL_MS;
    const grid = many ? gridOf(placesOf(intervalMs, block, lay), list, rest) : null;
    if (grid) grids.push(grid);
    else rest.push(...list);
  }
  return { grids, rest: rest.sort((a, b) => a.at - b.at || a.position - b.position) };
}

/** Null when so few stand on the grid, so far apart, that it does not pay. */
function gridOf(places: Places, list: readonly Packed[], rest: Packed[]): Grid | null {
  const slots = new Map<number, Packed[]>();
  const off: Packed[] = [];
  for (const each of list) {
    const slot = slotOf(places, each);
    const held = slot === null ? undefined : slots.get(slot);
    if (slot === null) off.push(each);
    else if (held === undefined) slots.set(slot, [each]);
    else if (held[0]?.at === each.at && !held.some(({ position }) => position === each.position))
      held.push(each);
    else off.push(each);
  }
  const numbers = [...slots.keys()].sort((a, b) => a - b);
  const firstSlot = numbers[0] ?? 0;
  const count = (numbers.at(-1) ?? 0) - firstSlot + 1;
  if (list.length - off.length < MIN_ON_GRID || count > MAX_SLOTS) return null;
  rest.push(...off);
  const limit = Math.max(...[...slots.values()].flat().map(({ position }) => position)) + 1;
  return {
    places,
    limit,
    firstSlot,
    slots: Array.from({ length: count }, (_, index) => slots.get(firstSlot + index) ?? []),
  };
}

function slotOf(
  { intervalMs, stepMs, slotsPerInterval, offsets }: Places,
  { position, at }: Packed,
): number | null {
  const offset = offsets[position] as number;
  const turn = Math.round((at - offset) / intervalMs);
  if (Math.abs(at - offset - turn * intervalMs) > ON_GRID_MS) return null;
  return turn * slotsPerInterval + offset / stepMs;
}

function slotAt({ intervalMs, stepMs, slotsPerInterval }: Places, slot: number): number {
  const turn = Math.floor(slot / slotsPerInterval);
  return turn * intervalMs + (slot - turn * slotsPerInterval) * stepMs;
}

/** The slot whose turn the base lies in: where counting starts. */
function baseSlot({ intervalMs, stepMs, slotsPerInterval }: Places, base: number): number {
  const turn = Math.floor(base / intervalMs);
  const within = Math.floor((base - turn * intervalMs) / stepMs);
  return turn * slotsPerInterval + Math.min(slotsPerInterval - 1, within);
}

function writeGrid(out: BitWriter, { places, limit, firstSlot, slots }: Grid, base: number): void {
  const deviations = slots.map((slot, index) =>
    slot[0] ? slot[0].at - slotAt(places, firstSlot + index) : 0,
  );
  const taken = slots.filter(({ length }) => length > 0).length;
  const k = riceBits(deviations.reduce((sum, each) => sum + folded(each), 0) / Math.max(1, taken));
  out.number(places.intervalMs);
  out.bits(limit, 8);
  out.bits(k, 4);
  out.rice(firstSlot - baseSlot(places, base), 2);
  out.small(slots.length);
  for (const [index, slot] of slots.entries()) {
    const due = dueAt(places, firstSlot + index, limit);
    if (due.length === 0) continue;
    const full = slot.length === due.length;
    out.bit(full);
    const byPosition = slot.toSorted((a, b) => a.position - b.position);
    if (!full) {
      let next = 0;
      for (const position of due) {
        const present = byPosition[next]?.position === position;
        if (present) next++;
        out.bit(present);
      }
      if (slot.length === 0) continue;
    }
    out.rice(deviations[index] as number, k);
    for (const result of byPosition) writeSaid(out, result);
  }
}

function dueAt({ positions, slotsPerInterval }: Places, slot: number, limit: number): number[] {
  const within = slot - Math.floor(slot / slotsPerInterval) * slotsPerInterval;
  return dueOf(positions[within] as number[], limit);
}

function dueOf(all: number[], limit: number): number[] {
  return (all[all.length - 1] ?? 0) < limit ? all : all.filter((position) => position < limit);
}

function writeRest(out: BitWriter, rest: readonly Packed[], base: number): void {
  let before = base;
  const gaps = rest.map(({ at }) => {
    const gap = at - before;
    before = at;
    return gap;
  });
  const k = riceBits((gaps.reduce((sum, gap) => sum + gap, 0) * 2) / Math.max(1, gaps.length));
  out.small(rest.length);
  if (rest.length > 0) out.bits(k, 4);
  for (const [index, result] of rest.entries()) {
    out.bits(result.position, 8);
    out.rice(gaps[index] as number, k);
    writeSaid(out, result);
  }
}

function writeSaid(out: BitWriter, { rtt, outcome }: Packed): void {
  if (outcome === 0 && rtt !== 0) {
    out.bits(rtt, 16);
    return;
  }
  out.bits(0, 16);
  out.small(outcome);
  out.bits(rtt, 16);
}

/**
 * Reads all segments of a row, or of some positions what it holds. A segment that is not one of ours is skipped and counted; what stands before and after
 * it is read.
 */
export function readSegments(
  bytes: Uint8Array,
  outcomes: Outcomes,
  visit: Visit,
  wanted: Wanted = ALL,
): { corrupt: number } {
  let corrupt = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const end = at + HEADER + length;
    const version = bytes[at] as number;
    if (LAYS[version] === undefined || end > bytes.length) return { corrupt: corrupt + 1 };
    const body = bytes.subarray(at + HEADER, end);
    const sum = ((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number);
    at = end;
    if (checksum16(body) !== sum) corrupt++;
    else if (!isPassedOver(body, wanted) && !tryRead(body, version, outcomes, visit, wanted))
      corrupt++;
  }
  return { corrupt };
}

/** By the 42 bits it begins with. */
function isPassedOver(body: Uint8Array, { sinceAt = 0, untilAt }: Wanted): boolean {
  if ((untilAt === undefined && sinceAt === 0) || body.length < 6) return false;
  const high = (body[0] as number) * 65_536 + ((body[1] as number) << 8) + (body[2] as number);
  const low = ((body[3] as number) << 10) | ((body[4] as number) << 2) | ((body[5] as number) >> 6);
  const base = high * 2 ** 18 + low;
  return base < sinceAt || base >= (untilAt ?? Number.POSITIVE_INFINITY);
}

/** All results of a row as they went in; throws on one that is corrupt. */
export function decodeSegments(bytes: Uint8Array): Array<Outcome & Omit<Packed, 'intervalMs'>> {
  const outcomes = new Outcomes();
  const results: Array<Outcome & Omit<Packed, 'intervalMs'>> = [];
  const { corrupt } = readSegments(bytes, outcomes, (position, at, rtt, outcome) => {
    results.push({ position, at, rtt, outcome, ...outcomes.get(outcome) });
  });
  if (corrupt > 0) throw new Error('segment: corrupt');
  return results;
}

function tryRead(
  body: Uint8Array,
  version: number,
  outcomes: Outcomes,
  visit: Visit,
  wanted: Wanted,
): boolean {
  try {
    readSegment(new BitReader(body), version, outcomes, visit, wanted);
    return true;
  } catch {
    return false;
  }
}

function readSegment(
  input: BitReader,
  version: number,
  outcomes: Outcomes,
  visit: Visit,
  wanted: Wanted,
): void {
  const base = input.wide(42);
  const block = input.bits(4);
  const told = readOutcomes(input, version !== WITHOUT_ASKED);
  const ids = told.length === 1 ? ONLY_PLAIN : told.map((outcome) => outcomes.idOf(outcome));
  const reading: Reading = { ids, visit, wanted };
  const lay = LAYS[version] as Lay;
  for (let grids = input.small(); grids > 0; grids--) readGrid(input, base, block, lay, reading);
  const count = input.small();
  const k = count > 0 ? input.bits(4) : 0;
  let at = base;
  for (let left = count; left > 0; left--) {
    const position = block * BLOCK + input.bits(8);
    at += input.rice(k);
    readSaid(input, position, at, reading);
  }
}

const ONLY_PLAIN: readonly number[] = [0];

interface Reading {
  ids: readonly number[];
  visit: Visit;
  wanted: Wanted;
}

/** Of one slot: no more than positions in a block. */
const shorts = new Int32Array(BLOCK);

function readGrid(input: BitReader, base: number, block: number, lay: Lay, reading: Reading): void {
  const { visit, wanted } = reading;
  const first = block * BLOCK;
  const [from, to] = [wanted.from - first, wanted.to - first];
  const intervalMs = input.number();
  if (intervalMs < 1 || intervalMs > MAX_INTERVAL_MS) throw new RangeError('not an interval');
  const places = placesOf(intervalMs, block, lay);
  const limit = input.bits(8);
  const k = input.bits(4);
  const firstSlot = baseSlot(places, base) + input.rice(2);
  const count = input.small();
  if (count > MAX_SLOTS) throw new RangeError('too many slots');
  const { positions, slotsPerInterval, stepMs } = places;
  let turn = Math.floor(firstSlot / slotsPerInterval);
  let within = firstSlot - turn * slotsPerInterval;
  for (let left = count; left > 0; left--, within++) {
    if (within === slotsPerInterval) {
      within = 0;
      turn++;
    }
    let due = dueOf(positions[within] as number[], limit);
    if (due.length === 0) continue;
    if (!input.bit()) due = due.filter(() => input.bit());
    if (due.length === 0) continue;
    const at = turn * intervalMs + within * stepMs + input.rice(k);
    for (let i = 0; i < due.length; ) {
      // Nearly always all of them: plain and timed.
      const end = i + input.shorts(shorts, due.length - i);
      for (let n = 0; i < end; i++, n++) {
        const local = due[i] as number;
        if (local >= from && local < to) visit(first + local, at, shorts[n] as number, 0);
      }
      if (i < due.length) readSaid(input, first + (due[i++] as number), at, reading);
    }
  }
}

function readSaid(
  input: BitReader,
  position: number,
  at: number,
  { ids, visit, wanted }: Reading,
): void {
  const rtt = input.bits(16);
  const is = position >= wanted.from && position < wanted.to;
  if (rtt !== 0) {
    if (is) visit(position, at, rtt, 0);
    return;
  }
  const outcome = ids[input.small()];
  if (outcome === undefined) throw new RangeError('no such outcome');
  const timed = input.bits(16);
  if (is) visit(position, at, timed, outcome);
}
