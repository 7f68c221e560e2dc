// A probe is a function with a deadline and an answer. It measures; it never throws and never decides what down means
// beyond the limits written in its spec.
import type { RunnerKind, SpecOf } from '#core/checks/index.ts';
import type { ScriptProtocol } from '#core/checks/script.ts';
import type { Finding, Measurement } from '#core/reading.ts';
import type { Evidence } from '#core/wire/evidence.ts';
import type { Wanted } from './evidence/seen.ts';
import type { Permits } from './permits.ts';

/** What a probe may know of the runner it works in. */
export interface ProbeContext {
  /** The whole probe must have answered within this. */
  timeoutMs: number;
  /** Folder of allowed scripts, absolute; null = no scripts here. */
  probesFolder: string | null;
  /** Somebody watches: tell each expectation and what the server showed. */
  explain?: boolean;
  /** Evidence is to come with the reading if it is of this sort; absent = with none. */
  evidence?: Wanted | undefined;
  /** What else the runner's owner allows; absent = nothing. */
  permits?: Permits;
}

/** A measurement, and what only try-it looks at. */
export interface Probed extends Measurement {
  /** What was expected and what came, one by one. */
  findings?: Finding[];
  /** What the server's certificate says of itself, a line each. */
  certificate?: string;
  /** What was seen, as it may leave this machine. */
  evidence?: Evidence;
  /** What the probe would change about the check. */
  proposes?: { protocol: ScriptProtocol };
}

export type Probe<K extends RunnerKind = RunnerKind> = (
  spec: SpecOf<K>,
  context: ProbeContext,
) => Promise<Probed>;
