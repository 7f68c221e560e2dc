// What holds while a probe runs: where it may go and what it may not pass on. It goes with the probe by itself, so
// that no kind can forget to hand it on; outside of a probe (canaries, the worker) nothing is held back.
import { AsyncLocalStorage } from 'node:async_hooks';
import { beginAnew, type Seen } from '../evidence/seen.ts';
import { Failure } from '../failure.ts';
import type { Networks } from './networks.ts';

export interface Limits {
  networks: Networks;
  /** Whether a text holds a secret of this runner, whole. */
  holdsSecret: (text: string) => boolean;
  /** Where the probe leaves what it comes across; absent = nobody wants it. */
  seen?: Seen | undefined;
}

const probing = new AsyncLocalStorage<Limits>();

/** Calls a probe that these limits hold for, whatever it waits for. */
export function within<T>(limits: Limits, call: () => T): T {
  return probing.run(limits, call);
}

/** Calls for what this machine does whatever a check says, such as asking its own resolvers: no limits hold. */
export function beyondLimits<T>(call: () => T): T {
  return probing.exit(call);
}

/** Null when the probe that asks may talk to an address. Whoever opens sockets other than by `dial` and `ping` asks here. */
export function refusalOf(address: string): Failure | null {
  const why = probing.getStore()?.networks.refusal(address) ?? null;
  return why === null ? null : new Failure('unable.forbidden', `${address} ${why}`);
}

/** Where the probe that asks leaves what it comes across, for evidence; undefined when nobody wants it. */
export function seenHere(): Seen | undefined {
  return probing.getStore()?.seen;
}

/** What was come across so far is of a server on the way, not of what the check looks at. */
export function leaveNothing(): void {
  const seen = seenHere();
  if (seen) beginAnew(seen);
}

/** Whether a text must not reach another server than the one it was written for. */
export function holdsSecret(text: string): boolean {
  return probing.getStore()?.holdsSecret(text) ?? false;
}
