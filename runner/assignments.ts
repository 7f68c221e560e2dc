// What this runner is to probe, as the worker last told; kept on disk so that a restart without a worker probes on.
import * as z from 'zod';
import type { Rank } from '#core/deadman.ts';
import { nextDueAt } from '#core/timetable.ts';
import { compareVersions } from '#core/version.ts';
import { type AssignedCheck, assignedCheckSchema } from '#core/wire/assignments.ts';
import type { Client, Outcome } from './client.ts';
import type { RunnerPlatform } from './platform.ts';
import { VERSION } from './version.ts';

const FILE = 'assignments.json';

const storedSchema = z.object({
  runnerId: z.string(),
  version: z.int(),
  flushMs: z.int().min(100),
  checks: z.array(assignedCheckSchema),
  location: z.string().optional(),
  deadman: z.object({ rank: z.int().min(0), of: z.int().min(1) }).nullish(),
});

/** A runner that has never been told posts this often. */
const DEFAULT_FLUSH_MS = 15_000;

export class Assignments {
  readonly #platform: Pick<RunnerPlatform, 'disk' | 'log'>;
  readonly #runnerId: string;
  #version = 0;
  #checks: ReadonlyMap<number, AssignedCheck> = new Map();
  #owned: readonly AssignedCheck[] = [];
  #workerVersion: string | null = null;
  flushMs = DEFAULT_FLUSH_MS;
  /** Where this runner stands, as the worker last said; null = it has not. */
  location: string | null = null;
  /** Its turn among the dead-men; null = it was told of none. */
  rank: Rank | null = null;

  constructor(platform: Pick<RunnerPlatform, 'disk' | 'log'>, runnerId: string) {
    this.#platform = platform;
    this.#runnerId = runnerId;
  }

  /** The configuration version these assignments are of; 0 = none yet. */
  get version(): number {
    return this.#version;
  }

  /** Every check assigned here, those this runner only stands by for among them. */
  get all(): ReadonlyMap<number, AssignedCheck> {
    return this.#checks;
  }

  /** The checks this runner is to probe. */
  owned(): readonly AssignedCheck[] {
    return this.#owned;
  }

  /** Takes up what an earlier start of the same runner was told. */
  async load(): Promise<void> {
    const bytes = await this.#platform.disk.read(FILE);
    if (bytes === null) return;
    let stored: z.output<typeof storedSchema>;
    try {
      stored = storedSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    } catch {
      this.#platform.log('warn', `${FILE} cannot be read; waiting for the worker to tell again`);
      return;
    }
    if (stored.runnerId !== this.#runnerId) return;
    this.#version = stored.version;
    this.flushMs = stored.flushMs;
    this.location = stored.location ?? null;
    this.rank = stored.deadman ?? null;
    this.#take(new Map(stored.checks.map((check) => [check.id, check])));
  }

  /** Asks for what changed, all pages, and takes it over as a whole. A worker that fell back to `wanted` is asked for everything. */
  async fetch(client: Client, wanted: number): Promise<Outcome<null>> {
    const since = wanted < this.#version ? 0 : this.#version;
    let checks = new Map(this.#checks);
    let version: number | null = null;
    for (let after = 0; ; ) {
      const outcome = await client.assignments(since, after);
      if (outcome.type !== 'ok') return outcome;
      const page = outcome.answer;
      if (version === null && page.full) checks = new Map();
      // A change between two pages is asked for again the next time.
      version = Math.min(version ?? page.configVersion, page.configVersion);
      for (const check of page.checks) checks.set(check.id, check);
      for (const id of page.removed) checks.delete(id);
      this.flushMs = page.flushMs;
      this.location = page.location;
      this.rank = page.deadman ?? null;
      this.#compare(page.version);
      if (page.next === null) break;
      after = page.next;
    }
    this.#take(checks);
    this.#version = version ?? 0;
    await this.#save();
    return { type: 'ok', answer: null };
  }

  #take(checks: ReadonlyMap<number, AssignedCheck>): void {
    this.#checks = besideEachOther(checks, this.#checks);
    this.#owned = [...this.#checks.values()].filter(({ owner }) => owner === this.#runnerId);
  }

  /** Says once that worker and runner are more than a patch apart. */
  #compare(worker: string | undefined): void {
    if (worker === undefined || worker === this.#workerVersion) return;
    this.#workerVersion = worker;
    const apart = compareVersions(minorOf(worker), minorOf(VERSION));
    if (apart === 0) return;
    const mend = apart > 0 ? 'upgrade this runner soon' : 'upgrade the worker first the next time';
    this.#platform.log(
      'warn',
      `this runner is ${VERSION} and the worker ${worker}: they go on together, but ${mend}`,
    );
  }

  async #save(): Promise<void> {
    const stored = {
      runnerId: this.#runnerId,
      version: this.#version,
      flushMs: this.flushMs,
      location: this.location ?? undefined,
      deadman: this.rank,
      checks: [...this.#checks.values()],
    };
    try {
      await this.#platform.disk.replace(FILE, Buffer.from(JSON.stringify(stored)));
    } catch (error) {
      this.#platform.log(
        'warn',
        `cannot keep the assignments on disk: ${(error as Error).message}`,
      );
    }
  }
}

/**
 * The same checks, those that are due together made one after the other, so that they lie beside each other in memory: a
 * slot then touches few pages, and where memory that rests is taken away or paged out that is most of what a check costs.
 */
function besideEachOther(
  checks: ReadonlyMap<number, AssignedCheck>,
  known: ReadonlyMap<number, AssignedCheck>,
): ReadonlyMap<number, AssignedCheck> {
  const due = new Map([...checks.values()].map((check) => [check.id, nextDueAt(check, 0)]));
  const inTurn = [...checks.values()].sort((a, b) => (due.get(a.id) ?? 0) - (due.get(b.id) ?? 0));
  return new Map(
    inTurn.map((check) => [
      check.id,
      known.get(check.id) === check ? check : structuredClone(check),
    ]),
  );
}

/** "1.2.3" → "1.2": a patch changes nothing between them. */
function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
