// The owner of the monitor, who changes things by the API while everything else goes on.
import { createHash } from 'node:crypto';
import type { HttpAnswer, HttpCall } from '#runner/platform.ts';
import type { VirtualClock } from './clock.ts';
import type { CheckPlan, Edit } from './faults.ts';
import type { Isolate } from './isolate.ts';
import type { Story } from './story.ts';

const ACCESS_KEY = 'q7Zk2vN8xR4tY6wB1mC3pL';

export const ACCESS_KEY_HASH = createHash('sha256').update(ACCESS_KEY).digest('base64url');

/** Names of instants in answers. */
const INSTANT = /^(at|asOf|since)$|[a-z]At$/;

/** Tries on for so long when the worker is away. */
const PATIENCE = 400;
const AGAIN_MS = 1000;

export class Owner {
  readonly #clock: VirtualClock;
  readonly #story: Story;
  readonly #isolates: Isolate[];
  #turn = 0;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(clock: VirtualClock, story: Story, isolates: Isolate[]) {
    this.#clock = clock;
    this.#story = story;
    this.#isolates = isolates;
  }

  async code(location: string): Promise<string> {
    const made = await this.#call('POST', '/join-codes', { location, uses: 9 });
    return String(made.code);
  }

  async addHost(name: string, check: CheckPlan): Promise<{ host: number; check: number }> {
    const made = (await this.#call('POST', '/hosts', { name, checks: [fields(check)] })) as {
      host: { id: number; checks: Array<{ id: number }> };
    };
    return { host: made.host.id, check: Number(made.host.checks[0]?.id) };
  }

  async addChannel(chatId: string, from: 'degraded' | 'down', fleet: boolean): Promise<void> {
    const token = '123456789:AAFakeTokenFakeTokenFakeTokenFakeT0';
    const settings = { token, chatId };
    const channel = await this.#call('POST', '/channels', {
      name: `chat ${chatId}`,
      kind: 'telegram',
      settings,
    });
    const { rules } = (await this.#call('GET', '/rules')) as {
      rules: Array<{ id: number; channelId: number }>;
    };
    const rule = rules.find(({ channelId }) => channelId === channel.id);
    await this.#call('PATCH', `/rules/${rule?.id}`, { from, fleet });
  }

  /** One change after the other, as a person makes them. */
  setRunner(id: number, status: 'active' | 'disabled'): Promise<unknown> {
    const change = () => this.#call('PATCH', `/runners/${id}`, { status });
    this.#changing = this.#changing.then(change);
    return this.#changing;
  }

  async revoke(id: number): Promise<void> {
    await this.#call('DELETE', `/runners/${id}`);
  }

  async edit(ids: { host: number; check: number }, edit: Edit): Promise<void> {
    const path = `/hosts/${ids.host}`;
    const change = (patch: object) =>
      this.#call('PATCH', path, { checks: [{ id: ids.check, ...patch }] });
    switch (edit.what) {
      case 'interval':
        await change({ interval: `${edit.intervalMs}ms` });
        return;
      case 'target':
        await change({ target: `other${ids.check}.example:80` });
        return;
      case 'failures':
        await change({ failures: edit.failures });
        return;
      case 'policy':
        await change({ policy: edit.policy });
        return;
      case 'pause':
        await this.#call('PATCH', path, { paused: true });
        await this.#clock.sleep(edit.forMs);
        await this.#call('PATCH', path, { paused: false });
        return;
      case 'delete':
        await this.#call('DELETE', path);
    }
  }

  /** What one isolate answers, with its instants as numbers. */
  async read(isolate: Isolate, path: string): Promise<unknown> {
    const { status, body } = await isolate.handle(request('GET', path));
    const text = Buffer.from(body).toString('utf8');
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return JSON.parse(text, (key, value) =>
      typeof value === 'string' && INSTANT.test(key) ? Date.parse(value) : value,
    );
  }

  async #call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#once(method, path, body);
      if (answer && answer.status < 300) {
        return answer.body.length > 0 ? JSON.parse(Buffer.from(answer.body).toString('utf8')) : {};
      }
      const why = answer
        ? `${answer.status} ${Buffer.from(answer.body).toString('utf8')}`
        : 'no answer';
      // What was asked may have been done, and the answer lost.
      if (answer?.status === 404 || answer?.status === 409 || attempt === PATIENCE) {
        this.#story.tell(`the owner gives up ${method} ${path}: ${why}`);
        return {};
      }
      if (answer && answer.status < 500) throw new Error(`${method} ${path}: ${why}`);
      await this.#clock.sleep(AGAIN_MS);
    }
  }

  async #once(method: string, path: string, body?: object): Promise<HttpAnswer | null> {
    const alive = this.#isolates.filter((isolate) => isolate.isRunning);
    const isolate = alive[this.#turn++ % Math.max(1, alive.length)];
    if (!isolate) return null;
    try {
      const answer = await isolate.handle(request(method as 'POST', path, body));
      this.#story.tell(
        `the owner: ${method} ${path} ${body ? JSON.stringify(body) : ''} → ${answer.status}`,
      );
      return answer;
    } catch {
      return null;
    }
  }
}

function request(method: HttpCall['method'], path: string, body?: object): HttpCall {
  return {
    method,
    url: `http://anyup.test/api/v1${path}`,
    headers: {
      authorization: `Bearer ${ACCESS_KEY}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body ? Buffer.from(JSON.stringify(body)) : null,
    timeoutMs: 30_000,
  };
}

function fields(check: CheckPlan) {
  return {
    target: check.target,
    interval: `${check.intervalMs}ms`,
    timeout: `${check.timeoutMs}ms`,
    failures: check.failures,
    successes: check.successes,
    policy: check.policy,
    locations: check.locations ?? 'all',
  };
}
