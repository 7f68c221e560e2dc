// Between runners and workers: cut, slow, lossy, repeating, reordering, and changing what it carries.
import type { HttpAnswer, HttpCall } from '#runner/platform.ts';
import type { VirtualClock } from './clock.ts';
import type { Isolate } from './isolate.ts';
import { hashOf, type Ledger } from './ledger.ts';
import type { Machine } from './machine.ts';
import type { Random } from './random.ts';
import type { Story } from './story.ts';

/** How often what goes wrong on a link, 0 … 1 each. */
export interface Weather {
  /** The request never arrives. */
  loses: number;
  /** The work is done and nobody hears of it. */
  losesAnswer: number;
  /** It arrives twice, at two isolates if there are two. */
  repeats: number;
  /** Bytes of the body change, or its end is missing. */
  corrupts: number;
  /** Something in between answers in the worker's place. */
  portal: number;
  /** Longest way there, ms. */
  delayMs: number;
}

export const FAIR: Weather = {
  loses: 0,
  losesAnswer: 0,
  repeats: 0,
  corrupts: 0,
  portal: 0,
  delayMs: 30,
};

interface Given {
  clock: VirtualClock;
  random: Random;
  story: Story;
  isolates: Isolate[];
  ledger: Ledger;
}

export class Network {
  readonly #given: Given;
  /** By machine: the link to the worker is cut. */
  readonly cut = new Set<string>();
  readonly weather = new Map<string, Weather>();

  constructor(given: Given) {
    this.#given = given;
  }

  /** One exchange of a machine with whichever isolate the balancer picks. */
  send(machine: Machine, call: HttpCall): Promise<HttpAnswer> {
    const { clock, random, story, ledger } = this.#given;
    ledger.leaves(machine.name, call);
    const weather = this.weather.get(machine.name) ?? FAIR;
    const what = `${machine.name} ${call.method} ${call.url.replace(/^.*\/runner\//, '')}`;
    return new Promise((resolve, reject) => {
      let open = true;
      const close = (how: string, end: () => void) => {
        if (!open) return;
        open = false;
        story.tell(`${what}: ${how}`);
        end();
      };
      const fail = (why: string) => close(why, () => reject(new Error(why)));
      clock.after(call.timeoutMs, () => fail('no answer in time'));
      if (machine.cutOff || this.cut.has(machine.name)) {
        if (random.chance(0.5)) clock.after(random.int(1, 50), () => fail('no route'));
        return;
      }
      if (random.chance(weather.portal)) {
        const answer = portal(random.int(0, 3));
        clock.after(random.int(5, 500), () =>
          close(`a portal's ${answer.status}`, () => resolve(answer)),
        );
        return;
      }
      const copies = random.chance(weather.repeats) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        if (random.chance(weather.loses)) continue;
        const wayMs = random.int(1, weather.delayMs);
        const sent = random.chance(weather.corrupts) ? corrupted(call, random) : call;
        const loses = copy > 0 || random.chance(weather.losesAnswer);
        clock.after(wayMs, async () => {
          const alive = this.#given.isolates.filter((isolate) => isolate.isRunning);
          if (alive.length === 0) {
            clock.after(wayMs, () => fail('connection refused'));
            return;
          }
          const isolate = random.pick(alive);
          let answer: HttpAnswer;
          try {
            answer = await isolate.handle(sent);
          } catch (error) {
            clock.after(wayMs, () => fail((error as Error).message));
            return;
          }
          if (
            sent === call &&
            answer.status === 200 &&
            call.url.endsWith('/results') &&
            call.body
          ) {
            ledger.acknowledged.push(hashOf(call.body));
          }
          if (sent === call && copy === 0)
            story.tell(`${what}: ${isolate.name} answers ${answer.status}`);
          clock.after(wayMs, () => {
            if (loses || machine.cutOff || this.cut.has(machine.name)) return;
            close(String(answer.status), () => resolve(answer));
          });
        });
      }
    });
  }
}

function corrupted(call: HttpCall, random: Random): HttpCall {
  if (call.body === null) return call;
  const body = Uint8Array.from(call.body);
  if (random.chance(0.5))
    return { ...call, body: body.subarray(0, random.int(0, body.length - 1)) };
  const at = random.int(0, body.length - 1);
  body[at] = (body[at] as number) ^ (1 << random.int(0, 7));
  return { ...call, body };
}

/** What a proxy or a hotel says in the worker's place. */
function portal(which: number): HttpAnswer {
  const html = Buffer.from('<html>Welcome to our network</html>');
  const status = [200, 302, 403, 502][which] as number;
  return {
    status,
    headers: { 'content-type': 'text/html', location: 'http://portal/' },
    body: html,
  };
}
