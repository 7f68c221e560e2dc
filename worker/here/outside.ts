// What a runtime gives the worker to look at targets with: made at the rim (worker/here/edge.ts, bin/server/outside.ts).
import type { ReasonCode } from '#core/reason.ts';

export interface OutsideRequest {
  url: URL;
  method: string;
  headers: ReadonlyArray<readonly [name: string, value: string]>;
  body: string | null;
  signal: AbortSignal;
}

/** Why an address may not be looked at; null = it may. */
export type Permit = (address: string) => string | null;

export interface Outside {
  /**
   * One request on a connection of its own; redirects are given back, not followed. Where the runtime resolves names by
   * itself, every address is asked about before it is connected to, and refused ones throw `NotAllowed`.
   */
  fetch: (request: OutsideRequest, permit: Permit) => Promise<Response>;
  /** Resolves once connected, and hangs up. */
  connect: (
    target: { host: string; port: number; signal: AbortSignal },
    permit: Permit,
  ) => Promise<void>;
  /** Why one of the two threw, in the words of core/reason.ts. */
  explain: (error: unknown) => { code: ReasonCode; text: string };
  /** What a status means that the runtime makes up for an origin it could not reach; null = it is the target's own. */
  statusMeans: (status: number) => ReasonCode | null;
  /** Bodies come unpacked whatever their Content-Encoding says. */
  unpacks: boolean;
  /** For how long things took, in µs from any moment. */
  clockUs: () => number;
}

/** The target leads to where the worker may not look. */
export class NotAllowed extends Error {}
