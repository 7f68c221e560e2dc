// One check in one hour, as it is kept: per location every reading and the runs of its status, the merged runs, and
// the limits they were judged by.
//
//   u16 checksum · bits: version · limits · outcomes · merged runs · locations
//   location: id · assigned · runs · readings
//   readings: times as steps on the grid of the interval and ms beside it; outcomes as run lengths; RTT (log16) as the
//     difference from their mean. What is small takes few bits (core/store/bits.ts).
import type { Status } from '../level.ts';
import type { Policy } from '../policy.ts';
import { BitReader, BitWriter, folded, riceBits } from '../store/bits.ts';
import { checksum16 } from '../store/checksum.ts';
import { Outcomes, readOutcomes, writeOutcomes } from '../store/outcome.ts';
import type { Limits } from './follow.ts';
import type { Run } from './mergeMarks.ts';
import { noReadings, outcomeOf, type Readings, rttOf, saying } from './readings.ts';

export const HOUR_MS = 3_600_000;

export interface Judging extends Limits {
  policy: Policy;
}

/** No due time is spread over more than this, however long the pause after it is. */
const POINT_MS = 600_000;

/** Readings of one such span of time are one point of the merged line. */
export function pointMs({ intervalMs }: Judging): number {
  return Math.min(intervalMs, POINT_MS);
}

export interface ChunkLocation {
  locationId: number;
  /** It was to probe the check. */
  assigned: boolean;
  runs: Run[];
  readings: Readings;
}

export interface Chunk {
  judging: Judging;
  merged: Run[];
  /** By id. */
  locations: ChunkLocation[];
}

const VERSION = 2;
/** What the version before wrote is read as well. */
const WITHOUT_ASKED = 1;
const STATUSES: readonly Status[] = ['up', 'degraded', 'down', 'unknown'];

/** The same content gives the same bytes. `outcomes` is what `said` refers to. */
export function encodeChunk(
  chunk: Chunk,
  outcomes: Outcomes,
  hourAt: number,
): Uint8Array<ArrayBuffer> {
  const own = new Outcomes();
  const ids = new Map<number, number>([[0, 0]]);
  for (const { readings } of chunk.locations) {
    for (const said of readings.said) {
      if (said < 65_536) continue;
      const id = outcomeOf(said);
      if (!ids.has(id)) ids.set(id, own.idOf(outcomes.get(id)));
    }
  }
  const out = new BitWriter();
  out.bits(VERSION, 4);
  writeJudging(out, chunk.judging);
  writeOutcomes(out, own.list);
  writeRuns(out, chunk.merged, hourAt);
  out.small(chunk.locations.length);
  for (const { locationId, assigned, runs, readings } of chunk.locations) {
    out.small(locationId);
    out.bit(assigned);
    writeRuns(out, runs, hourAt);
    out.number(readings.at.length);
    if (readings.at.length === 0) continue;
    writeTimes(out, readings.at, chunk.judging.intervalMs, hourAt);
    writeOutcomeRuns(out, readings.said, ids);
    writeRtts(out, readings.said);
  }
  const body = out.done();
  const bytes = new Uint8Array(2 + body.length);
  new DataView(bytes.buffer).setUint16(0, checksum16(body));
  bytes.set(body, 2);
  return bytes;
}

/** Throws on bytes that are not whole. Outcomes are numbered into `outcomes`. */
export function decodeChunk(bytes: Uint8Array, outcomes: Outcomes, hourAt: number): Chunk {
  const body = bytes.subarray(2);
  const sum = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (bytes.length < 4 || checksum16(body) !== sum) throw new Error('chunk: corrupt');
  const input = new BitReader(body);
  const version = input.bits(4);
  if (version !== VERSION && version !== WITHOUT_ASKED) throw new Error('chunk: unknown version');
  const judging = readJudging(input);
  const ids = readOutcomes(input, version !== WITHOUT_ASKED).map((outcome) =>
    outcomes.idOf(outcome),
  );
  const merged = readRuns(input, hourAt);
  const locations: ChunkLocation[] = [];
  for (let left = input.small(); left > 0; left--) {
    const locationId = input.small();
    const assigned = input.bit();
    const runs = readRuns(input, hourAt);
    const count = input.number();
    const readings = count === 0 ? noReadings() : readReadings(input, count, judging, ids, hourAt);
    locations.push({ locationId, assigned, runs, readings });
  }
  return { judging, merged, locations };
}

