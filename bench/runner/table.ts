// A line of the table for each client.
import { partMs, partsOf } from '#core/schedule.ts';
import { awayUs, type Kind } from './plan.ts';
import type { Told } from './targets.ts';
import type { Report } from './worker.ts';

export interface Row {
  name: string;
  usPerCheck: number;
  /** Of its target; null = there is none that can tell. */
  told: Told | null;
  memory: { peak: number; now: number };
  /** Of our own runners. */
  report: Report | null;
}

interface Terms {
  kind: Kind;
  /** How many checks there were to be. */
  due: number;
  /** Of the checks in each second of the interval. */
  weights: readonly number[];
  /** What the row is compared with. */
  ours: number;
  /** The mean round trip to the targets; 0 = they are on this machine. */
  awayMs: number;
  /** They have names: what is reported holds the time they took to resolve. */
  named: boolean;
}

const WIDTHS = [20, 11, 8, 8, 18, 20, 10] as const;

export function headRow(): string {
  const late = 'late p50/p99 ms';
  return line(['', 'µs a check', '× ours', 'missed', late, 'RTT err p50/p99 ms', 'peak MiB']);
}

export function row({ name, usPerCheck, told, memory, report }: Row, terms: Terms): string {
  const { due, ours } = terms;
  if (usPerCheck === 0) return line([name, 'did not run']);
  const seen = told?.connections ?? report?.checks ?? null;
  return line([
    name,
    usPerCheck.toFixed(usPerCheck < 100 ? 1 : 0),
    (usPerCheck / ours).toFixed(2),
    seen === null ? '' : String(due - seen),
    report ? latenessOf(report, told, terms) : '',
    report ? errorOf(terms, report.rttUs, told?.ownUs ?? {}) : '',
    memory.peak.toFixed(0),
  ]);
}

/**
 * Over loopback the kernel takes next to no time: what is reported beyond the target's own time, and the way to it and
 * back (http: twice, once to connect), is our error.
 */
function errorOf(
  { kind, awayMs, named }: Terms,
  rttUs: Report['rttUs'],
  ownUs: Told['ownUs'],
): string {
  const errors: number[] = [];
  const ways = kind === 'http' ? 2 : 1;
  if (kind === 'script' || kind === 'https' || named) return '';
  for (const [index, us] of Object.entries(rttUs)) {
    // What a far target calls its own is mostly the way there.
    const own = kind === 'http' && awayMs === 0 ? ownUs[`/${index}`] : 0;
    const wayUs = awayMs === 0 ? 0 : ways * awayUs(kind, Number(index), awayMs);
    if (own !== undefined) errors.push((us - own - wayUs) / 1000);
  }
  return errors.length === 0 ? '' : shares(errors, 2);
}

/** To the slot, as the target saw it: slots are whole seconds. Without a target as the runner tells it. */
function latenessOf({ health }: Report, told: Told | null, { weights, awayMs }: Terms): string {
  // From far away they come when they come.
  if (told && told.acceptedAt.length > 0 && awayMs === 0) {
    return shares(
      told.acceptedAt.map((at) => afterItsPartMs(at, weights)),
      1,
    );
  }
  const { latenessP50Ms = null, latenessP99Ms = null } = health ?? {};
  return latenessP50Ms === null ? '' : `${latenessP50Ms} / ${latenessP99Ms} (own)`;
}

/** Since the beginning of that part of its slot in which a check reached its target. `weights`: of the interval's slots. */
export function afterItsPartMs(acceptedAt: number, weights: readonly number[]): number {
  const afterMs = acceptedAt % 1000;
  const weight = weights[Math.floor(acceptedAt / 1000) % weights.length] ?? 0;
  const parts = partsOf(weight, 1000);
  const starts = Array.from({ length: parts }, (_, index) => partMs(index, parts, 1000));
  return afterMs - (starts.findLast((startMs) => startMs <= afterMs) ?? 0);
}

function shares(values: number[], digits: number): string {
  values.sort((a, b) => a - b);
  const at = (share: number) =>
    values[Math.min(values.length - 1, Math.floor(share * values.length))]?.toFixed(digits);
  return `${at(0.5)} / ${at(0.99)}`;
}

function line(cells: string[]): string {
  return `  ${cells.map((cell, index) => (index === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[index] ?? 0))).join('')}`;
}
