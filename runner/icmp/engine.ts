// The thread that pings: it waits in poll(2), so that a busy event loop never spoils a round trip.
import { randomBytes } from 'node:crypto';
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { microsSince } from '../deadline.ts';
import { Job } from './job.ts';
import * as libc from './libc.ts';
import {
  type Command,
  commandOf,
  type News,
  type Report,
  type SocketWay,
  written,
} from './messages.ts';
import { afterIPv4Header, HEADER_BYTES, type Mark, readReply, writeEcho } from './packet.ts';

/** Requests sent before replies are looked at, so that none waits long for its turn. */
const BURST = 16;
/** No wait is longer, whatever happens. */
const MAX_WAIT_MS = 1000;
/** Reports wait this long for others to be told with them: a message costs as much as several pings. */
const GATHER_MS = 10;
/** Addresses kept in the kernel's writing: the same ones are asked again and again. */
const KEEP = 20_000;

interface IcmpSocket {
  family: 4 | 6;
  fd: number;
}

/** An address as the kernel writes it, and the part to know it by. */
interface Goal {
  to: Buffer;
  key: string;
}

interface Waiting {
  job: Job;
  index: number;
  from: string;
  sentAt: number;
  /** The same by the clock that the kernel stamps replies with. */
  sentWallUs: number;
}

class Engine {
  readonly #way: SocketWay;
  readonly #sockets: readonly IcmpSocket[];
  readonly #wakerFd: number;
  readonly #waiter: libc.Waiter;
  readonly #mark: Mark = { id: randomBytes(2).readUInt16BE(), nonce: randomBytes(8) };
  #packet = Buffer.alloc(HEADER_BYTES);
  readonly #waiting = new Map<number, Waiting>();
  readonly #jobs = new Set<Job>();
  readonly #goals = new Map<string, Goal>();
  #serial = 0;
  #reports: Report[] = [];
  #tellsAt = Infinity;

  constructor(way: SocketWay, sockets: readonly IcmpSocket[], wakerFd: number) {
    this.#way = way;
    this.#sockets = sockets;
    this.#wakerFd = wakerFd;
    this.#waiter = new libc.Waiter([wakerFd, ...sockets.map(({ fd }) => fd)]);
  }

  accept(command: Command): 'go on' | 'stop' {
    if (command.type === 'stop') return 'stop';
    const now = performance.now();
    for (const { id, ...order } of command.orders) this.#jobs.add(new Job(id, order, now));
    return 'go on';
  }