function readReadings(
  input: BitReader,
  count: number,
  { intervalMs }: Judging,
  ids: readonly number[],
  hourAt: number,
): Readings {
  if (count > HOUR_MS) throw new RangeError('too many readings');
  const at = readTimes(input, count, intervalMs, hourAt);
  const said = readOutcomeRuns(input, count, ids);
  readRtts(input, said);
  return { at, said: said.map(({ outcome, rtt }) => saying(outcome, rtt)) };
}

const POLICIES = ['any', 'majority', 'all', 'atLeast', 'required'] as const;

function writeJudging(out: BitWriter, judging: Judging): void {
  const { policy } = judging;
  out.number(judging.intervalMs);
  out.number(judging.timeoutMs);
  out.number(judging.flushMs);
  out.small(judging.failures);
  out.small(judging.successes);
  out.small(POLICIES.indexOf(policy.type));
  if (policy.type === 'atLeast') out.small(policy.n);
  if (policy.type === 'required') {
    out.small(policy.locations.length);
    for (const id of policy.locations) out.small(id);
  }
}

function readJudging(input: BitReader): Judging {
  const limits = {
    intervalMs: Math.max(1, input.number()),
    timeoutMs: input.number(),
    flushMs: input.number(),
    failures: input.small(),
    successes: input.small(),
  };
  const type = POLICIES[input.small()];
  if (type === undefined) throw new RangeError('no such policy');
  if (type === 'atLeast') return { ...limits, policy: { type, n: input.small() } };
  if (type !== 'required') return { ...limits, policy: { type } };
  const locations = Array.from({ length: input.small() }, () => input.small());
  return { ...limits, policy: { type, locations } };
}

/** The first run stands at the start of the hour. */
function writeRuns(out: BitWriter, runs: readonly Run[], hourAt: number): void {
  out.small(runs.length - 1);
  for (const [index, { fromAt, status }] of runs.entries()) {
    if (index > 0) out.wide(fromAt - hourAt, 22);
    out.bits(STATUSES.indexOf(status), 2);
  }
}

function readRuns(input: BitReader, hourAt: number): Run[] {
  const runs: Run[] = [];
  for (let left = input.small(); left >= 0; left--) {
    const fromAt = hourAt + (runs.length > 0 ? input.wide(22) : 0);
    runs.push({ fromAt, status: STATUSES[input.bits(2)] as Status });
  }
  return runs;
}

/** Steps of the interval since the first reading (mostly 1), and how far beside the grid each one was. */
function writeTimes(
  out: BitWriter,
  at: readonly number[],
  intervalMs: number,
  hourAt: number,
): void {
  const phase = phaseOf(at, intervalMs);
  const count = at.length;
  const { steps, beside } = scratchFor(count);
  const half = intervalMs / 2;
  let [step, sum, regular] = [0, 0, true];
  for (let i = 0; i < count; i++) {
    const apart = (at[i] as number) - phase;
    // Nearly always it is the next one.
    let now = i === 0 ? 0 : step + 1;
    let off = apart - now * intervalMs;
    if (i > 0 && (off < -half || off >= half)) {
      now = Math.max(step, Math.round(apart / intervalMs));
      off = apart - now * intervalMs;
    }
    if (i > 0 && now - step !== 1) regular = false;
    steps[i] = now - step;
    beside[i] = off;
    step = now;
    sum += Math.min(folded(off), 2 * intervalMs);
  }
  const k = riceBits(sum / count);
  out.wide(phase - hourAt + intervalMs, 42);
  out.bits(k, 4);
  out.bit(regular);
  if (regular) out.rices(beside, count, k);
  else
    for (let i = 0; i < count; i++) {
      if (i > 0) writeStep(out, steps[i] as number);
      out.rice(beside[i] as number, k);
    }
}

let scratch = { steps: new Int32Array(512), beside: new Int32Array(512) };

