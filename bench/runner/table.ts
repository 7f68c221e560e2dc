// A line of the table for each client.
import type { Kind } from './plan.ts';
import type { Report } from './worker.ts';

export interface Row {
  name: string;
  usPerCheck: number;
  /** Connections that the target took in the time; null = it cannot tell. */
  heard: number | null;
  /** By path, from accepting to having answered. */
  ownUs: Record<string, number>;
  memory: { peak: number; now: number };
  /** Of our own runners. */
  report: Report | null;
}

interface Terms {
  kind: Kind;
  count: number;
  /** What the row is compared with. */
  ours: number;
}

const WIDTHS = [20, 11, 8, 8, 18, 20, 10] as const;

export function headRow(): string {
  const late = 'late p50/p99 ms';
  return line(['', 'µs a check', '× ours', 'missed', late, 'RTT err p50/p99 ms', 'peak MiB']);
}

export function row(
  { name, usPerCheck, heard, ownUs, memory, report }: Row,
  { kind, count, ours }: Terms,
): string {
  if (usPerCheck === 0) return line([name, 'did not run']);
  const seen = heard ?? report?.checks ?? null;
  const { latenessP50Ms = null, latenessP99Ms = null } = report?.health ?? {};
  const late = latenessP50Ms === null ? '' : `${latenessP50Ms} / ${latenessP99Ms}`;
  return line([
    name,
    usPerCheck.toFixed(usPerCheck < 100 ? 1 : 0),
    (usPerCheck / ours).toFixed(2),
    seen === null ? '' : String(count - seen),
    late,
    report ? errorOf(kind, report.rttUs, ownUs) : '',
    memory.peak.toFixed(0),
  ]);
}

/** Over loopback the kernel takes next to no time: what is reported beyond the target's own time is our error. */
function errorOf(kind: Kind, rttUs: Report['rttUs'], ownUs: Row['ownUs']): string {
  const errors: number[] = [];
  if (kind === 'script' || kind === 'https') return '';
  for (const [index, us] of Object.entries(rttUs)) {
    const own = kind === 'http' ? ownUs[`/${index}`] : 0;
    if (own !== undefined) errors.push((us - own) / 1000);
  }
  errors.sort((a, b) => a - b);
  const at = (share: number) =>
    errors[Math.min(errors.length - 1, Math.floor(share * errors.length))]?.toFixed(2);
  return errors.length === 0 ? '' : `${at(0.5)} / ${at(0.99)}`;
}

function line(cells: string[]): string {
  return `  ${cells.map((cell, index) => (index === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[index] ?? 0))).join('')}`;
}
