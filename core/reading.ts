import type { Level } from './level.ts';

/** How long the parts of one probe took, in microseconds. A part that did not happen is absent. */
export interface Phases {
  dnsUs?: number;
  connectUs?: number;
  tlsUs?: number;
  firstByteUs?: number;
  totalUs?: number;
}

/** One number a script or probe reports beside its status. */
export interface Metric {
  name: string;
  value: number;
  unit?: string;
}

/** One thing a check expects, and what came: told when a check is tried. */
export interface Finding {
  name: string;
  ok: boolean;
  expected: string;
  got: string;
}

/** What a probe answers: never thrown, never a verdict. `level: null` means *unable*: the runner could not measure. */
export interface Measurement {
  level: Level | null;
  /** Round trip in microseconds; null when nothing came back. */
  rttUs: number | null;
  /** A stable code of core/reason.ts. */
  code: string;
  /** The particulars in plain words, at most 200 characters, secrets masked. */
  text: string;
  phases?: Phases;
  metrics?: Metric[];
  /** Longer matter for people (script output, response excerpt), at most 4 KB. */
  detail?: string;
}

/** A measurement with the time its wake-up began. */
export interface Reading extends Measurement {
  /** Epoch milliseconds. */
  at: number;
  /** The runner could not trust its own network at the time: no vote. */
  blind?: boolean;
  /** Measured because another location had just seen the check turn: that was the repetition, so it settles a view alone. */
  asked?: boolean;
}
