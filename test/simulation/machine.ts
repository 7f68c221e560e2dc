// A machine with a runner on it: the real loop, with this world's clock, disk, network and targets around it.
import { createPrivateKey } from 'node:crypto';
import { capabilitiesSchema } from '#core/wire/enroll.ts';
import type { Canary } from '#runner/canaries/canary.ts';
import { EnrolmentError, enrol } from '#runner/enrol.ts';
import { loadKey } from '#runner/keys.ts';
import { Runner } from '#runner/loop.ts';
import type { ChannelCall, RunnerPlatform } from '#runner/platform.ts';
import type { Bell } from './bell.ts';
import type { VirtualClock } from './clock.ts';
import { diskFor, type Files, VirtualDisk } from './disk.ts';
import type { Ledger } from './ledger.ts';
import type { Network } from './network.ts';
import { Random } from './random.ts';
import type { Story } from './story.ts';
import { measured, type Targets, unable } from './target.ts';

export interface Surroundings {
  seed: string;
  clock: VirtualClock;
  story: Story;
  network: Network;
  targets: Targets;
  ledger: Ledger;
  bell: Bell | null;
}

/** A lazy kernel: mostly it takes half a minute. */
const WRITEBACK_MS = 120_000;
/** Within this the runner syncs what the worker does not take. */
const SYNCED_MS = 55_000;

/** One process: nothing reaches it after its end. */
interface Life {
  number: number;
  alive: boolean;
  runner: Runner | null;
  /** Appends under way, to be torn when it is killed. */
  appends: Set<(share: number) => void>;
}

export class Machine {
  readonly name: string;
  location: string;
  readonly disk: VirtualDisk;
  /** Known once it has joined. */
  runnerId: number | null = null;
  /** Wall clock minus the truth. */
  wallMs = 0;
  /** It can measure nothing: out of descriptors. */
  crippled = false;
  /** Nothing of the outside is reached, neither targets nor the worker. */
  cutOff = false;
  /** The worker is reached and nothing else; or targets seem down for no reason that canaries could tell. */
  sight: 'walled' | 'mistaken' | null = null;
  /** Since when nothing at all has been wrong with it. */
  wellSince = Number.POSITIVE_INFINITY;
  startedAt = 0;
  /** It will not come back. */
  gone = false;
  /** Readings taken between these were lost with the disk they were on. */
  readonly forgotten: Array<{ from: number; to: number }> = [];
  /** When its disk took nothing; the last may last. */
  readonly diskless: Array<{ from: number; to: number }> = [];
  /** When it slept. */
  readonly asleep: Array<{ from: number; to: number }> = [];
  /** When each start of its runner ended. */
  readonly ends = new Map<number, number>();
  #life: Life | null = null;
  #lives = 0;
  #lostMs = 0;
  #frozen: { at: number; until: number } | null = null;
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #code: string;

