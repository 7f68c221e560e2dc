// Does what the worker asks in its answers, a few at a time, never in the way of posting.
import type { Ask, AskAnswer } from '#core/wire/ask.ts';
import type { Client } from './client.ts';
import { failed, fitted, fittedFinding } from './measurement.ts';
import type { RunnerPlatform } from './platform.ts';
import type { Probed } from './probe.ts';

const AT_ONCE = 4;
const MAX_WAITING = 100;
/** An answer nobody takes is sent again after these, then dropped: whoever asked has gone by then. */
const RESEND_AFTER_MS = [1000, 4000, 10_000];

interface Given {
  platform: RunnerPlatform;
  client: Client;
  probesFolder: string | null;
  /** Probe an assigned check out of turn. */
  reprobe: (checkId: number) => void;
  /** The same, because another location saw it turn. */
  confirm: (checkId: number) => void;
  /** Send a message by a channel of this runner's own. */
  relay: (ask: Extract<Ask, { type: 'relay' }>) => void;
}

export class Asks {
  readonly #given: Given;
  readonly #waiting: Array<Extract<Ask, { type: 'try' }>> = [];
  /** Ids seen lately: the worker may ask twice. */
  readonly #seen = new Set<string>();
  #busy = 0;

  constructor(given: Given) {
    this.#given = given;
  }

  take(asks: readonly Ask[]): void {
    for (const ask of asks) {
      // It is answered again each time it is asked for.
      if (ask.type === 'relay') this.#given.relay(ask);
      if (ask.type === 'relay' || this.#seen.has(ask.id)) continue;
      this.#remember(ask.id);
      if (ask.type === 'reprobe') this.#given.reprobe(ask.checkId);
      else if (ask.type === 'confirm') for (const id of ask.checkIds) this.#given.confirm(id);
      else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(ask);
      else
        this.#given.platform.log('warn', `too many checks to try at once; left out ask ${ask.id}`);
    }
    this.#next();
  }

  #remember(id: string): void {
    this.#seen.add(id);
    const [oldest] = this.#seen;
    if (this.#seen.size > 1000 && oldest !== undefined) this.#seen.delete(oldest);
  }

  #next(): void {
    while (this.#busy < AT_ONCE) {
      const ask = this.#waiting.shift();
      if (!ask) return;
      this.#busy++;
      this.#tryOut(ask).finally(() => {
        this.#busy--;
        this.#next();
      });
    }
  }

  async #tryOut(ask: Extract<Ask, { type: 'try' }>): Promise<void> {
    const { platform, client, probesFolder } = this.#given;
    const context = { timeoutMs: ask.timeoutMs, probesFolder, explain: true };
    const answer = await platform
      .probe(ask.config, context)
      .then(answerOf)
      .catch((error: Error) => answerOf(failed(`the probe failed: ${error.message}`)));
    for (const waitMs of [...RESEND_AFTER_MS, null]) {
      const outcome = await client.answerAsk(ask.id, answer);
      if (outcome.type !== 'later') return;
      if (waitMs === null) {
        platform.log('warn', `nobody took the answer to ask ${ask.id}: ${outcome.why}`);
        return;
      }
      await new Promise<void>((resolve) => platform.setTimer(waitMs, resolve));
    }
  }
}

function answerOf(probed: Probed): AskAnswer {
  const { proposes, findings, certificate } = probed;
  return {
    measurement: fitted(probed),
    ...(findings && { findings: findings.slice(0, 100).map(fittedFinding) }),
    ...(certificate && { certificate: certificate.slice(0, 4096) }),
    ...(proposes && { proposes }),
  };
}
