// The addresses of a target, tried until one accepts: the next in turn when the one before failed, or did not answer for
// a while (RFC 8305). How a connection is opened is up to the caller.
import { readFileSync } from 'node:fs';
import type { Deadline } from '../deadline.ts';
import type { Seen } from '../evidence/seen.ts';
import { Failure, socketFailure } from '../failure.ts';
import { refusalOf, seenHere } from '../guard/probing.ts';
import type { Address } from './resolve.ts';

const STAGGER_MS = 250;
/** More than this no runner needs, whatever its system allows. */
const MAX_DESCRIPTORS = 20_000;

const NOT_TRIED = new Set<string>(['unable.family', 'unable.forbidden']);

export interface Opened<S> {
  socket: S;
  address: string;
  /** Of the attempt that succeeded, not of those before it. */
  connectUs: number;
}

/** Takes what came of one attempt: never while it is being opened, and once at most. */
export interface Hears<S> {
  /** `kernelUs`: how long it took by the kernel's own clock; null = it does not say. */
  connected: (socket: S, kernelUs: number | null) => void;
  /** An error with the system's code. */
  failed: (error: Error) => void;
}

/** Begins to connect; the function given back breaks that off, and nothing is heard from then on. */
export type Open<S> = (target: Address, port: number, hears: Hears<S>) => () => void;

/**
 * The first address that accepts, each in turn within the deadline. `look`: where nobody stands by for answers, takes in
 * those that have come; called once more before it is said that none did.
 */
export function race<S>(
  addresses: readonly Address[],
  port: number,
  deadline: Deadline,
  open: Open<S>,
  look: () => void = () => {},
): Promise<Opened<S> | Failure> {
  return new Promise((settle) => {
    new Race({ addresses, port, deadline, open, look, settle }).next();
  });
}

interface Terms<S> {
  addresses: readonly Address[];
  port: number;
  deadline: Deadline;
  open: Open<S>;
  look: () => void;
  settle: (outcome: Opened<S> | Failure) => void;
}

/** Attempts whose answer is waited for, the oldest first. */
const pending = new Set<{ giveWay: () => void }>();

class Race<S> {
  readonly terms: Terms<S>;
  // Asked at the start: what calls later, a socket or a timer of all, is not of this probe.
  readonly #refusals: ReadonlyArray<Failure | null>;
  readonly #seen: Seen | undefined = seenHere();
  readonly #failures: Failure[] = [];
  readonly #attempts: Array<Attempt<S>> = [];
  readonly #expiry: NodeJS.Timeout;
  #stagger: NodeJS.Timeout | undefined;
  #next = 0;
  #isSettled = false;

  constructor(terms: Terms<S>) {
    this.terms = terms;
    this.#refusals = terms.addresses.map(({ address }) => refusalOf(address));
    this.#expiry = setTimeout(() => this.#expire(), terms.deadline.leftMs());
  }

  /** Tries the next address, if there is one. */
  next(): void {
    clearTimeout(this.#stagger);
    const index = this.#next++;
    const target = this.terms.addresses[index];
    if (!target) return;
    const refused = this.#refusals[index];
    if (refused) {
      this.fail(refused);
      return;
    }
    if (index + 1 < this.terms.addresses.length) {
      this.#stagger = setTimeout(() => this.next(), STAGGER_MS);
    }
    makeRoom();
    const attempt = new Attempt(this, target.address);
    this.#attempts.push(attempt);
    pending.add(attempt);
    attempt.breakOff = this.terms.open(target, this.terms.port, attempt);
  }

  /** An attempt that came to its end is not waited for any more. */
  over(attempt: Attempt<S>): void {
    this.#attempts.splice(this.#attempts.indexOf(attempt), 1);
    pending.delete(attempt);
  }

  fail(failure: Failure): void {
    this.#failures.push(failure);
    if (this.#next < this.terms.addresses.length) this.next();
    else if (this.#attempts.length === 0) this.settle(summary(this.#failures));
  }

  settle(outcome: Opened<S> | Failure): void {
    this.#isSettled = true;
    clearTimeout(this.#stagger);
    clearTimeout(this.#expiry);
    for (const attempt of this.#attempts) {
      pending.delete(attempt);
      attempt.breakOff();
    }
    if (this.#seen && !(outcome instanceof Failure)) this.#seen.peer = outcome.address;
    this.terms.settle(outcome);
  }

  #expire(): void {
    const { port, deadline, look } = this.terms;
    look();
    if (this.#isSettled) return;
    for (const { address } of this.#attempts) this.#failures.push(silent(address, port, deadline));
    this.settle(summary(this.#failures));
  }
}

class Attempt<S> implements Hears<S> {
  readonly address: string;
  readonly #race: Race<S>;
  /** After the beginning of the deadline. */
  readonly #startedUs: number;
  breakOff: () => void = () => {};

  constructor(of: Race<S>, address: string) {
    this.#race = of;
    this.address = address;
    this.#startedUs = of.terms.deadline.elapsedUs();
  }

  connected(socket: S, kernelUs: number | null): void {
    const mostUs = this.#elapsedUs();
    this.#race.over(this);
    const connectUs = Math.min(mostUs, kernelUs ?? mostUs);
    this.#race.settle({ socket, address: this.address, connectUs });
  }

  #elapsedUs(): number {
    return Math.max(1, this.#race.terms.deadline.elapsedUs() - this.#startedUs);
  }

  giveWay(): void {
    this.breakOff();
    this.failed(Object.assign(new Error('gave way'), { code: 'ETIMEDOUT' }));
  }

  failed(error: Error): void {
    const { address } = this;
    const afterUs = this.#elapsedUs();
    this.#race.over(this);
    const peer = { address, name: hostPort(address, this.#race.terms.port) };
    this.#race.fail(socketFailure(error, peer, afterUs));
  }
}

/** So that targets which swallow packets leave descriptors for all others: the oldest attempt gives way to the newest. */
function makeRoom(): void {
  if (pending.size < maxPending()) return;
  const [oldest] = pending;
  oldest?.giveWay();
}

let most: number | undefined;

/** Half of what this process may have open; the rest is for connections that answered, files and pipes. */
function maxPending(): number {
  most ??= Math.max(16, Math.floor(descriptorLimit() / 2));
  return most;
}

function descriptorLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const [, limit] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
    return Math.min(MAX_DESCRIPTORS, Number(limit ?? MAX_DESCRIPTORS));
  } catch {
    return MAX_DESCRIPTORS;
  }
}

/** "127.0.0.1:80", "[::1]:80". */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function silent(address: string, port: number, deadline: Deadline): Failure {
  const text = `no answer from ${hostPort(address, port)} within ${deadline.timeoutMs} ms`;
  return new Failure('connect.timeout', text);
}

/** One failure for all addresses: those the runner could try speak before those it could not. */
function summary(failures: readonly Failure[]): Failure {
  const tried = failures.filter(({ code }) => !NOT_TRIED.has(code));
  const [first, ...others] = tried.length > 0 ? tried : failures;
  if (!first) return new Failure('connect.failed', 'no address to connect to');
  const short = failures.find(({ code }) => code === 'unable.resources');
  if (short) return short;
  return new Failure(first.code, [first, ...others].map(({ text }) => text).join('; '));
}
