// Sends what the worker hands over by channels of the runner's own file, each message once, and tells what became of it.
import * as z from 'zod';
import { oneLine } from '#core/text.ts';
import type { Ask } from '#core/wire/ask.ts';
import type { RelayAnswer } from '#core/wire/relay.ts';
import type { OwnMessage } from './channels/channel.ts';
import type { OwnChannels } from './channels/own.ts';
import type { Client } from './client.ts';
import type { RunnerPlatform } from './platform.ts';

const FILE = 'relayed.json';
const AT_ONCE = 4;
const MAX_WAITING = 100;
/** So many messages that were sent are remembered; the worker gives each up after a day. */
const REMEMBERED = 1000;
const RESEND_AFTER_MS = [1000, 4000, 10_000, 30_000];

const storedSchema = z.object({ sent: z.array(z.tuple([z.string(), z.string()])) });

type Errand = Extract<Ask, { type: 'relay' }>;
type Delivery = RelayAnswer['delivery'];

/** What the runner's owner set. */
export interface RelaySetUp {
  /** Names of the channels the worker may use. */
  names: readonly string[];
  channels: OwnChannels;
  telegramApiUrl: string | null;
}

interface Given extends RelaySetUp {
  platform: RunnerPlatform;
  client: Client;
}

export class Relays {
  readonly #given: Given;
  readonly #waiting: Errand[] = [];
  /** Keys of messages that wait or are on their way. */
  readonly #underWay = new Set<string>();
  #busy = 0;
  /** By key: the receipt of what was sent, oldest first. */
  #sent: Promise<Map<string, string>> | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(given: Given) {
    this.#given = given;
  }

  take(errand: Errand): void {
    const { key } = errand.message;
    if (this.#underWay.has(key)) return;
    // The worker asks again for what is not answered.
    if (this.#waiting.length >= MAX_WAITING) return;
    this.#underWay.add(key);
    this.#waiting.push(errand);
    this.#next();
  }

  #next(): void {
    while (this.#busy < AT_ONCE) {
      const errand = this.#waiting.shift();
      if (!errand) return;
      this.#busy++;
      this.#run(errand)
        .catch((error: Error) => {
          this.#given.platform.log('error', `a message could not be relayed: ${error.message}`);
        })
        .finally(() => {
          this.#busy--;
          this.#underWay.delete(errand.message.key);
          this.#next();
        });
    }
  }

  async #run(errand: Errand): Promise<void> {
    const { platform, client } = this.#given;
    const delivery = await this.#deliver(errand);
    for (const waitMs of [...RESEND_AFTER_MS, null]) {
      const outcome = await client.answerAsk(errand.id, { delivery });
      if (outcome.type !== 'later') return;
      if (waitMs === null) {
        platform.log('warn', `nobody took the receipt of ${errand.id}: ${outcome.why}`);
        return;
      }
      await new Promise<void>((resolve) => platform.setTimer(waitMs, resolve));
    }
  }

  /** What was sent is not sent again, whoever asks how often. */
  async #deliver({ channel, message }: Errand): Promise<Delivery> {
    const { platform, channels, names, telegramApiUrl } = this.#given;
    if (!names.includes(channel)) {
      const error = `its own file lists no channel "${oneLine(channel, 64)}" under "relay"`;
      return { ok: false, retry: true, error };
    }
    this.#sent ??= this.#load();
    const sent = await this.#sent;
    const before = sent.get(message.key);
    if (before !== undefined) return { ok: true, receipt: before };
    const { request } = platform;
    const result = await channels.send(channel, dressed(message), { request, telegramApiUrl });
    if (!result.ok) {
      const { retry, afterMs, error } = result;
      platform.log('warn', `${channel} did not take a message of the worker: ${error}`);
      const wait = afterMs === undefined ? {} : { afterMs: Math.min(3_600_000, afterMs) };
      return { ok: false, retry, ...wait, error };
    }
    platform.log('info', `${channel} took a message of the worker (${message.key})`);
    sent.set(message.key, result.receipt);
    await this.#save(sent);
    return { ok: true, receipt: result.receipt };
  }

  async #load(): Promise<Map<string, string>> {
    try {
      const bytes = await this.#given.platform.disk.read(FILE);
      return new Map(storedSchema.parse(JSON.parse(Buffer.from(bytes ?? '').toString())).sent);
    } catch {
      return new Map();
    }
  }

  #save(sent: Map<string, string>): Promise<void> {
    for (const [oldest] of sent) {
      if (sent.size <= REMEMBERED) break;
      sent.delete(oldest);
    }
    const { disk, log } = this.#given.platform;
    this.#writing = this.#writing
      .then(() => disk.replace(FILE, Buffer.from(JSON.stringify({ sent: [...sent] }))))
      .catch((error: Error) => log('warn', `cannot write ${FILE}: ${error.message}`));
    return this.#writing;
  }
}

/** A line is a line: what comes from the worker cannot begin another, nor a header of a mail. */
function dressed({ subject, lines, footer, mood, key }: Errand['message']): OwnMessage {
  return {
    subject: oneLine(subject, 300),
    lines: lines.map((line) => oneLine(line, 2000)),
    footer: oneLine(footer, 300),
    mood,
    key,
    thread: key,
  };
}
