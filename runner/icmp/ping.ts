// What every way of sending echo requests promises.
import type { Address } from '../net/resolve.ts';

export interface PingOrder {
  addresses: readonly Address[];
  /** Echo requests to each address. */
  count: number;
  /** Between two requests to the same address. */
  gapMs: number;
  /** All of it ends by then. */
  timeoutMs: number;
}

/** What one address made of it. */
export interface Echoes {
  address: string;
  sent: number;
  received: number;
  /** The lowest; null without any reply. */
  rttUs: number | null;
  /** The system's code when a request could not be sent. */
  error: string | null;
}

/** Sends echo requests; the answer has one entry per address, in the same order. */
export type Ping = (order: PingOrder) => Promise<Echoes[]>;

/** Once something answered, other addresses are waited for this long after the last request, not for the whole timeout. */
export const GRACE_MS = 1000;
