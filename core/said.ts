// What the worker holds to be so of a check that it answers itself.
import type { Deafness } from './beats.ts';
import type { Level } from './level.ts';

export interface Said {
  /** The revision of the check that `dueAt` was counted for. */
  rev: number;
  /** Null = nothing was said yet, or nobody can tell. */
  level: Level | null;
  code: string;
  /** At most 120 characters. */
  text: string;
  /** When somebody said so last; 0 = never. */
  lastAt: number;
  /** Until when the next word is waited for; 0 = it is to be counted anew. */
  dueAt: number;
  /** A run that was announced and has not ended. */
  startedAt: number | null;
  /** How long the run took that ended with the last word; null = its start was not announced. */
  runMs: number | null;
}

/** The moment at which it is looked at. */
export interface Moment {
  now: number;
  /** The revision in force. */
  rev: number;
  paused: boolean;
  /** The worker cannot tell whether it would have heard (core/pulse.ts): nothing is called missing. */
  deaf: boolean;
  /** When it last could not; null = never. */
  deafness: Deafness | null;
}
