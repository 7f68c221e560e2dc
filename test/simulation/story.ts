// What happened, line by line: the same seed tells the same story.
import { createHash } from 'node:crypto';
import { START, type VirtualClock } from './clock.ts';

export class Story {
  readonly #clock: VirtualClock;
  readonly lines: string[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  tell(text: string): void {
    this.lines.push(`${ago(this.#clock.nowMs)} ${text}`);
  }

  hash(): string {
    return createHash('sha256').update(this.lines.join('\n')).digest('hex');
  }
}

/** Time since the start: "7:05.250". */
export function ago(at: number): string {
  const ms = Math.round(at - START);
  const minutes = Math.floor(ms / 60_000);
  const seconds = ((ms - minutes * 60_000) / 1000).toFixed(3).padStart(6, '0');
  return `${minutes}:${seconds}`;
}
