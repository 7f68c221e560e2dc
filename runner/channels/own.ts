// The channels that the runner's owner set up in its file, by name. What they answer is searched for their secrets.

import { messageOf } from '../failure.ts';
import { Mask } from '../guard/mask.ts';
import type { OwnMessage, SendDeps, SendResult } from './channel.ts';
import { OWN_KINDS, type OwnSettings } from './index.ts';

/** Shorter ones could not be kept out of texts without spoiling them. */
const MIN_MASKED = 8;
const TIMEOUT_MS = 15_000;
const MAX_ERROR = 300;

export class OwnChannels {
  readonly #channels: ReadonlyMap<string, OwnSettings>;
  readonly #mask: Mask;

  constructor(channels: ReadonlyMap<string, OwnSettings>) {
    this.#channels = channels;
    this.#mask = new Mask(this.values());
  }

  get size(): number {
    return this.#channels.size;
  }

  has(name: string): boolean {
    return this.#channels.has(name);
  }

  /** What to keep out of every text. */
  values(): Map<string, string> {
    const found = [...this.#channels].flatMap(([name, settings]) =>
      OWN_KINDS[settings.kind]
        .secretsOf(settings)
        .map((value, index) => [`${name}-${index + 1}`, value] as const),
    );
    return new Map(found.filter(([, value]) => value.length >= MIN_MASKED));
  }

  /** One attempt. Never throws, and its error never shows a secret. */
  async send(
    name: string,
    message: OwnMessage,
    deps: Omit<SendDeps, 'timeoutMs'>,
  ): Promise<SendResult> {
    const settings = this.#channels.get(name);
    if (!settings) {
      return {
        ok: false,
        retry: false,
        error: `this runner has no channel "${name.slice(0, 64)}"`,
      };
    }
    const result = await OWN_KINDS[settings.kind]
      .send(settings, message, { ...deps, timeoutMs: TIMEOUT_MS })
      .catch((error: unknown): SendResult => {
        return { ok: false, retry: true, error: messageOf(error) };
      });
    if (result.ok) return { ok: true, receipt: this.#mask.of(result.receipt).slice(0, 200) };
    return { ...result, error: this.#mask.of(result.error).slice(0, MAX_ERROR) };
  }
}

export const NO_CHANNELS = new OwnChannels(new Map());
