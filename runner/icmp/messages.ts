// What the runner and the thread that pings for it say to each other.
import type { Echoes, PingOrder } from './ping.ts';

export type SocketWay = 'dgram' | 'raw';

/** To the thread. */
export type Command =
  | { type: 'ping'; orders: Array<PingOrder & { id: number }> }
  | { type: 'stop' };

/** What came of one order. */
export interface Report {
  id: number;
  echoes: Echoes[];
}

/** From the thread. */
export type News =
  /** The waker is the receiver's to close, once the thread has ended. */
  | { type: 'ready'; way: SocketWay; wakerFd: number }
  | { type: 'unfit'; reason: string }
  | { type: 'done'; reports: Report[] };

/** Between the threads all goes as text: copying objects costs more than writing and reading them. */
export function written(message: Command | News): string {
  return JSON.stringify(message);
}

export function commandOf(text: string): Command {
  return JSON.parse(text) as Command;
}

export function newsOf(text: string): News {
  return JSON.parse(text) as News;
}
