// The runner's end of the instant channel: it connects when the worker says that there is one, and looks when told to.
// What it misses comes with the next flush, so a line that breaks costs nothing but time.
import { backoffMs } from '#core/backoff.ts';
import { LOOK, PING, PING_EVERY_MS, PONG } from '#core/wire/channel.ts';
import type { Client } from './client.ts';
import { type ChannelLine, type RunnerPlatform, random01 } from './platform.ts';

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 300_000;
const PONG_WITHIN_MS = 10_000;

interface Given {
  platform: RunnerPlatform;
  client: Client;
  /** The worker has something new. */
  look: () => void;
}

export class BellLine {
  readonly #given: Given;
  #line: ChannelLine | null = null;
  #attempts = 0;
  #cancel: (() => void) | null = null;
  #wanted = false;

  constructor(given: Given) {
    this.#given = given;
  }

  /** The worker's latest word on whether it has a channel. */
  want(wanted: boolean): void {
    if (wanted === this.#wanted || !this.#given.platform.connect) return;
    this.#wanted = wanted;
    if (wanted) this.#connect();
    else this.stop();
  }

  stop(): void {
    this.#wanted = false;
    this.#cancel?.();
    this.#cancel = null;
    this.#line?.close();
    this.#line = null;
  }

  #connect(): void {
    this.#cancel = null;
    const call = this.#given.client.channelCall();
    const line: ChannelLine | undefined = this.#given.platform.connect?.({
      ...call,
      opened: () => {
        this.#attempts = 0;
        this.#given.platform.log('debug', 'the instant channel is open');
        this.#pingIn(PING_EVERY_MS);
      },
      heard: (text) => {
        if (text === PONG) this.#pingIn(PING_EVERY_MS);
        if (text === LOOK) this.#given.look();
      },
      closed: () => {
        if (this.#line !== line) return;
        this.#line = null;
        this.#again();
      },
    });
    this.#line = line ?? null;
  }

  #pingIn(ms: number): void {
    this.#wait(ms, () => {
      this.#line?.send(PING);
      this.#wait(PONG_WITHIN_MS, () => {
        this.#line?.close();
        this.#line = null;
        this.#again();
      });
    });
  }

  #again(): void {
    if (!this.#wanted) return;
    const { platform } = this.#given;
    const limits = { baseMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS, random01: random01(platform) };
    this.#wait(backoffMs(++this.#attempts, limits), () => this.#connect());
  }

  #wait(ms: number, then: () => void): void {
    this.#cancel?.();
    this.#cancel = this.#given.platform.setTimer(ms, then);
  }
}
