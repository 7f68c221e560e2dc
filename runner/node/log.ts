// Plain short lines on stderr: time, level when it matters, words.
import type { Log, LogLevel } from '#runner/platform.ts';

const RANKS: Record<LogLevel, number> = { error: 0, warn: 1, info: 2, debug: 3 };

/** Writes what is at least as grave as `level`. */
export function lineLog(level: LogLevel, write: (line: string) => void): Log {
  return (its, message) => {
    if (RANKS[its] > RANKS[level]) return;
    const time = new Date().toISOString().slice(11, 19);
    const mark = its === 'info' ? '' : `${its}: `;
    write(`${time} ${mark}${message.replaceAll(/[\r\n]+/g, ' ')}\n`);
  };
}
