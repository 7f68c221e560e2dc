// Pings over sockets of our own, all probes through the same two. The kernel stamps what comes, so nobody has to stand by
// for replies: they are read a few at a time, now and then, and a busy event loop spoils no round trip.
import { randomBytes } from 'node:crypto';
import { destination, keyOf } from '../net/socketAddress.ts';
import { type SentAt, tookUs, wallUs } from '../net/stamp.ts';
import { Job } from './job.ts';
import * as libc from './libc.ts';
import { afterIPv4Header, HEADER_BYTES, type Mark, readReply, writeEcho } from './packet.ts';
import type { Echoes, Ping, PingOrder } from './ping.ts';

export type SocketWay = 'dgram' | 'raw';

/** From a request to the first look for its reply; each look then waits that much longer than the last, as far as that. */
const LOOK = { firstMs: 10, growth: 4, lastMs: 250 };
/** Where the kernel stamps nothing, a reply has come when somebody looks. */
const LOOK_WITHOUT_STAMPS = { firstMs: 1, growth: 1, lastMs: 1 };
/** So near two clocks of one machine are, if both are read rightly. */
const READ_WITHIN_MS = 60_000;
/** Requests between two looks at most: a socket has room for some hundred replies. */
const BURST = 64;
/** Where as many replies as may fill it are waited for, nobody looks away for longer than this. */
const CROWD = { replies: 4 * BURST, lookMs: 50 };

const FAMILIES = [4, 6] as const;

type Sockets = Partial<Record<4 | 6, number>>;

interface Waiting extends SentAt {
  job: Job;
  index: number;
  from: string;
}

/** Sockets of the first way the kernel allows; a machine may lack a family. A string says why none is allowed. */
export function openEngine(): { way: SocketWay; ping: Ping } | string {
  const refusals: string[] = [];
  for (const way of ['dgram', 'raw'] as const) {
    const sockets: Sockets = {};
    for (const family of FAMILIES) {
      const fd = libc.openSocket(family, way);
      if (typeof fd === 'number') sockets[family] = fd;
      else refusals.push(`${way} IPv${family} socket: ${fd}`);
    }
    if (Object.keys(sockets).length === 0) continue;
    const engine = new Engine(way, sockets);
    return { way, ping: (order) => engine.ping(order) };
  }
  return refusals.join(', ');
}

class Engine {
  readonly #way: SocketWay;
  /** By family: descriptors. */
  readonly #sockets: Sockets;
  readonly #look: typeof LOOK;
  readonly #mark: Mark = { id: randomBytes(2).readUInt16BE(), nonce: randomBytes(8) };
  #packet = Buffer.alloc(HEADER_BYTES);
  readonly #waiting = new Map<number, Waiting>();
  readonly #jobs = new Set<Job>();
  #serial = 0;
  /** Since the last look. */
  #sent = 0;
  #lookMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Infinity;

  constructor(way: SocketWay, sockets: Sockets) {
    this.#way = way;
    this.#sockets = sockets;
    // A C library whose times are of another size cannot be read.
    const isRead = Math.abs(wallUs() / 1000 - Date.now()) < READ_WITHIN_MS;
    const stamped = Object.values(sockets).map(libc.stampArrivals);
    this.#look = isRead && stamped.every(Boolean) ? LOOK : LOOK_WITHOUT_STAMPS;
  }

  ping(order: PingOrder): Promise<Echoes[]> {
    // A raw socket hears the replies of others too, while nobody listens here.
    if (this.#jobs.size === 0) this.#drainAll();
    return new Promise((done) => {
      const job = new Job(order, performance.now(), done);
      this.#jobs.add(job);
      this.#sendRound(job);
    });
  }

  #sendRound(job: Job): void {
    for (let index = 0; index < job.targets.length; index++) {
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
    const { address, family } = target;
    const fd = this.#sockets[family];
    const from = keyOf(address, family);
    const to = destination(address, family);
    if (fd === undefined || from === null || to === null) {
      target.error = 'EAFNOSUPPORT';
      return;
    }
    const serial = this.#serial++ >>> 0;
    const bytes = HEADER_BYTES + job.size;
    if (this.#packet.length !== bytes) this.#packet = Buffer.alloc(bytes);
    writeEcho(this.#packet, family, this.#mark, serial);
    // The socket serves other jobs too.
    if (job.dontFragment) libc.setDontFragment({ fd, family }, true);
    const sentAt = performance.now();
    const sentWallUs = wallUs();
    const error = libc.send(fd, this.#packet, to);
    if (job.dontFragment) libc.setDontFragment({ fd, family }, false);
    if (error !== null) {
      target.error = error;
      return;
    }
    job.serials.push(serial);
    this.#waiting.set(serial, { job, index, from, sentAt, sentWallUs });
  }

  /** Looks for replies, ends what is over, sends what is due. */
  #work(): void {
    this.#timer = null;
    this.#timerAt = Infinity;
    this.#drainAll();
    const now = performance.now();
    const due: Job[] = [];
    let nextAt = Infinity;
    for (const job of this.#jobs) {
      if (job.isOver(now)) this.#finish(job);
      else if (job.isDue(now)) due.push(job);
      else nextAt = Math.min(nextAt, job.wakesAt());
    }
    if (nextAt < Infinity) {
      const { growth, lastMs } = this.#look;
      const mostMs = this.#waiting.size < CROWD.replies ? lastMs : Math.min(lastMs, CROWD.lookMs);
      this.#lookMs = Math.min(this.#lookMs * growth, mostMs);
      this.#workAt(Math.min(nextAt, now + this.#lookMs));
    }
    for (const job of due) this.#sendRound(job);
  }

  #drainAll(): void {
    this.#sent = 0;
    for (const family of FAMILIES) {
      const fd = this.#sockets[family];
      if (fd !== undefined) this.#drain(fd, family);
    }
  }

  #drain(fd: number, family: 4 | 6): void {
    const isRaw = this.#way === 'raw';
    for (let end = libc.receive(fd); end >= 0; end = libc.receive(fd)) {
      const bytes = libc.inbox;
      const start = isRaw && family === 4 ? afterIPv4Header(bytes, end) : 0;
      // A datagram socket gets replies to its own id only, which the kernel chose.
      const serial = readReply({ bytes, start, end }, family, this.#mark, isRaw);
      const waiting = serial === null ? undefined : this.#waiting.get(serial);
      if (serial === null || !waiting || waiting.from !== libc.sender(family)) continue;
      this.#waiting.delete(serial);
      const rttUs = tookUs(waiting, libc.arrivedAtUs(fd));
      if (waiting.job.isLate(waiting.sentAt + rttUs / 1000)) continue;
      waiting.job.answered(waiting.index, rttUs);
    }
  }

  #finish(job: Job): void {
    this.#jobs.delete(job);
    for (const serial of job.serials) this.#waiting.delete(serial);
    job.done(job.echoes());
  }

  #workAt(at: number): void {
    if (at >= this.#timerAt) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#work(), Math.max(1, at - performance.now()));
  }
}
