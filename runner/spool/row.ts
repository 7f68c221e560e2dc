// A result as the spool keeps it: one short JSON array, about 50 bytes.
import type { Metric, Phases } from '#core/reading.ts';
import { flagged, flagsOf, type Result } from '#core/wire/results.ts';

/** A result on its way, with the shard it is posted to. */
export interface SpooledResult {
  shard: number;
  result: Result;
}

type More = { phases?: Phases; metrics?: Metric[]; detail?: string };

type Row = [
  shard: number,
  checkId: number,
  rev: number,
  at: number,
  level: number | null,
  rttUs: number | null,
  flags: number,
  code: string,
  text: string,
  more?: More,
];

/** The payload of one frame. */
export function encodeRows(results: readonly SpooledResult[]): Uint8Array {
  return Buffer.from(JSON.stringify(results.map(toRow)));
}

/** The results of one frame's payload, whose CRC was right. */
export function decodeRows(payload: Uint8Array): SpooledResult[] {
  return (JSON.parse(Buffer.from(payload).toString('utf8')) as Row[]).map(fromRow);
}

function toRow({ shard, result }: SpooledResult): Row {
  const { checkId, rev, at, level, rttUs, code, text, phases, metrics, detail } = result;
  const row: Row = [shard, checkId, rev, at, level, rttUs, flagsOf(result), code, text];
  // The wire carries phases only beside metrics or detail.
  if (metrics || detail) {
    row.push({ ...(phases && { phases }), ...(metrics && { metrics }), ...(detail && { detail }) });
  }
  return row;
}

function fromRow([
  shard,
  checkId,
  rev,
  at,
  level,
  rttUs,
  flags,
  code,
  text,
  more,
]: Row): SpooledResult {
  return {
    shard,
    result: { checkId, rev, at, level, rttUs, code, text, ...more, ...flagged(flags) },
  };
}