  /** Works until nothing is left to do; then the thread sleeps in its event loop. */
  run(inbox: () => Command | undefined, tell: (news: News) => void): 'idle' | 'stopped' {
    while (this.#jobs.size > 0) {
      const burstFull = this.#sendDue();
      this.#waiter.wait(burstFull ? 0 : this.#patience());
      if (this.#waiter.isReadable(0)) libc.quietWaker(this.#wakerFd);
      for (const [index, socket] of this.#sockets.entries()) {
        if (this.#waiter.isReadable(index + 1)) this.#drain(socket);
      }
      this.#finish();
      if (this.#jobs.size === 0 || performance.now() >= this.#tellsAt) this.#tell(tell);
      for (let next = inbox(); next; next = inbox()) {
        if (this.accept(next) === 'stop') return 'stopped';
      }
    }
    return 'idle';
  }

  close(): void {
    for (const { fd } of this.#sockets) libc.closeSocket(fd);
  }

  #sendDue(): boolean {
    let sent = 0;
    for (const job of this.#jobs) {
      const now = performance.now();
      if (!job.isDue(now)) continue;
      if (sent >= BURST) return true;
      for (const index of job.targets.keys()) this.#send(job, index);
      sent += job.targets.length;
      job.roundSent(now);
    }
    return false;
  }

  #send(job: Job, index: number): void {
    const target = job.targets[index];
    if (!target) return;
    target.sent += 1;
    const socket = this.#sockets.find(({ family }) => family === target.family);
    const goal = this.#goal(target.address, target.family);
    if (!socket || !goal) {
      target.error = 'EAFNOSUPPORT';
      return;
    }
    const serial = this.#serial++ >>> 0;
    const bytes = HEADER_BYTES + job.size;
    if (this.#packet.length !== bytes) this.#packet = Buffer.alloc(bytes);
    writeEcho(this.#packet, target.family, this.#mark, serial);
    job.serials.add(serial);
    // The socket serves other jobs too.
    if (job.dontFragment) libc.setDontFragment(socket, true);
    const [sentAt, sentWallUs] = [performance.now(), libc.wallUs()];
    this.#waiting.set(serial, { job, index, from: goal.key, sentAt, sentWallUs });
    const error = libc.send(socket.fd, this.#packet, goal.to);
    if (job.dontFragment) libc.setDontFragment(socket, false);
    if (error === null) return;
    target.error = error;
    job.serials.delete(serial);
    this.#waiting.delete(serial);
  }

  #goal(address: string, family: 4 | 6): Goal | null {
    const known = this.#goals.get(address);
    if (known) return known;
    const to = libc.socketAddress(address, family);
    if (!to) return null;
    const goal = { to, key: libc.addressKey(to, family) };
    // The number of an interface may change.
    if (address.includes('%')) return goal;
    if (this.#goals.size >= KEEP) this.#goals.clear();
    this.#goals.set(address, goal);
    return goal;
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
      waiting.job.answered(waiting.index, serial, roundTripUs(waiting, libc.arrivedAtUs(fd)));
    }
  }

  #finish(): void {
    const now = performance.now();
    for (const job of this.#jobs) {
      if (!job.isOver(now)) continue;
      this.#jobs.delete(job);
      for (const serial of job.serials) this.#waiting.delete(serial);
      if (this.#reports.length === 0) this.#tellsAt = now + GATHER_MS;
      this.#reports.push({ id: job.id, echoes: job.echoes() });
    }
  }

  #tell(tell: (news: News) => void): void {
    if (this.#reports.length > 0) tell({ type: 'done', reports: this.#reports });
    this.#reports = [];
    this.#tellsAt = Infinity;
  }

  #patience(): number {
    let until = this.#tellsAt;
    for (const job of this.#jobs) until = Math.min(until, job.wakesAt());
    return Math.max(0, Math.min(MAX_WAIT_MS, Math.ceil(until - performance.now())));
  }
}

/**
 * The kernel's word, since this thread may have been kept from a core when the reply came; unless the clock was set
 * between, which shows in a time that cannot be.
 */
function roundTripUs({ sentAt, sentWallUs }: Waiting, arrivedAtUs: number | null): number {
  const mostUs = microsSince(sentAt);
  const us = arrivedAtUs === null ? mostUs : Math.round(arrivedAtUs - sentWallUs);
  return us >= 1 && us <= mostUs ? us : mostUs;
}

/** Sockets of the first way the kernel allows; a machine may lack a family. */
function openSockets(): { way: SocketWay; sockets: IcmpSocket[] } | string {
  const refusals: string[] = [];
  for (const way of ['dgram', 'raw'] as const) {
    const sockets: IcmpSocket[] = [];
    for (const family of [4, 6] as const) {
      const fd = libc.openSocket(family, way);
      if (typeof fd === 'number') sockets.push({ family, fd });
      else refusals.push(`${way} IPv${family} socket: ${fd}`);
    }
    if (sockets.length > 0) return { way, sockets };
  }
  return refusals.join(', ');
}

function start(port: MessagePort): void {
  const tell = (news: News) => port.postMessage(written(news));
  const opened = openSockets();
  const wakerFd = libc.openWaker();
  if (typeof opened === 'string' || typeof wakerFd === 'string') {
    tell({ type: 'unfit', reason: typeof opened === 'string' ? opened : `eventfd: ${wakerFd}` });
    return;
  }
  const engine = new Engine(opened.way, opened.sockets, wakerFd);
  const inbox = () => {
    const next = receiveMessageOnPort(port);
    return next ? commandOf(next.message) : undefined;
  };
  port.on('message', (text: string) => {
    const state = engine.accept(commandOf(text)) === 'stop' ? 'stopped' : engine.run(inbox, tell);
    if (state === 'idle') return;
    engine.close();
    port.close();
  });
  tell({ type: 'ready', way: opened.way, wakerFd });
}

if (parentPort) start(parentPort);
