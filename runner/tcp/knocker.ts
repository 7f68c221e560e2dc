// Connections that are hung up as soon as they are open, over sockets of our own: half of what one of Node's costs. The
// kernel tells how long a handshake took, so nobody has to stand by for its end: it is looked for now and then.
import type { Hears, Open } from '../net/race.ts';
import { destination } from '../net/socketAddress.ts';
import * as libc from './libc.ts';

/** From the first look after the turn of the event loop to the next; each then waits that much longer than the last. */
const LOOK = { firstMs: 1, growth: 1.5, lastMs: 100 };

/** How to knock here; null where the kernel lacks something. */
export function openKnocker(): {
  open: Open<null>;
  look: () => void;
  isTrue: () => boolean;
} | null {
  const watch = libc.openWatch();
  const fd = libc.openSocket(4);
  const tells = typeof fd === 'number' && libc.handshakeOf(fd) !== null;
  if (typeof fd === 'number') libc.reset(fd);
  if (typeof watch !== 'number' || !tells) return null;
  const knocker = new Knocker(watch);
  return {
    open: ({ address, family }, port, hears) => knocker.knock(address, family, port, hears),
    look: () => knocker.look(),
    isTrue: () => !knocker.isMute,
  };
}

class Knocker {
  readonly #watch: number;
  /** By descriptor. */
  readonly #waiting = new Map<number, Hears<null>>();
  /** What failed at once, told with the next look. */
  #failed: Array<{ hears: Hears<null>; code: string }> = [];
  #soon: NodeJS.Immediate | null = null;
  #timer: NodeJS.Timeout | undefined;
  #lookMs = 0;
  /** The kernel told no time of a handshake that went through: here they cannot be measured this way. */
  isMute = false;

  constructor(watch: number) {
    this.#watch = watch;
  }

  knock(address: string, family: 4 | 6, port: number, hears: Hears<null>): () => void {
    this.#soon ??= setImmediate(() => this.#lookFirst());
    const fd = libc.openSocket(family);
    if (typeof fd === 'string') return this.#failAtOnce(hears, fd);
    const to = destination(address, family, port);
    const code =
      to === null ? 'EINVAL' : (libc.beginConnect(fd, to) ?? libc.watchFor(this.#watch, fd));
    if (code !== null) {
      libc.reset(fd);
      return this.#failAtOnce(hears, code);
    }
    this.#waiting.set(fd, hears);
    return () => {
      if (this.#waiting.get(fd) !== hears) return;
      this.#waiting.delete(fd);
      libc.reset(fd);
    };
  }

  #failAtOnce(hears: Hears<null>, code: string): () => void {
    const failure = { hears, code };
    this.#failed.push(failure);
    return () => {
      this.#failed = this.#failed.filter((each) => each !== failure);
    };
  }

  #lookFirst(): void {
    this.#soon = null;
    this.#lookMs = LOOK.firstMs;
    this.look();
  }

  look(): void {
    clearTimeout(this.#timer);
    const failed = this.#failed;
    this.#failed = [];
    for (const { hears, code } of failed) hears.failed(systemError(code));
    for (const fd of libc.ended(this.#watch)) this.#end(fd);
    if (this.#waiting.size === 0) return;
    this.#timer = setTimeout(() => this.look(), this.#lookMs);
    this.#lookMs = Math.min(LOOK.lastMs, this.#lookMs * LOOK.growth);
  }

  #end(fd: number): void {
    const hears = this.#waiting.get(fd);
    const handshake = libc.handshakeOf(fd);
    if (!hears || !handshake || handshake.isUnderWay) return;
    const { us, sentAgain } = handshake;
    const code = libc.errorOf(fd);
    this.#waiting.delete(fd);
    libc.reset(fd);
    // Where there is a time there was a handshake, whatever the other end did before somebody looked.
    if (code !== null && us === 0) {
      hears.failed(systemError(code));
      return;
    }
    this.isMute ||= us === 0 && !sentAgain;
    hears.connected(null, us === 0 || sentAgain ? null : us);
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}
