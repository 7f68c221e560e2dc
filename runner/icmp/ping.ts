// What every way of sending echo requests promises.
import type { Address } from '../net/resolve.ts';

export interface PingOrder {
  addresses: readonly Address[];
  /** Echo requests to each address. */
  count: number;
  /** Between two requests to the same address. */
  gapMs: number;
  /** Bytes of data in each request, at least 12; 56 if it is not said. */
  size?: number;
  /** A request that does not pass whole is lost, or refused with EMSGSIZE. */
  dontFragment?: boolean;
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
  /** How much a round trip differs from the one before, on average; null with fewer than two replies. */
  jitterUs: number | null;
  /** The system's code when a request could not be sent; EOPNOTSUPP when this way of pinging cannot do what was asked. */
  error: string | null;
}

/** Sends echo requests; the answer has one entry per address, in the same order. */
export type Ping = (order: PingOrder) => Promise<Echoes[]>;

/** Once something answered, other addresses are waited for this long after the last request, not for the whole timeout. */
export const GRACE_MS = 1000;
