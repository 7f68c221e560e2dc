// `npm run bench -- reliability [seconds] [seed] [checks]`: two runners, a worker on sqld and a chat in network namespaces;
// cables that are cut, lose 30 % of the packets and keep the rest for half a second; kill -9 for everything in turn; and
// real outages that the bench makes itself, so that it knows what is owed. Needs root (docs/reliability.md).
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeJoinCode } from '#test/support/fakeRunner.ts';
import { addTelegram } from '#test/support/notices.ts';
import { openTestDb, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { SQLD, startSqld } from '#test/support/sqld.ts';
import { accountMessages, accountResults, type Read, storyOf } from './reliability/account.ts';
import { ADDRESS, CABLED, type Cabled, Namespaces, saying } from './reliability/namespaces.ts';

/** What the processes of the last run said. */
const LOGS = fileURLToPath(new URL('../test/.tmp/reliability', import.meta.url));
const FIRST_PORT = 20_000;
const WORKER = `http://${ADDRESS.w}:8787`;
const CHAT = { host: ADDRESS.t, port: '9000' };
const CANARIES = `${ADDRESS.hub}:7,${ADDRESS.t}:7`;
const INTERVAL_MS = 5000;
/** An outage lasts for longer than a fault and what it takes to notice one together: each is owed two messages. */
const OUTAGE_MS = [90_000, 150_000] as const;
/** As long as that A's uplink is cut once: its silence is owed one message, and its return another. */
const SILENT_MS = 130_000;
/** Nothing begins or ends so shortly before. */
const CALM_MS = 30_000;

type Killable = 'runner A' | 'runner B' | 'worker' | 'sqld';

export async function run([seconds = '600', seed = '1', checks = '300']: string[]): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('network namespaces are made by root');
  const bench = new Reliability(Number(seconds) * 1000, Number(seed), Number(checks));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      bench.remove();
      process.exit(1);
    });
  }
  try {
    await bench.prepare();
    await bench.live();
    if (!(await bench.account())) process.exitCode = 1;
  } finally {
    bench.remove();
  }
}

class Reliability {
  readonly #forMs: number;
  readonly #seed: number;
  readonly #count: number;
  readonly #random: () => number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'anyup-reliability-'));
  readonly #world = new Namespaces();
  readonly #children = new Map<string, ChildProcess>();
  readonly #codes: Record<'A' | 'B', string> = { A: '', B: '' };
  readonly #truth = new Map<number, string[]>();
  readonly #turns = new Map<number, Array<{ to: string; at: number }>>();
  readonly #read: Read[] = [];
  readonly #kills: Record<Killable, number> = { 'runner A': 0, 'runner B': 0, worker: 0, sqld: 0 };
  readonly #faults = { cut: 0, bad: 0 };
  /** When the way between worker and chat, or one who writes down what was sent, was broken: [from, to]. */
  readonly #broken: Array<[number, number]> = [];
  #checks: number[] = [];
  #startedAt = 0;
  #calm = false;

  constructor(forMs: number, seed: number, count: number) {
    this.#forMs = forMs;
    this.#seed = seed;
    this.#count = count;
    this.#random = randomOf(seed);
  }

