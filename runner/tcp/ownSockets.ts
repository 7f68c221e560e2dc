// Sockets of our own: less than half of what Node's cost. The kernel tells how long a handshake took and when an answer
// came, so nobody has to stand by for either: all of them are looked at together, now and then.
import { systemError } from '../net/libc.ts';
import type { Line } from '../net/line.ts';
import type { Hears, Open } from '../net/race.ts';
import { destination } from '../net/socketAddress.ts';
import * as libc from './libc.ts';
import { OwnLine } from './ownLine.ts';
import { Telling } from './telling.ts';

/**
 * From the first look after the turn of the event loop to the next; each then waits that much longer than the last. So those
 * that answer at different times are heard together, a few times a slot: what came when is the kernel's word, not ours.
 */
const LOOK = { firstMs: 1, growth: 2, lastMs: 250 };

/** A socket that something is waited for on. */
export interface Held {
  /** Something happened to it, or may have. */
  woken: (isReadable: boolean) => void;
}

/** What comes of a handshake: who is told has the socket from then on. */
type Connected = (fd: number, us: number | null, isReadable: boolean) => void;

export class OwnSockets {
  readonly #watch: number;
  /** By descriptor. */
  readonly #held = new Map<number, Held>();
  /** What failed at once, told with the next look. */
  #failed: Array<{ hears: Hears<never>; code: string }> = [];
  /** Those with more to hear than was taken in. */
  #behind: Held[] = [];
  #soon: NodeJS.Immediate | null = null;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = 0;
  #lookMs = 0;
  readonly #handshakes = new Telling(performance.now());
  readonly arrivals = new Telling(performance.now());

  constructor(watch: number) {
    this.#watch = watch;
  }

  /** Null where the kernel or the C library lacks something. */
  static open(): OwnSockets | null {
    const watch = libc.openWatch();
    const fd = libc.openSocket(4);
    if (typeof watch === 'number' && typeof fd === 'number' && libc.handshakeOf(fd) !== null) {
      // Stays open: the kernel stops stamping with the last socket that asks for it, and takes milliseconds to begin.
      libc.stampArrivals(fd);
      return new OwnSockets(watch);
    }
    for (const opened of [watch, fd]) if (typeof opened === 'number') libc.hangUp(opened);
    return null;
  }

  /** Whether a handshake can be measured. */
  canKnock(): boolean {
    return !this.#handshakes.isMute();
  }

  /** Whether an answer can be measured too. */
  canTalk(): boolean {
    return libc.IS_KNOWN_LAYOUT && this.canKnock() && !this.arrivals.isMute();
  }

  /** Connects and hangs up at once. */
  readonly knock: Open<null> = ({ address, family }, port, hears) => {
    const connected: Connected = (fd, us) => {
      libc.reset(fd);
      hears.connected(null, us);
    };
    return this.#connect(address, family, port, hears, connected);
  };

  /** Connects to say something. */
  readonly call: Open<Line> = ({ address, family }, port, hears) => {
    const connected: Connected = (fd, us, isReadable) => {
      const line = new OwnLine(this, fd, (us ?? 0) / 1000, isReadable);
      this.#held.set(fd, line);
      hears.connected(line, us);
    };
    return this.#connect(address, family, port, hears, connected);
  };

  #connect(
    address: string,
    family: 4 | 6,
    port: number,
    hears: Hears<never>,
    connected: Connected,
  ): () => void {
    this.lookSoon();
    const fd = libc.openSocket(family);
    if (typeof fd === 'string') return this.#failAtOnce(hears, fd);
    const to = destination(address, family, port);
    const code =
      to === null ? 'EINVAL' : (libc.beginConnect(fd, to) ?? libc.watchFor(this.#watch, fd));
    if (code !== null) {
      libc.reset(fd);
      return this.#failAtOnce(hears, code);
    }
    const held = {
      woken: (isReadable: boolean) => this.#opened(fd, hears, connected, isReadable),
    };
    this.#held.set(fd, held);
    return () => {
      if (this.#held.get(fd) !== held) return;
      this.#held.delete(fd);
      libc.reset(fd);
    };
  }

  #failAtOnce(hears: Hears<never>, code: string): () => void {
    const failure = { hears, code };
    this.#failed.push(failure);
    return () => {
      this.#failed = this.#failed.filter((each) => each !== failure);
    };
  }

  #opened(fd: number, hears: Hears<never>, connected: Connected, isReadable: boolean): void {
    const handshake = libc.handshakeOf(fd);
    if (!handshake || handshake.isUnderWay) return;
    const { us, sentAgain } = handshake;
    // Where there is a time there was a handshake, whatever the other end did before somebody looked.
    const code = us > 0 ? null : libc.errorOf(fd);
    this.#held.delete(fd);
    if (code !== null) {
      libc.reset(fd);
      hears.failed(systemError('connect', code));
      return;
    }
    if (!sentAgain) this.#handshakes.note(us > 0, performance.now());
    connected(fd, us === 0 || sentAgain ? null : us, isReadable);
  }

  /** It is not waited for any more, and its descriptor is closed. */
  letGo(fd: number): void {
    this.#held.delete(fd);
    libc.hangUp(fd);
  }

  /** There is more to hear, for which the others shall not wait. */
  fellBehind(held: Held): void {
    this.#behind.push(held);
    this.lookSoon();
  }

  /** At the end of this turn of the event loop. */
  lookSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = null;
      this.#lookMs = LOOK.firstMs;
      this.look();
    });
  }

  /** What comes now comes that soon at the earliest. */
  expect(nearMs: number): void {
    if (nearMs < LOOK.firstMs) this.lookSoon();
  }

  #lookAt(atMs: number): void {
    if (this.#timer !== undefined && this.#timerAt <= atMs) return;
    clearTimeout(this.#timer);
    this.#timerAt = atMs;
    this.#timer = setTimeout(() => this.look(), Math.max(1, atMs - performance.now()));
  }

  /** Takes in what happened. */
  look(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const failed = this.#failed;
    this.#failed = [];
    for (const { hears, code } of failed) hears.failed(systemError('connect', code));
    const behind = this.#behind;
    this.#behind = [];
    for (const held of behind) held.woken(true);
    const count = libc.woken(this.#watch);
    for (let i = 0; i < count; i++) {
      this.#held.get(libc.wokenSocket(i))?.woken(libc.isReadable(i));
    }
    if (this.#held.size === 0) return;
    this.#lookAt(performance.now() + this.#lookMs);
    this.#lookMs = Math.min(LOOK.lastMs, this.#lookMs * LOOK.growth);
  }
}
