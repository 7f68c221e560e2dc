// Real runners and the real worker on one clock: requests go straight to the app, time passes when told to.
import { createHash } from 'node:crypto';
import type { Measurement } from '#core/reading.ts';
import { OwnChannels } from '#runner/channels/own.ts';
import { type Identity, loadKey, type RunnerKey, saveIdentity } from '#runner/keys.ts';
import { Runner } from '#runner/loop.ts';
import type { HttpAnswer, RunnerPlatform } from '#runner/platform.ts';
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';
import { FakeRunner, makeJoinCode } from './fakeRunner.ts';
import type { TestPlatform } from './platform.ts';
import { UP, VirtualWorld } from './virtualRunner.ts';

const HOOK = 'http://people.test/';

const DEADMAN = {
  settings: { channels: ['people'], afterMs: 180_000 },
  channels: new OwnChannels(new Map([['people', { kind: 'webhook', url: HOOK, headers: {} }]])),
  telegramApiUrl: null,
};

/** A runner with the machine it runs on. */
export interface LivingRunner {
  name: string;
  identity: Identity;
  platform: RunnerPlatform;
  key: RunnerKey;
  /** What its network lets through: to the worker, and to what it probes. */
  reaches: { worker: boolean };
  probe: (target: string) => Measurement;
  answers: (name: string, answers: boolean) => void;
  /** Subjects of what it told people by a channel of its own. */
  told: string[];
  /** Power off: nothing it meant to do is done. */
  kill: () => void;
}

export class LivingFleet {
  readonly #platform: TestPlatform;
  readonly #worlds: VirtualWorld[] = [];
  /** The worker answers and ticks. */
  workerRuns = true;
  /** While it runs. */
  workerTicks = true;
  #sinceTickMs = 0;

  constructor(platform: TestPlatform) {
    this.#platform = platform;
  }

  /** `deadman`: it tells people by itself when the worker is gone. */
  async add(name: string, location: string, { deadman = false } = {}): Promise<LivingRunner> {
    const world = new VirtualWorld();
    world.wallMs = this.#platform.now() - world.nowMs;
    world.canaries = new Map(
      ['gateway', 'outside'].map((each) => [each, { far: each !== 'gateway', answers: true }]),
    );
    const living: LivingRunner = {
      name,
      identity: { runnerId: '', aud: '', name, location, url: 'http://anyup.test', joinHash: '' },
      platform: world.platform(),
      key: await loadKey({ disk: world.disk, log: () => {} }),
      reaches: { worker: true },
      probe: () => UP,
      told: [],
      answers: (canary, answers) => {
        const found = world.canaries?.get(canary);
        if (found) found.answers = answers;
      },
      kill: () => {
        this.#worlds.splice(this.#worlds.indexOf(world), 1);
      },
    };
    world.probe = async ({ target }) => living.probe(target);
    living.platform = {
      ...living.platform,
      request: (call) => world.during(() => this.#carry(living, call)),
    };
    await this.#enrol(living);
    const { identity, key, platform } = living;
    await saveIdentity(platform, identity);
    await new Runner(platform, {
      key,
      identity,
      probesFolder: null,
      ...(deadman && { deadman: DEADMAN }),
    }).start();
    this.#worlds.push(world);
    return living;
  }

  /** Lets time pass for all, a second at a time; the worker ticks each half minute. */
  async advance(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1000) {
      this.#platform.advance(1000);
      for (const world of [...this.#worlds]) await world.advance(1000);
      this.#sinceTickMs += 1000;
      const ticks = this.workerRuns && this.workerTicks;
      if (this.#sinceTickMs < 30_000 || !ticks) continue;
      this.#sinceTickMs = 0;
      await tick(this.#platform);
    }
  }

  async #enrol(living: LivingRunner): Promise<void> {
    const code = await makeJoinCode(this.#platform, { location: living.identity.location });
    const ask = (path: string, init?: RequestInit) =>
      Promise.resolve(app.request(path, init, this.#platform));
    const { name, key, identity } = living;
    const now = this.#platform.now;
    const { id, aud } = await FakeRunner.enrol(ask, { code, now, name });
    const rows = [key.publicKey.x, id];
    await this.#platform.db.$client.execute({
      sql: 'update runner set public_key = ? where id = ?',
      args: rows,
    });
    Object.assign(identity, { runnerId: id, aud, joinHash: createHash('sha256').digest('hex') });
  }

  async #carry(
    { reaches, told }: LivingRunner,
    call: Parameters<RunnerPlatform['request']>[0],
  ): Promise<HttpAnswer> {
    if (call.url === HOOK) {
      told.push(JSON.parse(Buffer.from(call.body ?? []).toString()).subject);
      return { status: 200, headers: {}, body: new Uint8Array() };
    }
    if (!reaches.worker || !this.workerRuns) throw new Error('no route to the worker');
    const { method, headers, body } = call;
    const { pathname, search } = new URL(call.url);
    const init = { method, headers, ...(body && { body: new Uint8Array(body) }) };
    const answer = await app.request(pathname + search, init, this.#platform);
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: new Uint8Array(await answer.arrayBuffer()),
    };
  }
}