/** Room for the numbers of one location, used over and over. */
function scratchFor(count: number): typeof scratch {
  if (scratch.steps.length < count) {
    scratch = { steps: new Int32Array(2 * count), beside: new Int32Array(2 * count) };
  }
  return scratch;
}

/** The grid that runs through the middle one of three readings. */
function phaseOf(at: readonly number[], intervalMs: number): number {
  const first = at[0] as number;
  const residue = (index: number) => {
    const apart = (at[index] as number) - first;
    return apart - Math.round(apart / intervalMs) * intervalMs;
  };
  const [, middle = 0] = [0, residue(at.length >> 1), residue(at.length - 1)].sort((a, b) => a - b);
  return first + middle;
}

/** 1 → one bit, 0 → two. */
function writeStep(out: BitWriter, step: number): void {
  out.bit(step === 1);
  if (step === 1) return;
  out.bit(step === 0);
  if (step !== 0) out.small(step - 2);
}

function readTimes(input: BitReader, count: number, intervalMs: number, hourAt: number): number[] {
  const at: number[] = [];
  let slotAt = hourAt - intervalMs + input.wide(42);
  const k = input.bits(4);
  const regular = input.bit();
  for (let i = 0; i < count; i++) {
    if (i > 0 && (regular || input.bit())) slotAt += intervalMs;
    else if (i > 0 && !input.bit()) slotAt += (input.small() + 2) * intervalMs;
    at.push(slotAt + input.rice(k));
  }
  return at;
}

/** Runs of results that say the same; whether they have an RTT counts as saying. */
function writeOutcomeRuns(
  out: BitWriter,
  said: readonly number[],
  ids: ReadonlyMap<number, number>,
): void {
  const runs: Array<[outcome: number, timed: boolean, length: number]> = [];
  let start = 0;
  for (let i = 1; i <= said.length; i++) {
    const held = said[start] as number;
    const next = said[i];
    const same =
      next !== undefined &&
      outcomeOf(next) === outcomeOf(held) &&
      (rttOf(next) !== 0) === (rttOf(held) !== 0);
    if (same) continue;
    runs.push([ids.get(outcomeOf(held)) as number, rttOf(held) !== 0, i - start]);
    start = i;
  }
  out.small(runs.length - 1);
  for (const [index, [outcome, timed, length]] of runs.entries()) {
    out.small(outcome);
    out.bit(timed);
    if (index < runs.length - 1) out.small(length - 1);
  }
}

interface Said {
  outcome: number;
  timed: boolean;
  rtt: number;
}

function readOutcomeRuns(input: BitReader, count: number, ids: readonly number[]): Said[] {
  const said: Said[] = [];
  for (let runs = input.small(); runs >= 0; runs--) {
    const outcome = ids[input.small()];
    if (outcome === undefined) throw new RangeError('no such outcome');
    const timed = input.bit();
    const length = runs === 0 ? count - said.length : input.small() + 1;
    if (length < 1 || said.length + length > count) throw new RangeError('too many outcomes');
    for (let i = 0; i < length; i++) said.push({ outcome, timed, rtt: 0 });
  }
  return said;
}

function writeRtts(out: BitWriter, said: readonly number[]): void {
  const { steps: codes } = scratchFor(said.length);
  let [count, sum] = [0, 0];
  for (let i = 0; i < said.length; i++) {
    const rtt = rttOf(said[i] as number);
    if (rtt === 0) continue;
    codes[count++] = rtt;
    sum += rtt;
  }
  if (count === 0) return;
  const mean = Math.round(sum / count);
  let size = 0;
  for (let i = 0; i < count; i++) {
    const beside = (codes[i] as number) - mean;
    codes[i] = beside;
    size += folded(beside);
  }
  const k = riceBits(size / count);
  out.bits(mean, 16);
  out.bits(k, 4);
  out.rices(codes, count, k);
}

function readRtts(input: BitReader, said: Said[]): void {
  if (!said.some(({ timed }) => timed)) return;
  const mean = input.bits(16);
  const k = input.bits(4);
  for (const each of said) if (each.timed) each.rtt = mean + input.rice(k);
}
