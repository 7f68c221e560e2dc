// Pings over sockets of our own, all probes through the same two. The kernel stamps what comes, so nobody has to stand by
// for replies: they are read a few at a time, now and then, and a busy event loop spoils no round trip.
import { randomBytes } from 'node:crypto';
import { microsSince } from '../deadline.ts';
import { Job } from './job.ts';
import * as libc from './libc.ts';
import { afterIPv4Header, HEADER_BYTES, type Mark, readReply, writeEcho } from './packet.ts';
import type { Echoes, Ping, PingOrder } from './ping.ts';

export type SocketWay = 'dgram' | 'raw';

/** From a request to the first look for its reply; from then on each look waits twice as long as the last, as far as that. */
const LOOK_MS = { firstMs: 10, lastMs: 100 };
/** Where the kernel stamps nothing, a reply has come when somebody looks. */
const LOOK_WITHOUT_STAMPS_MS = { firstMs: 1, lastMs: 1 };
/** So near two clocks of one machine are, if both are read rightly. */
const READ_WITHIN_MS = 60_000;
/** Requests between two looks at most: a socket has room for some hundred replies. */
const BURST = 64;
/** Addresses kept in the kernel's writing: the same ones are asked again and again. */
const KEEP = 20_000;

interface IcmpSocket {
  family: 4 | 6;
  fd: number;
}

interface Waiting {
  job: Job;
  index: number;
  from: string;
  sentAt: number;
  /** The same by the clock that the kernel stamps replies with. */
  sentWallUs: number;
}

/** Sockets of the first way the kernel allows; a machine may lack a family. A string says why none is allowed. */
export function openEngine(): { way: SocketWay; ping: Ping } | string {
  const refusals: string[] = [];
  for (const way of ['dgram', 'raw'] as const) {
    const sockets: IcmpSocket[] = [];
    for (const family of [4, 6] as const) {
      const fd = libc.openSocket(family, way);
      if (typeof fd === 'number') sockets.push({ family, fd });
      else refusals.push(`${way} IPv${family} socket: ${fd}`);
    }
    if (sockets.length === 0) continue;
    const engine = new Engine(way, sockets);
    return { way, ping: (order) => engine.ping(order) };
  }
  return refusals.join(', ');
}

class Engine {
  readonly #way: SocketWay;
  readonly #sockets: readonly IcmpSocket[];
  readonly #look: { firstMs: number; lastMs: number };
  readonly #mark: Mark = { id: randomBytes(2).readUInt16BE(), nonce: randomBytes(8) };
  #packet = Buffer.alloc(HEADER_BYTES);
  readonly #waiting = new Map<number, Waiting>();
  readonly #jobs = new Map<Job, (echoes: Echoes[]) => void>();
  /** Addresses as the kernel writes them, as text: a buffer for each would cost more than the ping. */
  readonly #keys = new Map<string, string>();
  #serial = 0;
  /** Since the last look. */
  #sent = 0;
  #lookMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Infinity;

  constructor(way: SocketWay, sockets: readonly IcmpSocket[]) {
    this.#way = way;
    this.#sockets = sockets;
    // A C library whose times are of another size cannot be read.
    const isRead = Math.abs(libc.wallUs() / 1000 - Date.now()) < READ_WITHIN_MS;
    const stamps = isRead && sockets.every(({ fd }) => libc.arrivedAtUs(fd) !== null);
    this.#look = stamps ? LOOK_MS : LOOK_WITHOUT_STAMPS_MS;
  }

