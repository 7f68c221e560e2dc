// Telegram as people see it: what arrived in the chats, and what became of each attempt.
import type { VirtualClock } from './clock.ts';
import type { Connected } from './database.ts';
import type { Random } from './random.ts';
import type { Story } from './story.ts';

/** A message that stands in a chat. */
export interface Arrived {
  chatId: string;
  deliveryIds: number[];
  at: number;
  subject: string;
  /** Who sent it, and whether it was told that it arrived. */
  sender: Connected;
  answered: boolean;
}

export type ChatTrouble = 'tooMany' | 'broken' | 'hangs' | 'drops';

export class Chats {
  readonly arrived: Arrived[] = [];
  trouble: ChatTrouble | null = null;
  /** A digest was so long that it does not name all it settles. */
  shortened = false;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #story: Story;

  constructor(clock: VirtualClock, random: Random, story: Story) {
    this.#clock = clock;
    this.#random = random;
    this.#story = story;
  }

  fetch(sender: Connected, _: unknown, init?: RequestInit): Promise<Response> {
    const { trouble } = this;
    const { chat_id: chatId, text } = JSON.parse(String(init?.body));
    return new Promise((resolve, reject) => {
      const give = (status: number, body: object) =>
        this.#clock.after(this.#random.int(20, 400), () =>
          resolve(new Response(JSON.stringify(body), { status })),
        );
      const hang = () =>
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      if (trouble === 'hangs') return hang();
      if (trouble === 'broken') return give(500, { ok: false, error_code: 500, description: 'no' });
      if (trouble === 'tooMany') {
        const parameters = { retry_after: this.#random.int(1, 30) };
        return give(429, { ok: false, error_code: 429, description: 'too many', parameters });
      }
      this.#clock.after(this.#random.int(20, 400), () => {
        this.#arrive({ chatId, text, sender, answered: trouble === null });
        if (trouble === 'drops') return hang();
        give(200, { ok: true, result: { message_id: this.arrived.length } });
      });
    });
  }

  #arrive(given: { chatId: string; text: string; sender: Connected; answered: boolean }): void {
    const { chatId, text, sender, answered } = given;
    const footer = /Anyup, deliver(?:y|ies) ([\d, ]+)/.exec(text)?.[1] ?? '';
    const subject = /<b>(.*?)<\/b>/s.exec(text)?.[1] ?? '';
    if (/ and \d+ more$/.test(text)) this.shortened = true;
    const deliveryIds = footer.split(', ').map(Number);
    this.arrived.push({ chatId, deliveryIds, at: this.#clock.nowMs, subject, sender, answered });
    this.#story.tell(`chat ${chatId} reads "${subject}" (${footer})`);
  }
}
