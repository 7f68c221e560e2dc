/** How much one run of the dispatcher may do, and how patient it is. */
export interface Limits {
  /** Calls to channels in one run: a run at the edge has 50 calls in all, the database's among them. */
  calls: number;
  /** A run starts no further round after this. */
  runMs: number;
  /** Deliveries taken in one round. */
  rows: number;
  /** Longer than a channel's turn in a round can take; after it others may send what was taken. */
  leaseMs: number;
  /** One attempt. */
  sendTimeoutMs: number;
  /** What is owed to one channel within this time may go out together, and nothing waits longer for company. */
  windowMs: number;
  /** So many together go out as one digest. */
  digestFrom: number;
  /** A delivery that still fails at this age is given up. */
  maxAgeMs: number;
  /** The wait after a first failure, doubled with each further one. */
  backoffMs: number;
  maxBackoffMs: number;
}

export const LIMITS: Limits = {
  calls: 30,
  runMs: 20_000,
  rows: 250,
  leaseMs: 60_000,
  sendTimeoutMs: 10_000,
  windowMs: 10_000,
  digestFrom: 4,
  maxAgeMs: 86_400_000,
  backoffMs: 5_000,
  maxBackoffMs: 300_000,
};