  ping(order: PingOrder): Promise<Echoes[]> {
    // A raw socket hears the replies of others too, while nobody listens here.
    if (this.#jobs.size === 0) this.#drainAll();
    return new Promise((done) => {
      const job = new Job(order, performance.now());
      this.#jobs.set(job, done);
      this.#sendRound(job);
    });
  }

  #sendRound(job: Job): void {
    for (const index of job.targets.keys()) {
      if (this.#sent >= BURST) this.#drainAll();
      this.#send(job, index);
    }
    const now = performance.now();
    job.roundSent(now);
    this.#lookMs = this.#look.firstMs;
    this.#workAt(Math.min(now + this.#lookMs, job.wakesAt()));
  }

  #send(job: Job, index: number): void {
    const target = job.targets[index];
    if (!target) return;
    target.sent += 1;
    this.#sent += 1;
    const socket = this.#sockets.find(({ family }) => family === target.family);
    const goal = this.#goal(target.address, target.family);
    if (!socket || !goal) {
      target.error = 'EAFNOSUPPORT';
      return;
    }
    const [to, from] = goal;
    const serial = this.#serial++ >>> 0;
    const bytes = HEADER_BYTES + job.size;
    if (this.#packet.length !== bytes) this.#packet = Buffer.alloc(bytes);
    writeEcho(this.#packet, target.family, this.#mark, serial);
    job.serials.add(serial);
    // The socket serves other jobs too.
    if (job.dontFragment) libc.setDontFragment(socket, true);
    const [sentAt, sentWallUs] = [performance.now(), libc.wallUs()];
    this.#waiting.set(serial, { job, index, from, sentAt, sentWallUs });
    const error = libc.send(socket.fd, this.#packet, to);
    if (job.dontFragment) libc.setDontFragment(socket, false);
    if (error === null) return;
    target.error = error;
    job.serials.delete(serial);
    this.#waiting.delete(serial);
  }

  /** The address as the kernel writes it, and what a reply from there bears; null when it is none. */
  #goal(address: string, family: 4 | 6): [to: Buffer, key: string] | null {
    const known = this.#keys.get(address);
    if (known !== undefined) return [libc.socketAddressOf(known, family), known];
    const to = libc.socketAddress(address, family);
    if (!to) return null;
    const key = libc.addressKey(to, family);
    // The number of an interface is not in the key, and may change.
    if (address.includes('%')) return [to, key];
    if (this.#keys.size >= KEEP) this.#keys.clear();
    this.#keys.set(address, key);
    return [to, key];
  }

  /** Looks for replies, ends what is over, sends what is due. */
  #work(): void {
    this.#timer = null;
    this.#timerAt = Infinity;
    this.#drainAll();
    const now = performance.now();
    const due: Job[] = [];
    let nextAt = Infinity;
    for (const [job, done] of this.#jobs) {
      if (job.isOver(now)) this.#finish(job, done);
      else if (job.isDue(now)) due.push(job);
      else nextAt = Math.min(nextAt, job.wakesAt());
    }
    if (nextAt < Infinity) {
      this.#lookMs = Math.min(this.#lookMs * 2, this.#look.lastMs);
      this.#workAt(Math.min(nextAt, now + this.#lookMs));
    }
    for (const job of due) this.#sendRound(job);
  }

  #drainAll(): void {
    this.#sent = 0;
    for (const socket of this.#sockets) this.#drain(socket);
  }

  #drain({ fd, family }: IcmpSocket): void {
    for (let next = libc.receive(fd, family); next; next = libc.receive(fd, family)) {
      const isRaw = this.#way === 'raw';
      const bytes = isRaw && family === 4 ? afterIPv4Header(next.bytes) : next.bytes;
      // A datagram socket gets replies to its own id only, which the kernel chose.
      const serial = bytes && readReply(bytes, family, this.#mark, isRaw);
      const waiting = serial === null ? undefined : this.#waiting.get(serial);
      if (serial === null || !waiting || waiting.from !== next.from) continue;
      this.#waiting.delete(serial);
      const rttUs = roundTripUs(waiting, libc.arrivedAtUs(fd));
      if (waiting.job.isLate(waiting.sentAt + rttUs / 1000)) continue;
      waiting.job.answered(waiting.index, serial, rttUs);
    }
  }

  #finish(job: Job, done: (echoes: Echoes[]) => void): void {
    this.#jobs.delete(job);
    for (const serial of job.serials) this.#waiting.delete(serial);
    done(job.echoes());
  }

  #workAt(at: number): void {
    if (at >= this.#timerAt) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#work(), Math.max(1, at - performance.now()));
  }
}

/**
 * The kernel's word, since nobody looked when the reply came; unless the clock was set between, which shows in a time
 * that cannot be.
 */
function roundTripUs({ sentAt, sentWallUs }: Waiting, arrivedAtUs: number | null): number {
  const mostUs = microsSince(sentAt);
  const us = arrivedAtUs === null ? mostUs : Math.round(arrivedAtUs - sentWallUs);
  return us >= 1 && us <= mostUs ? us : mostUs;
}
