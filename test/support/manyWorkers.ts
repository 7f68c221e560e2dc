// Several worker processes on one database behind a balancer, killed and started again while runners report outages
// through it. The world knows the truth, so that afterwards everything kept and told can be held against it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Notice } from '#core/notice.ts';
import { encodeResults, type Result } from '#core/wire/results.ts';
import { app } from '#worker/app.ts';
import { dispatch } from '#worker/dispatch.ts';
import { exportResults } from '#worker/history/export.ts';
import { type Child, startNode } from './children.ts';
import { FakeRunner, makeJoinCode, result } from './fakeRunner.ts';
import { type FakeTelegram, startTelegram } from './fakes/telegram.ts';
import { BAD, foldAll, HOUR, minutely, postAll } from './history.ts';
import { addTelegram } from './notices.ts';
import { openTestDb, type TestPlatform, testPlatform } from './platform.ts';
import { type RoundRobin, startRoundRobin } from './roundRobin.ts';
import { seedChecks } from './seed.ts';
import { freePort, type Primary, type Sqld, startPrimary, startReplica } from './sqld.ts';

const CHECKS = 6;
/** More at once would make one runner look as if its own network were gone. */
const DOWN_AT_ONCE = 3;
const HOURS = 3;
/** As a server on an unbilled database has it: it is written down with the history. */
const FLUSH_MS = 1000;
const SECRET = Buffer.alloc(32, 7).toString('base64');

export interface ManyOptions {
  workers: number;
  /** Visitors' pages are read from a replica. */
  replica: boolean;
  seed: number;
  /** How long outages come and go and workers die. */
  forMs: number;
  /** A worker is killed this often. */
  killEveryMs: number;
}

/** What came of it, beside what should have. */
export interface Lived {
  rounds: number;
  kills: number;
  posts: { sent: number; repeated: number };
  /** By check: the statuses it took, one after the other. */
  truth: string[];
  flips: string[];
  /** By check: what was owed, in order. */
  owed: string[];
  /** Results that were posted and are not kept, or kept and were not posted, or kept twice. */
  results: { posted: number; kept: number; lost: number; foreign: number; doubled: number };
  /** By check: what people in the chat read, in order, a message that came twice counted once. */
  told: string[];
  /** Messages that came twice; `excused` if a sender died between sending it and writing that down. */
  messages: { sent: number; doubled: number; excused: number };
  fleetEvents: string[];
  /** The history that the workers folded, and that one alone folds of the same results. */
  folded: { here: string[]; alone: string[] };
  unjudged: number;
  openLeases: number;
  pages: { asked: number; failed: number; fromReplica: number };
}

/** Lives through it and gives account. */
export async function liveWithMany(options: ManyOptions): Promise<Lived> {
  const world = await World.start(options);
  try {
    await world.live();
    return await world.account();
  } finally {
    await world.end();
  }
}

interface Worker {
  port: number;
  child: Child;
}

class World {
  readonly #options: ManyOptions;
  readonly #random: () => number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'anyup-many-'));
  readonly #primary: Primary;
  readonly #replica: Sqld | null;
  readonly #reading: RoundRobin;
  readonly #balancer: RoundRobin;
  readonly #telegram: FakeTelegram;
  readonly #platform: TestPlatform;
  readonly #workers: Worker[] = [];
  #runners: FakeRunner[] = [];
  #checks: number[] = [];
  /** Posted by runner, as "check at". */
  readonly #posted = new Map<string, Set<string>>();
  readonly #truth: string[][] = [];
  #kills = 0;
  /** Deliveries that had reached the chat, but were not written down as sent, when a worker died. */
  readonly #cutOff = new Set<number>();
  #alone: string[] = [];
  #startHour = 0;
  #atTheDoor = false;
  #rounds = 0;
  readonly #posts = { sent: 0, repeated: 0 };
  readonly #pages = { asked: 0, failed: 0 };

  private constructor(
    options: ManyOptions,
    parts: {
      primary: Primary;
      replica: Sqld | null;
      reading: RoundRobin;
      balancer: RoundRobin;
      telegram: FakeTelegram;
      platform: TestPlatform;
    },
  ) {
    this.#options = options;
    this.#random = randomOf(options.seed);
    this.#primary = parts.primary;
    this.#replica = parts.replica;
    this.#reading = parts.reading;
    this.#balancer = parts.balancer;
    this.#telegram = parts.telegram;
    this.#platform = parts.platform;
  }

