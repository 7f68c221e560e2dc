// Everything the runner touches of the world. The loop knows nothing else, so that a simulation can run many real
// runners in one process on a clock, a disk and a network of its own.

import type { AssignedCheck } from '#core/wire/assignments.ts';
import type { Canary } from './canaries/canary.ts';
import type { ProbeContext, Probed } from './probe.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** One plain line; never given a secret. */
export type Log = (level: LogLevel, message: string) => void;

export interface HttpCall {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body: Uint8Array | null;
  /** The whole exchange must be over within this. */
  timeoutMs: number;
}

export interface HttpAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Uint8Array;
}

/** A line to the worker that stays open. None of the functions is called before `connect` has come back. */
export interface ChannelCall {
  url: string;
  headers: Record<string, string>;
  opened: () => void;
  heard: (text: string) => void;
  /** It could not be opened, or is no more; called once. */
  closed: () => void;
}

export interface ChannelLine {
  send: (text: string) => void;
  close: () => void;
}

/** The runner's data folder; paths are relative to it, with forward slashes. */
export interface Disk {
  /** Names of the files in a folder, sorted; none when there is no such folder. */
  list: (folder: string) => Promise<string[]>;
  /** Null when there is no such file. */
  read: (path: string) => Promise<Uint8Array | null>;
  /** Adds at the end with one write; makes file and folder. After a failure the end of the file is not to be trusted. */
  append: (path: string, bytes: Uint8Array) => Promise<void>;
  /** Comes back when the file's bytes would survive a power cut. */
  sync: (path: string) => Promise<void>;
  /**
   * The old content or the new one, also after a power cut; nothing between. With `sync: false` that holds for the death
   * of the process only: what a power cut leaves may be damaged.
   */
  replace: (path: string, bytes: Uint8Array, options?: { sync: boolean }) => Promise<void>;
  /** No file is no error. */
  remove: (path: string) => Promise<void>;
  /** Takes a file's access away from everybody but its owner; true when somebody else had some. */
  restrict: (path: string) => Promise<boolean>;
}

/** Measures once. `config` is a check as assigned, or one that somebody tries. */
export type ProbeFunction = (
  config: AssignedCheck['config'],
  context: ProbeContext,
) => Promise<Probed>;

export interface RunnerPlatform {
  /** The machine's wall clock, epoch ms: may be wrong, may jump. */
  now: () => number;
  /** Milliseconds from some start, fractions included; never goes back. */
  monotonicMs: () => number;
  /** Calls once after `ms`; the function given back calls it off. */
  setTimer: (ms: number, call: () => void) => () => void;
  /** Calls in the next turn of the event loop, after sockets had theirs. */
  nextTurn: (call: () => void) => void;
  /** Rejects when no whole answer came. */
  request: (call: HttpCall) => Promise<HttpAnswer>;
  /** Opens the instant channel; absent = never. */
  connect?: (call: ChannelCall) => ChannelLine;
  disk: Disk;
  randomBytes: (n: number) => Uint8Array;
  probe: ProbeFunction;
  /** What to look at to know whether this machine's network works; absent = nothing, then it is always trusted. */
  canaries?: () => Promise<readonly Canary[]>;
  /** The machines on the way to an address, by hop; null = not to be found out. Absent = the owner does not allow it. */
  route?: (address: string) => Promise<Array<string | null> | null>;
  /** What this process has used; absent = not known. */
  usage?: () => Usage;
  log: Log;
}

export interface Usage {
  /** Processor time since the start. */
  cpuMs: number;
  rssBytes: number;
}

/** A number from 0 up to 1, from the platform's chance. */
export function random01(platform: Pick<RunnerPlatform, 'randomBytes'>): number {
  const bytes = platform.randomBytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}