  async prepare(): Promise<void> {
    rmSync(LOGS, { recursive: true, force: true });
    mkdirSync(LOGS, { recursive: true });
    await this.#onDatabase(async (platform) => {
      const channel = await addTelegram(platform);
      await platform.db.$client.execute({
        sql: `insert into rule (channel_id, match, from_status, fleet) values (?, '{}', 'down', 1)`,
        args: [channel],
      });
      for (let index = 0; index < this.#count; index++) {
        const target = `http://${ADDRESS.hub}:${FIRST_PORT + index}/`;
        const timing = { intervalMs: INTERVAL_MS, timeoutMs: 4000 };
        const [id = 0] = await seedChecks(platform, {
          host: `shop-${index}`,
          position: index,
          target,
          ...timing,
        });
        this.#checks.push(id);
      }
      for (const location of ['A', 'B'] as const) {
        this.#codes[location] = await makeJoinCode(platform, { location, ttlMs: 3_600_000 });
      }
    });
    await this.#world.make(this.#seed);
    const chat = this.#keep(
      'chat',
      this.#world.start('t', 'bench/reliability/chat.ts', [CHAT.host, CHAT.port], {}),
    );
    chat.stdout?.on('data', (chunk: Buffer) => this.#hear(String(chunk)));
    const places = [ADDRESS.hub, String(FIRST_PORT), String(this.#count)];
    const targets = this.#keep(
      'targets',
      this.#world.start('hub', 'bench/reliability/targets.ts', places, {}),
    );
    await Promise.all([saying(chat, /listening/), saying(targets, /listening/)]);
    this.#start('sqld');
    await pause(500);
    await saying(this.#start('worker'), /listening on/);
    this.#start('runner A');
    this.#start('runner B');
    this.#startedAt = Date.now();
    await pause(20_000);
    this.#say(
      `${this.#count} checks every ${INTERVAL_MS / 1000} s from 2 runners, seed ${this.#seed}`,
    );
  }

  /** The database outside of all namespaces, while nobody else has it. */
  async #onDatabase<T>(work: (platform: TestPlatform) => Promise<T>): Promise<T> {
    const folder = join(this.#folder, 'sqld');
    mkdirSync(folder, { recursive: true });
    const sqld = await startSqld(folder);
    const db = await openTestDb(sqld.url);
    const platform = await testPlatform({ db, url: WORKER, flushMs: 1000 });
    try {
      return await work({ ...platform, now: Date.now });
    } finally {
      db.$client.close();
      platform.close();
      await sqld.stop();
    }
  }

  #hear(text: string): void {
    for (const line of text.split('\n').filter(Boolean)) {
      const said = JSON.parse(line) as string;
      if (said !== 'listening') this.#read.push({ text: said, at: Date.now() });
    }
  }

  #keep(name: string, child: ChildProcess): ChildProcess {
    this.#children.set(name, child);
    return child;
  }

  #start(name: Killable): ChildProcess {
    if (name === 'sqld') {
      const args = ['--http-listen-addr', '127.0.0.1:8080', '--no-welcome'];
      const data = ['--db-path', join(this.#folder, 'sqld', 'db')];
      return this.#keep(name, this.#quiet(name, this.#world.run('w', SQLD, [...args, ...data])));
    }
    if (name === 'worker') {
      const worker = this.#world.start('w', 'bin/node.ts', [], {
        PORT: '8787',
        HOST: '0.0.0.0',
        ANYUP_URL: WORKER,
        ANYUP_DATA: join(this.#folder, 'worker'),
        ANYUP_SECRET: Buffer.alloc(32, 7).toString('base64'),
        ANYUP_ACCESS_KEY: 'bench-Key_9QpZx1LmNa7RwYb2CdEf',
        ANYUP_LOG: 'info',
        TURSO_DATABASE_URL: 'http://127.0.0.1:8080',
        TELEGRAM_API_URL: `http://${CHAT.host}:${CHAT.port}`,
      });
      return this.#keep(name, this.#quiet(name, worker));
    }
    const letter = name === 'runner A' ? 'A' : 'B';
    const data = join(this.#folder, `runner-${letter}`);
    const args = ['--url', WORKER, '--join', this.#codes[letter], '--name', letter];
    const runner = this.#world.start(
      letter === 'A' ? 'a' : 'b',
      'bench/reliability/runner.ts',
      [...args, '--data', data, '--canaries', CANARIES],
      { BENCH_JOURNAL: this.#journal(letter) },
    );
    return this.#keep(name, this.#quiet(name, runner));
  }

  #journal(letter: 'A' | 'B'): string {
    return join(this.#folder, `journal-${letter}`);
  }

  /** What it says goes to a file of its own. */
  #quiet(name: string, child: ChildProcess): ChildProcess {
    const note = (chunk: Buffer) => appendFileSync(join(LOGS, `${name}.log`), chunk);
    child.stdout?.on('data', note);
    child.stderr?.on('data', note);
    return child;
  }

  async live(): Promise<void> {
    const endAt = Date.now() + this.#forMs;
    await Promise.all([this.#runOutages(endAt), this.#runFaults(endAt), this.#runSilence(endAt)]);
    for (const place of CABLED) this.#world.weather(place, {});
    this.#say('faults are over; runners bring what they still have');
    await pause(70_000);
    for (const name of ['runner A', 'runner B', 'worker', 'sqld']) await this.#end(name);
  }

  async #end(name: string): Promise<void> {
    const child = this.#children.get(name);
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(force);
  }

  /** One check of ten goes down and comes back, again and again. */
  async #runOutages(endAt: number): Promise<void> {
    const fickle = Array.from({ length: this.#count }, (_, index) => index).filter(
      (index) => index % 10 === 0,
    );
    const span = ([from, to]: readonly [number, number]) => from + this.#random() * (to - from);
    const turnAt = new Map(fickle.map((index) => [index, Date.now() + this.#random() * 90_000]));
    const lastStart = endAt - OUTAGE_MS[0];
    for (; Date.now() < endAt; await pause(500)) {
      for (const index of fickle) {
        const walk = this.#truth.get(index) ?? [];
        const down = walk.at(-1) === 'down';
        if (this.#calm || Date.now() < (turnAt.get(index) ?? 0)) continue;
        if (!down && Date.now() > lastStart) continue;
        this.#turn(index, down ? 'up' : 'down');
        turnAt.set(index, Date.now() + span(OUTAGE_MS));
      }
    }
    for (const index of fickle)
      if (this.#truth.get(index)?.at(-1) === 'down') this.#turn(index, 'up');
  }

  #turn(index: number, to: 'up' | 'down'): void {
    this.#children.get('targets')?.stdin?.write(`${to} ${index}\n`);
    this.#truth.set(index, [...(this.#truth.get(index) ?? []), to]);
    this.#turns.set(index, [...(this.#turns.get(index) ?? []), { to, at: Date.now() }]);
  }

  /** One fault after the other, each as long as it takes to hurt and shorter than an outage. */
  async #runFaults(endAt: number): Promise<void> {
    const kinds = [
      ...CABLED.map((place) => () => this.#badCable(place, { cut: true })),
      ...CABLED.map((place) => () => this.#badCable(place, { loss: 0.3, delayMs: 500 })),
      ...(Object.keys(this.#kills) as Killable[]).map((name) => () => this.#kill(name)),
    ];
    let round: Array<() => Promise<void>> = [];
    while (Date.now() < endAt - 20_000) {
      if (round.length === 0) round = shuffled(kinds, this.#random);
      await round.pop()?.();
      await pause(2000 + this.#random() * 3000);
    }
  }

  async #badCable(
    place: Cabled,
    weather: { cut?: boolean; loss?: number; delayMs?: number },
  ): Promise<void> {
    // While A is silent B decides alone: whatever its cable does to it is what it measured.
    if (this.#calm && place !== 'w') return;
    const forMs = 5000 + this.#random() * 12_000;
    this.#faults[weather.cut ? 'cut' : 'bad'] += 1;
    this.#say(`cable ${place}: ${JSON.stringify(weather)} for ${Math.round(forMs / 1000)} s`);
    const from = Date.now();
    this.#world.weather(place, weather);
    await pause(forMs);
    this.#world.weather(place, {});
    if (place === 'w') this.#broken.push([from, Date.now()]);
  }

  async #kill(name: Killable): Promise<void> {
    const child = this.#children.get(name);
    this.#kills[name] += 1;
    this.#say(`kill -9 ${name}`);
    const from = Date.now();
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    child?.kill('SIGKILL');
    await gone;
    await pause(500 + this.#random() * 3000);
    this.#start(name);
    if (name === 'worker' || name === 'sqld') this.#broken.push([from, Date.now()]);
  }

  /** In a run that is long enough A's uplink is cut once until it counts as silent. */
  async #runSilence(endAt: number): Promise<void> {
    if (this.#forMs < 3 * SILENT_MS) return;
    await pause(0.4 * (endAt - Date.now()));
    this.#calm = true;
    await pause(CALM_MS);
    this.#say(`cable a: cut for ${SILENT_MS / 1000} s`);
    this.#faults.cut += 1;
    this.#world.weather('a', { cut: true });
    await pause(SILENT_MS);
    this.#world.weather('a', {});
    await pause(CALM_MS);
    this.#calm = false;
  }

  /** Prints it; true when nothing is lost and nothing was told wrongly. */
  async account(): Promise<boolean> {
    const journals = { A: this.#journal('A'), B: this.#journal('B') };
    const messages = accountMessages(this.#truth, this.#read);
    const { results, downs } = await this.#onDatabase(async (platform) => {
      const { rows } = await platform.db.$client.execute(
        `select count(*) as n from flip where to_status = 'down'`,
      );
      for (const wrong of messages.wrong.slice(0, 10)) {
        const index = Number(/\d+/.exec(wrong)?.[0]);
        const story = await storyOf(
          platform,
          this.#checks[index] ?? 0,
          this.#turns.get(index) ?? [],
        );
        writeFileSync(join(LOGS, `shop-${index}.log`), `${story.join('\n')}\n`);
      }
      return {
        results: await accountResults(
          platform,
          this.#checks,
          journals,
          this.#startedAt - 3_600_000,
        ),
        downs: Number(rows[0]?.n),
      };
    });
    const runnerKills = this.#kills['runner A'] + this.#kills['runner B'];
    const unexplained = messages.again.filter(
      (at) => !this.#broken.some(([from, to]) => at >= from && at <= to + 90_000),
    );
    const outages = [...this.#truth.values()].flat().filter((to) => to === 'down').length;
    const kills = Object.entries(this.#kills).map(([name, count]) => `${name} ${count}`);
    console.log(`\nseed ${this.#seed}, ${this.#forMs / 1000} s, ${this.#count} checks`);
    console.log(
      `faults    cables cut ${this.#faults.cut}, bad ${this.#faults.bad}; kill -9: ${kills.join(', ')}`,
    );
    console.log(`packets   ${await this.#world.lift()}`);
    console.log(
      `results   measured ${results.measured}, on the runner's disk ${results.onDisk}, stored ${results.stored}`,
    );
    console.log(
      `          lost ${results.lost.length}, doubled ${results.doubled}, of unknown origin ${results.foreign}`,
    );
    console.log(
      `          measured but not on disk ${results.measured - results.onDisk} in ${runnerKills} kills of runners`,
    );
    console.log(`outages   made ${outages}, flips to down ${downs}`);
    console.log(
      `messages  owed ${messages.owed}, told ${messages.told}, missing or wrong ${messages.wrong.length}`,
    );
    console.log(
      `          told twice ${messages.again.length} (${unexplained.length} without a broken way to the chat)`,
    );
    console.log(`          about runners: ${messages.fleet.join(' · ') || 'none'}`);
    for (const line of [...messages.wrong, ...results.lost.slice(0, 20)]) console.log(`  ${line}`);
    return (
      results.lost.length + results.doubled + messages.wrong.length + unexplained.length === 0 &&
      results.measured - results.onDisk <= runnerKills
    );
  }

  #say(what: string): void {
    const at = this.#startedAt === 0 ? 0 : Math.round((Date.now() - this.#startedAt) / 1000);
    console.log(`${String(at).padStart(4)} s  ${what}`);
  }

  remove(): void {
    this.#world.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** 0 … 1 from a seed, the same each time. */
function randomOf(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