  constructor(around: Surroundings, name: string, location: string, code: string) {
    this.#around = around;
    this.name = name;
    this.location = location;
    this.#code = code;
    this.#random = new Random(`${around.seed} machine ${name}`);
    this.disk = new VirtualDisk(
      () => around.clock.nowMs,
      (path, bytes) => around.ledger.appended(name, path, bytes, around.clock.nowMs),
    );
    this.disk.replace('key.json', keyFile(this.#random.bytes(32)));
  }

  get isRunning(): boolean {
    return this.#life !== null;
  }

  get life(): number {
    return this.#lives;
  }

  start(): void {
    if (this.#life || this.gone) return;
    this.#lives++;
    this.startedAt = this.#around.clock.nowMs;
    const life: Life = { number: this.#lives, alive: true, runner: null, appends: new Set() };
    this.#life = life;
    this.#around.story.tell(`${this.name} starts`);
    this.#run(life).catch((error: Error) => {
      if (!(error instanceof EnrolmentError)) throw error;
      this.#around.story.tell(`${this.name} gives up: ${error.message}`);
      this.#life = null;
    });
  }

  /** kill -9. */
  kill(how = 'is killed'): void {
    const life = this.#life;
    if (!life) return;
    life.alive = false;
    this.#life = null;
    this.ends.set(life.number, this.#around.clock.nowMs);
    for (const tear of life.appends) tear(this.#random.unit());
    this.#around.story.tell(`${this.name} ${how}`);
  }

  powerCut(): void {
    this.disk.writeBack(this.#around.clock.nowMs - WRITEBACK_MS);
    this.kill('loses its power');
    this.disk.powerCut(this.#random.unit(), this.#random.chance(0.5));
    // It syncs nothing while it sleeps or its disk fails; what it wrote before it was killed, the kernel takes to the disk
    // by and by.
    const { nowMs } = this.#around.clock;
    const ends = [...this.ends.values()].filter((at) => nowMs - at < WRITEBACK_MS);
    const failed = this.diskless.filter(({ to }) => nowMs - to < SYNCED_MS).map(({ from }) => from);
    const from = Math.min(this.#frozen?.at ?? nowMs, ...ends, ...failed);
    this.forgotten.push({ from: from - SYNCED_MS, to: nowMs });
  }

  /** Ends as told to, and for good. */
  async leave(): Promise<void> {
    const life = this.#life;
    this.gone = true;
    if (life) this.ends.set(life.number, this.#around.clock.nowMs);
    this.#around.story.tell(`${this.name} is stopped for good`);
    await life?.runner?.stop();
    if (life) life.alive = false;
    if (this.#life === life) this.#life = null;
  }

  suspend(ms: number): void {
    const { clock, story } = this.#around;
    if (this.#frozen) return;
    const frozen = { at: clock.nowMs, until: clock.nowMs + ms };
    this.#frozen = frozen;
    this.asleep.push({ from: frozen.at, to: frozen.until });
    story.tell(`${this.name} sleeps for ${ms} ms`);
    clock.at(frozen.until, () => {
      this.#lostMs += ms;
      this.#frozen = null;
    });
  }

  failDisk(trouble: 'full' | 'read-only'): void {
    if (this.disk.trouble === null) {
      this.diskless.push({ from: this.#around.clock.nowMs, to: Number.POSITIVE_INFINITY });
    }
    this.disk.trouble = trouble;
  }

  healDisk(): void {
    const last = this.diskless.at(-1);
    if (this.disk.trouble !== null && last) last.to = this.#around.clock.nowMs;
    this.disk.trouble = null;
  }

  /** The disk as it was; what came since is forgotten. */
  restore(files: Files, takenAt: number): void {
    this.kill('goes back to a snapshot of its disk');
    this.disk.files = new Map([...files].map(([path, stored]) => [path, { ...stored }]));
    this.forgotten.push({ from: takenAt - 1000, to: this.#around.clock.nowMs });
  }

  #monotonicMs(): number {
    return (this.#frozen?.at ?? this.#around.clock.nowMs) - this.#lostMs;
  }

  async #run(life: Life): Promise<void> {
    const platform = this.#platform(life);
    const key = await loadKey(platform);
    const identity = await enrol(platform, key, {
      url: 'http://anyup.test',
      join: this.#code,
      name: this.name,
      location: null,
      version: '0.0.0-simulated',
      capabilities: capabilitiesSchema.parse({}),
    });
    this.runnerId = Number(identity.runnerId);
    const runner = new Runner(platform, { key, identity, probesFolder: null });
    life.runner = runner;
    await runner.start();
  }

  #platform(life: Life): RunnerPlatform {
    const { clock, story, network, bell } = this.#around;
    const inTime = <T>(work: () => T, torn?: (share: number) => void) =>
      this.#inTime(life, work, torn);
    return {
      now: () => Math.floor(clock.nowMs + this.wallMs),
      monotonicMs: () => this.#monotonicMs(),
      setTimer: (ms, call) => this.#setTimer(life, ms, call),
      nextTurn: (call) => {
        this.#setTimer(life, 0, call);
      },
      request: (call) =>
        new Promise((resolve, reject) => {
          if (!life.alive) return;
          network.send(this, call).then(
            (answer) => this.#deliver(life, 0, () => resolve(answer)),
            (error) => this.#deliver(life, 0, () => reject(error)),
          );
        }),
      ...(bell && { connect: (call: ChannelCall) => bell.connect(this.runnerId ?? 0, call) }),
      disk: diskFor(this.disk, { inTime }),
      randomBytes: (n) => this.#random.bytes(n),
      probe: (config, { timeoutMs }) => this.#probe(life, config.target, timeoutMs),
      canaries: () => Promise.resolve(this.#canaries(life)),
      log: (level, message) => {
        if (life.alive) story.tell(`${this.name} ${level}: ${message}`);
      },
    };
  }

  #setTimer(life: Life, ms: number, call: () => void): () => void {
    const dueMs = this.#monotonicMs() + Math.max(0, ms);
    let open = true;
    const look = () => {
      if (!open || !life.alive) return;
      if (this.#frozen) this.#around.clock.at(this.#frozen.until, look);
      else if (this.#monotonicMs() < dueMs) {
        this.#around.clock.after(dueMs - this.#monotonicMs(), look);
      } else call();
    };
    this.#around.clock.after(ms, look);
    return () => {
      open = false;
    };
  }

  /** After `ms` and not before it wakes; never to a process that is gone. */
  #deliver(life: Life, ms: number, call: () => void): void {
    const look = () => {
      if (!life.alive) return;
      if (this.#frozen) this.#around.clock.at(this.#frozen.until, look);
      else call();
    };
    this.#around.clock.after(ms, look);
  }

  #inTime<T>(life: Life, work: () => T, torn?: (share: number) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!life.alive) return;
      if (torn) life.appends.add(torn);
      this.#deliver(life, this.#random.int(0, 3), () => {
        if (torn) life.appends.delete(torn);
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** They answer as long as the machine is not cut off. */
  #canaries(life: Life): Canary[] {
    return ['gateway', 'outside one', 'outside two'].map((name) => ({
      name,
      far: name !== 'gateway',
      ask: (timeoutMs) =>
        new Promise((resolve) => {
          const cutOff = this.cutOff || this.sight === 'walled';
          this.#deliver(life, cutOff ? timeoutMs : this.#random.int(1, 30), () => resolve(!cutOff));
        }),
    }));
  }

  #probe(life: Life, target: string, timeoutMs: number) {
    const { clock, targets, ledger } = this.#around;
    const asked = targets.answer(target, this.location, clock.nowMs);
    const sightless = this.cutOff || this.sight !== null;
    const health = sightless ? 'down' : asked.health;
    const hangs = sightless || asked.hangs;
    const crippled = this.crippled;
    return new Promise<ReturnType<typeof measured>>((resolve) => {
      this.#deliver(life, hangs ? timeoutMs : this.#random.int(1, 40), () => {
        const serial = ledger.nextSerial();
        ledger.probes.set(serial, {
          machine: this.name,
          life: life.number,
          answeredAt: clock.nowMs,
        });
        resolve(crippled ? unable(serial) : measured(serial, health, hangs));
      });
    });
  }
}

/** An Ed25519 key made of 32 chosen bytes, as the runner keeps it. */
function keyFile(bytes: Uint8Array): Uint8Array {
  const head = Buffer.from('302e020100300506032b657004220420', 'hex');
  const key = createPrivateKey({
    key: Buffer.concat([head, bytes]),
    format: 'der',
    type: 'pkcs8',
  });
  return Buffer.from(JSON.stringify(key.export({ format: 'jwk' })));
}