  static async start(options: ManyOptions): Promise<World> {
    const primary = await startPrimary();
    const replica = options.replica ? await startReplica(primary) : null;
    const telegram = await startTelegram();
    const balancer = await startRoundRobin();
    const reading = await startRoundRobin(replica ? [replica.url] : []);
    const platform = await testPlatform({
      db: await openTestDb(primary.url),
      url: balancer.url,
      telegramApiUrl: telegram.url,
      flushMs: FLUSH_MS,
    });
    const parts = { primary, replica, reading, balancer, telegram, platform };
    const world = new World(options, parts);
    await world.#furnish();
    await Promise.all(
      Array.from({ length: options.workers }, async () => {
        const port = await freePort();
        world.#workers.push({ port, child: await world.#startWorker(port) });
      }),
    );
    balancer.targets = world.#workers.map(({ port }) => `http://127.0.0.1:${port}`);
    world.#atTheDoor = true;
    return world;
  }

  /** Three hours of results that nobody has folded yet, and a runner that has just fallen silent. */
  async #furnish(): Promise<void> {
    const now = Date.now();
    this.#startHour = Math.floor(now / HOUR) - HOURS - 1;
    const alone = await testPlatform({ flushMs: FLUSH_MS });
    for (const platform of [this.#platform, alone]) {
      const through = (path: string, init?: RequestInit): Promise<Response> =>
        platform === this.#platform && this.#atTheDoor
          ? fetch(`${this.#balancer.url}${path}`, init)
          : Promise.resolve(app.request(path, init, platform));
      const clock = () => (this.#atTheDoor ? Date.now() : platform.now());
      setClock(platform, this.#startHour * HOUR);
      const runners: FakeRunner[] = [];
      for (const location of ['Home', 'Office', 'Attic']) {
        const code = await makeJoinCode(platform, { location });
        runners.push(await FakeRunner.enrol(through, { code, now: clock, name: location }));
      }
      const locations = await locationIds(platform, ['Home', 'Office']);
      const checks: number[] = [];
      for (let position = 0; position < CHECKS; position++) {
        const host = `shop-${position}`;
        checks.push(...(await seedChecks(platform, { host, position, failures: 1, locations })));
      }
      await foldAll(platform);
      for (let hour = 0; hour < HOURS; hour++) {
        const fromAt = (this.#startHour + hour) * HOUR;
        setClock(platform, fromAt + HOUR);
        for (const runner of runners.slice(0, 2)) {
          for (const [index, id] of checks.entries()) {
            const isBad = (at: number) => (at / 60_000 + index) % 37 < 3;
            const results = minutely(id, fromAt, fromAt + HOUR, isBad);
            await postAll(runner, results);
            if (platform === this.#platform) this.#note(runner, results);
          }
        }
      }
      setClock(platform, now);
      if (platform !== this.#platform) continue;
      this.#runners = runners;
      this.#checks = checks;
      for (const runner of runners) await runner.post([]);
      await this.#beginAsUp(now);
    }
    await foldAll(alone);
    this.#alone = await chunksOf(alone, this.#startHour + HOURS);
    alone.close();
  }

  /** What the past told is forgotten: from here on everything is known. */
  async #beginAsUp(now: number): Promise<void> {
    const [home, office] = this.#runners as [FakeRunner, FakeRunner];
    for (const runner of [home, office]) {
      const results = this.#checks.map((id) => result(id, now));
      this.#note(runner, results);
      await postAll(runner, results);
    }
    for (const id of this.#checks) this.#truth[id] = ['up'];
    const since = now - 100_000;
    await this.#platform.db.$client.batch(
      [
        'delete from flip',
        'delete from incident',
        {
          sql: `insert into pulse (id, version, write_id, tick_at, grace_until_at, frozen_at, fleet)
                values (1, 1, '', ?, 0, 0, '{}')`,
          args: [since],
        },
        { sql: 'update view set posted_at = ? where k % 1048576 = 3', args: [since] },
      ],
      'write',
    );
    const channelId = await addTelegram(this.#platform);
    await this.#platform.db.$client.execute({
      sql: `insert into rule (channel_id, match, from_status, fleet) values (?, '{}', 'down', 1)`,
      args: [channelId],
    });
  }

  async #startWorker(port: number): Promise<Child> {
    const child = startNode('bin/node.ts', {
      PORT: String(port),
      ANYUP_DATA: join(this.#folder, String(port)),
      ANYUP_URL: this.#balancer.url,
      ANYUP_SECRET: SECRET,
      ANYUP_ACCESS_KEY: 'test-Key_9QpZx1LmNa7RwYb2CdEf',
      ANYUP_LOG: 'info',
      TURSO_DATABASE_URL: this.#primary.url,
      TELEGRAM_API_URL: this.#telegram.url,
      ...(this.#replica && { ANYUP_READ_URL: this.#reading.url }),
    });
    await child.says(/listening on/, 60_000);
    return child;
  }

  /** Outages come and go through the balancer, while workers die. */
  async live(): Promise<void> {
    const endAt = Date.now() + this.#options.forMs;
    const down = new Set<number>();
    await Promise.all([this.#runRounds(endAt, down), this.#runKills(endAt), this.#visit(endAt)]);
    for (const worker of this.#workers) await worker.child.stop();
  }

  async #runRounds(endAt: number, down: Set<number>): Promise<void> {
    while (Date.now() < endAt) {
      this.#rounds += 1;
      for (const id of this.#checks) {
        const turns = this.#random() < 0.3;
        if (turns && down.has(id)) down.delete(id);
        else if (turns && down.size < DOWN_AT_ONCE) down.add(id);
        const status = down.has(id) ? 'down' : 'up';
        if (this.#truth[id]?.at(-1) !== status) this.#truth[id]?.push(status);
      }
      const at = Date.now();
      const results = this.#checks.map((id) => result(id, at, down.has(id) ? BAD : {}));
      await Promise.all(this.#runners.slice(0, 2).map((runner) => this.#bring(runner, results)));
      await pause(50 + this.#random() * 150);
    }
  }

  /** As a runner does: the same bytes under the same number until they are taken. */
  async #bring(runner: FakeRunner, results: Result[]): Promise<void> {
    const body = encodeResults(results, { sentAt: Date.now(), configVersion: 0 });
    this.#note(runner, results);
    for (let attempt = 0; ; attempt++) {
      const answer = await runner.post(results, { body }).catch(() => null);
      if (attempt > 0) this.#posts.repeated += 1;
      if (answer?.ok) break;
      if (answer && answer.status < 500) throw new Error(`${answer.status} ${await answer.text()}`);
      await pause(20);
    }
    this.#posts.sent += 1;
  }

  #note(runner: FakeRunner, results: readonly Result[]): void {
    const posted = this.#posted.get(runner.location) ?? new Set();
    for (const { checkId, at } of results) posted.add(`${checkId} ${at}`);
    this.#posted.set(runner.location, posted);
  }

  async #runKills(endAt: number): Promise<void> {
    for (;;) {
      const waitMs = this.#options.killEveryMs * (0.5 + this.#random());
      if (Date.now() + waitMs >= endAt) return;
      await pause(waitMs);
      const worker = this.#workers[Math.floor(this.#random() * this.#workers.length)] as Worker;
      this.#kills += 1;
      await worker.child.stop('SIGKILL');
      await this.#noteCutOff();
      worker.child = await this.#startWorker(worker.port);
    }
  }

  async #noteCutOff(): Promise<void> {
    // What it had just sent may still be on its way through the socket.
    await pause(50);
    const told = new Set(this.#telegram.messages.flatMap(({ text }) => deliveryIds(text)));
    const { rows } = await this.#platform.db.$client.execute(
      `select id from delivery where status = 'owed'`,
    );
    for (const { id } of rows) if (told.has(Number(id))) this.#cutOff.add(Number(id));
  }

  async #visit(endAt: number): Promise<void> {
    while (Date.now() < endAt) {
      this.#pages.asked += 1;
      for (const path of ['/', '/hosts/1']) {
        const answer = await fetch(`${this.#balancer.url}${path}`).catch(() => null);
        // One that dies takes its calls with it (502), one that is starting says so (503).
        if (answer && ![200, 502, 503].includes(answer.status)) this.#pages.failed += 1;
        await answer?.text().catch(() => '');
      }
      await pause(300);
    }
  }

  async account(): Promise<Lived> {
    await this.#finish();
    const platform = this.#platform;
    const { rows: unjudged } = await platform.db.$client.execute(
      'select count(*) as n from view where seq <> judged_seq',
    );
    const { rows: leases } = await platform.db.$client.execute(
      `select count(*) as n from delivery where status = 'owed'`,
    );
    const { rows: events } = await platform.db.$client.execute(
      `select kind, text from event where kind like 'fleet.%' order by id`,
    );
    return {
      rounds: this.#rounds,
      kills: this.#kills,
      posts: this.#posts,
      truth: this.#checks.map((id) => this.#truth[id]?.join(' ') ?? ''),
      flips: await this.#flips(),
      owed: await this.#owed(),
      results: await this.#results(),
      told: this.#told(),
      messages: this.#messages(),
      fleetEvents: events.map(({ kind, text }) => `${kind}: ${text}`),
      folded: { here: await chunksOf(platform, this.#startHour + HOURS), alone: this.#alone },
      unjudged: Number(unjudged[0]?.n),
      openLeases: Number(leases[0]?.n),
      pages: { ...this.#pages, fromReplica: this.#reading.calls() },
    };
  }

  /** What a worker that starts a minute later would find left to do: leases of the dead, company waited for. */
  async #finish(): Promise<void> {
    await foldAll({ ...this.#platform, now: Date.now });
    await dispatch({ ...this.#platform, now: () => Date.now() + 70_000 });
  }

  #messages(): Lived['messages'] {
    const texts = this.#telegram.messages.map(({ text }) => text);
    const twice = texts.filter((text, index) => texts.indexOf(text) < index);
    const excused = twice.filter((text) => deliveryIds(text).some((id) => this.#cutOff.has(id)));
    return {
      sent: texts.length,
      doubled: twice.length - excused.length,
      excused: excused.length,
    };
  }

  #told(): string[] {
    const texts = new Set(this.#telegram.messages.map(({ text }) => text));
    const said = [...texts].flatMap((text) => [
      ...text.matchAll(/^(?:\S+ )?shop-(\d+) is (down|up)/gm),
    ]);
    return this.#checks.map((_, index) =>
      ['up', ...said.flatMap(([, n, to]) => (Number(n) === index ? [to] : []))].join(' '),
    );
  }

  async #flips(): Promise<string[]> {
    const { rows } = await this.#platform.db.$client.execute(
      'select check_id, to_status from flip order by id',
    );
    return this.#checks.map((id) =>
      ['up', ...rows.filter((row) => Number(row.check_id) === id).map((row) => row.to_status)].join(
        ' ',
      ),
    );
  }

  async #owed(): Promise<string[]> {
    const { rows } = await this.#platform.db.$client.execute(
      'select notice from delivery order by id',
    );
    const notices = rows.map((row) => JSON.parse(String(row.notice)) as Notice);
    return this.#checks.map((id) =>
      [
        'up',
        ...notices.flatMap((each) =>
          each.type === 'check' && each.subject.checkId === id ? [each.to] : [],
        ),
      ].join(' '),
    );
  }

  async #results(): Promise<Lived['results']> {
    const kept = new Map<string, number>();
    const platform = { ...this.#platform, now: Date.now };
    for (const id of this.#checks) {
      const range = { fromAt: this.#startHour * HOUR, toAt: Date.now(), format: 'ndjson' as const };
      const stream = await exportResults(platform, id, range);
      const text = await new Response(stream).text();
      for (const line of text.split('\n').filter(Boolean)) {
        const { at, location } = JSON.parse(line) as { at: string; location: string };
        const key = `${location} ${id} ${Date.parse(at)}`;
        kept.set(key, (kept.get(key) ?? 0) + 1);
      }
    }
    const posted = [...this.#posted].flatMap(([location, keys]) =>
      [...keys].map((key) => `${location} ${key}`),
    );
    const wanted = new Set(posted);
    return {
      posted: posted.length,
      kept: [...kept.values()].reduce((sum, count) => sum + count, 0),
      lost: posted.filter((key) => !kept.has(key)).length,
      foreign: [...kept.keys()].filter((key) => !wanted.has(key)).length,
      doubled: [...kept.values()].filter((count) => count > 1).length,
    };
  }

  async end(): Promise<void> {
    for (const { child } of this.#workers) await child.stop('SIGKILL');
    this.#platform.db.$client.close();
    this.#platform.close();
    await Promise.all([this.#balancer.close(), this.#reading.close(), this.#telegram.close()]);
    await this.#replica?.stop();
    await this.#primary.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Chunks of the hours before one, comparable. */
async function chunksOf(platform: TestPlatform, beforeHour: number): Promise<string[]> {
  const { rows } = await platform.db.$client.execute({
    sql: 'select k, hour, body, carry from chunk where hour < ? order by k',
    args: [beforeHour],
  });
  return rows.map((row) => {
    const hex = (value: unknown) => Buffer.from(value as ArrayBuffer).toString('hex');
    return `${row.k} ${row.hour} ${hex(row.body)} ${hex(row.carry)}`;
  });
}

async function locationIds(platform: TestPlatform, names: string[]): Promise<number[]> {
  const { rows } = await platform.db.$client.execute({
    sql: 'select id from location where name in (select value from json_each(?))',
    args: [JSON.stringify(names)],
  });
  return rows.map(({ id }) => Number(id));
}

function setClock(platform: TestPlatform, at: number): void {
  platform.advance(at - platform.now());
}

function deliveryIds(text: string): number[] {
  const footer = /Anyup, deliver(?:y|ies) ([\d, ]+)/.exec(text.trim())?.[1] ?? '';
  return footer.split(', ').map(Number);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** 0 … 1 from a seed, the same each time. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
