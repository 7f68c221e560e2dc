// Lines for people, on stderr: time, level when it matters, what, and the particulars.
import { isLogged } from '#worker/config.ts';
import type { Log, LogLevel } from '#worker/platform.ts';

/** Logs everything up to `wanted`. */
export function makeLog(wanted: LogLevel, write = (line: string) => console.error(line)): Log {
  return (level, message, fields = {}) => {
    if (!isLogged(level, wanted)) return;
    const time = new Date().toISOString().slice(11, 19);
    const mark = level === 'info' ? '' : `${level}: `;
    const { stack, ...rest } = fields;
    const particulars = Object.entries(rest).map(([key, value]) => ` ${key}=${show(value)}`);
    write(`${time} ${mark}${message}${particulars.join('')}`);
    if (typeof stack === 'string' && level === 'error') write(stack);
  };
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w./:@+-]+$/.test(text ?? '') ? text : JSON.stringify(text);
}
