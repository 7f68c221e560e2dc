// Durations as people write them ("90s", "5m", "1h30m") and as code counts them (milliseconds).
import * as z from 'zod';

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of "250ms", "30s", "5m", "1h30m", "1d"; null when it is not a duration. */
export function parseDuration(text: string): number | null {
  const parts = [
    ...text
      .trim()
      .toLowerCase()
      .matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*/gy),
  ];
  if (parts.length === 0) return null;
  if (parts.reduce((length, part) => length + part[0].length, 0) !== text.trim().length)
    return null;
  let total = 0;
  for (const [, count, unit] of parts) total += Number(count) * (UNITS[unit as string] as number);
  return Math.round(total);
}

/** The shortest exact text for a duration: 90000 → "1m30s". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  let rest = Math.round(ms);
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(rest / (UNITS[unit] as number));
    if (count > 0) text += `${count}${unit}`;
    rest -= count * (UNITS[unit] as number);
  }
  return text;
}

/** A duration for people, two units at the most: "3 min 20 s", "2 d 4 h". */
export function humanDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts: Array<[number, string]> = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** RTT for people from microseconds: "0.004 ms", "0.21 ms", "34 ms", "1.20 s". */
export function humanRtt(rttUs: number): string {
  const ms = rttUs / 1000;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 10) return `${Math.round(ms)} ms`;
  if (ms >= 1) return `${ms.toFixed(1)} ms`;
  return `${ms.toFixed(rttUs > 0 && rttUs < 10 ? 3 : 2)} ms`;
}

/** A zod field that takes a duration string between two bounds and gives milliseconds. */
export function duration(minMs: number, maxMs: number) {
  const bounds = `${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  return z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms === null) {
      context.addIssue({
        code: 'custom',
        message: `"${text.slice(0, 40)}" is not a duration; write it like "30s", "5m" or "1h30m"`,
      });
      return z.NEVER;
    }
    if (ms < minMs || ms > maxMs) {
      context.addIssue({
        code: 'custom',
        message: `"${text.slice(0, 40)}" is out of range (${bounds})`,
      });
      return z.NEVER;
    }
    return ms;
  });
}
