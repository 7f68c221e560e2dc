// The instant channel of a world that has one: a word takes some time, and dies with the machine it is for.
import { LOOK, PING, PONG } from '#core/wire/channel.ts';
import type { ChannelCall, ChannelLine } from '#runner/platform.ts';
import type { VirtualClock } from './clock.ts';

const OPEN_MS = 60;
const WORD_MS = 40;

export class Bell {
  readonly #clock: VirtualClock;
  readonly #lines = new Map<number, ChannelCall>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  connect(runnerId: number, call: ChannelCall): ChannelLine {
    this.#clock.after(OPEN_MS, () => {
      this.#lines.set(runnerId, call);
      call.opened();
    });
    return {
      send: (text) => {
        if (text === PING) this.#clock.after(2 * WORD_MS, () => call.heard(PONG));
      },
      close: () => this.#lines.delete(runnerId),
    };
  }

  ring(ids: readonly number[] | 'all'): void {
    for (const [runnerId, call] of this.#lines) {
      if (ids === 'all' || ids.includes(runnerId)) {
        this.#clock.after(WORD_MS, () => call.heard(LOOK));
      }
    }
  }
}
