import { microsSince } from '../deadline.ts';
import { systemError } from '../net/libc.ts';
import type { Line, LineHears } from '../net/line.ts';
import { type SentAt, tookUs, wallUs } from '../net/stamp.ts';
import * as libc from './libc.ts';
import type { Held, OwnSockets } from './ownSockets.ts';

/** More than this does not go out in one packet. */
const PACKET_BYTES = 1200;
/** Read at once from one line while others wait. */
const MOST_READINGS = 16;

/** A line over a socket of our own that has connected. */
export class OwnLine implements Line, Held, SentAt {
  readonly #sockets: OwnSockets;
  readonly #fd: number;
  /** No answer can come any sooner than this after the saying. */
  readonly #nearMs: number;
  #hears: LineHears | null = null;
  #unsaid: Buffer | null = null;
  /** What stopped it from being said, told once all is heard that the other end had said before. */
  #failure: Error | null = null;
  /** There was something to hear before anything was said. */
  #isReadable: boolean;
  #isUp = true;
  sentAt = 0;
  sentWallUs = 0;

  constructor(sockets: OwnSockets, fd: number, handshakeMs: number, isReadable: boolean) {
    this.#sockets = sockets;
    this.#fd = fd;
    this.#nearMs = handshakeMs;
    this.#isReadable = isReadable;
    libc.stampArrivals(fd);
  }

  say(bytes: Buffer, hears: LineHears): void {
    this.#hears = hears;
    this.#unsaid = bytes;
    if (bytes.length > PACKET_BYTES) libc.sendAtOnce(this.#fd);
    this.sentAt = performance.now();
    this.sentWallUs = wallUs();
    this.#sayOn();
    if (this.#isReadable || this.#failure) this.#sockets.fellBehind(this);
    else this.#sockets.expect(this.#nearMs);
  }

  look(): void {
    this.#sockets.look();
  }

  hangUp(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#sockets.letGo(this.#fd);
  }

  woken(isReadable: boolean): void {
    if (this.#hears === null) this.#isReadable ||= isReadable;
    else if (this.#isUp) {
      this.#sayOn();
      if (isReadable || this.#failure) this.#hear(this.#hears);
    }
  }

  /** Says as much of the rest as there is room for. */
  #sayOn(): void {
    while (this.#unsaid !== null) {
      const taken = libc.say(this.#fd, this.#unsaid);
      if (taken === 0) return;
      const isWhole = taken === this.#unsaid.length;
      if (typeof taken === 'number' && !isWhole) {
        this.#unsaid = this.#unsaid.subarray(taken);
        continue;
      }
      this.#unsaid = null;
      if (typeof taken === 'string') this.#failure = systemError('write', taken);
    }
  }

  #hear(hears: LineHears): void {
    for (let readings = 0; readings < MOST_READINGS; readings++) {
      const bytes = libc.hear(this.#fd);
      if (bytes === null || bytes === 0 || typeof bytes === 'string') {
        this.#stopped(hears, bytes, readings);
        return;
      }
      hears.data(libc.heard.subarray(0, bytes), this.#heardAfterUs());
      if (!this.#isUp) return;
    }
    this.#sockets.fellBehind(this);
  }

  #stopped(hears: LineHears, by: null | 0 | string, readings: number): void {
    const failure = typeof by === 'string' ? systemError('read', by) : this.#failure;
    if (failure) hears.failed(failure, microsSince(this.sentAt));
    else if (by === 0) hears.ended();
    // Whatever comes next is likely to follow at once.
    else if (readings > 0) this.#sockets.lookSoon();
  }

  #heardAfterUs(): number {
    const atUs = libc.heardAtUs();
    this.#sockets.arrivals.note(atUs !== null, performance.now());
    return tookUs(this, atUs);
  }
}
