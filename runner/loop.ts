// The runner, whole: assignments → agenda → probes → spool → posts, and the worker's answers back into it.
import { statusOf } from '#core/level.ts';
import type { ResultsAnswer } from '#core/wire/results.ts';
import { Agenda } from './agenda.ts';
import { Announcer, type Look } from './announcer.ts';
import { Asks } from './asks.ts';
import { Assignments } from './assignments.ts';
import { BellLine } from './bell.ts';
import { hangsOnNetwork } from './canaries/network.ts';
import { CanaryWatch } from './canaries/watch.ts';
import { NO_CHANNELS } from './channels/own.ts';
import { Client } from './client.ts';
import { Clock } from './clock.ts';
import { Deadman, type DeadmanSetUp } from './deadman/watch.ts';
import { EvidenceDesk } from './evidence/desk.ts';
import { HealthReport } from './health.ts';
import type { Identity, RunnerKey } from './keys.ts';
import { Patience } from './patience.ts';
import { type RunnerPlatform, random01 } from './platform.ts';
import { Poster } from './posting/poster.ts';
import { Prober, type Taken } from './prober.ts';
import { type RelaySetUp, Relays } from './relays.ts';
import type { SpoolLimits } from './spool/bounds.ts';
import { type Held, Spool } from './spool/spool.ts';
import { VERSION } from './version.ts';
import { Views } from './views.ts';

/** Runners told of a change by their answers ask for it within this time of each other. */
const FETCH_SPREAD_MS = 500;
/** What was measured this shortly before the start still goes in the live stream. */
const RECENT_MS = 60_000;
const FETCH_RETRY_MS = 15_000;
/** What is measured again so soon is not to be disturbed meanwhile. */
const REST_MS = 50;

export interface RunnerOptions {
  key: RunnerKey;
  identity: Identity;
  probesFolder: string | null;
  spoolLimits?: SpoolLimits;
  /** What there is on its own machine; absent = it tells nothing of it. */
  look?: Look;
  /** It tells people by itself when the worker is gone; absent = it does not. */
  deadman?: DeadmanSetUp;
  /** Channels of its own that the worker may use; absent = none. */
  relay?: RelaySetUp;
}

/** A runner in a world. Nothing of it lives outside the object. */
export class Runner {
  readonly #platform: RunnerPlatform;
  readonly #clock: Clock;
  readonly #client: Client;
  readonly #assignments: Assignments;
  readonly #agenda: Agenda;
  readonly #prober: Prober;
  readonly #patience: Patience;
  readonly #views = new Views();
  readonly #spool: Spool;
  readonly #poster: Poster;
  readonly #asks: Asks;
  readonly #canaries: CanaryWatch;
  readonly #bell: BellLine;
  readonly #announcer: Announcer;
  readonly #deadman: Deadman | null;
  readonly #evidence: EvidenceDesk;
  #fetching = false;
  /** The version the last answer named; null = none yet. */
  #wantedVersion: number | null = null;
  /** The last reason why the assignments could not be fetched; null = they could. */
  #fetchFailure: string | null = null;
  /** Checks somebody asked to probe now, and waits for. */
  readonly #awaited = new Set<number>();
  #writing: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(platform: RunnerPlatform, options: RunnerOptions) {
    const { key, identity, probesFolder, spoolLimits } = options;
    const boot = Buffer.from(platform.randomBytes(9)).toString('base64url');
    this.#platform = platform;
    const clock = new Clock(platform);
    this.#clock = clock;
    const as = { iss: identity.runnerId, aud: identity.aud };
    this.#client = new Client({ platform, clock, key, url: identity.url, as, boot });
    this.#evidence = new EvidenceDesk(platform, this.#client);
    this.#assignments = new Assignments(platform, identity.runnerId);
    this.#prober = new Prober({
      platform,
      clock,
      probesFolder,
      wanted: (checkId) => this.#evidence.wanted(checkId),
      taken: (readings) => {
        this.#writing = afterBoth(this.#writing, this.#take(readings));
      },
    });
    this.#agenda = new Agenda({
      clock,
      setTimer: platform.setTimer,
      wake: (due, at) => this.#prober.run(due, at),
      idle: () => this.#moment(),
    });
    this.#patience = new Patience({
      ...platform,
      nextWakeMs: () => (this.#prober.isBusy ? 0 : this.#agenda.nextWakeMs),
    });
    const patiently = this.#patience.setTimer;
    this.#spool = new Spool({
      ...platform,
      setTimer: patiently,
      now: () => clock.now(),
      boot,
      ...(spoolLimits && { limits: spoolLimits }),
    });
    const health = new HealthReport(platform, () => this.#health());
    this.#poster = new Poster({
      platform,
      client: this.#client,
      spool: this.#spool,
      head: () => ({
        sentAt: Math.round(clock.now()),
        configVersion: this.#assignments.version,
      }),
      anyShard: () => this.#assignments.owned()[0]?.shard ?? 0,
      answered: (answer) => this.#answered(answer),
      health: () => health.due(),
      flushMs: this.#assignments.flushMs,
      patiently,
    });
    const relays = new Relays({
      ...(options.relay ?? { names: [], channels: NO_CHANNELS, telegramApiUrl: null }),
      platform,
      client: this.#client,
    });
    this.#asks = new Asks({
      relay: (errand) => relays.take(errand),
      platform,
      client: this.#client,
      probesFolder,
      reprobe: (checkId) => {
        this.#awaited.add(checkId);
        this.#agenda.probeAfter(checkId, 0);
      },
      confirm: (checkId) => this.#agenda.probeAfter(checkId, 0, { asked: true }),
    });
    this.#bell = new BellLine({
      platform,
      client: this.#client,
      look: () => this.#poster.look(),
    });
    this.#announcer = new Announcer({
      platform,
      client: this.#client,
      name: identity.name,
      look: options.look ?? null,
    });
    this.#canaries = new CanaryWatch({
      platform,
      clock,
      changed: () => this.#poster.flushEarly(),
    });
    const { name: runner, url } = identity;
    this.#deadman = options.deadman
      ? new Deadman({
          ...options.deadman,
          platform,
          url,
          runner,
          place: () => ({
            location: this.#assignments.location ?? identity.location,
            rank: this.#assignments.rank,
          }),
          reach: this.#poster.reach,
          sees: () => this.#canaries.trust(),
          now: () => Math.round(clock.now()),
        })
      : null;
    clock.onJump(() => {
      platform.log('warn', 'the clock jumped; what was being measured has no vote');
      this.#views.clear();
      this.#poster.flushEarly();
    });
  }

  /** Starts with what the disk remembers; whatever the worker does, probing goes on. */
  async start(): Promise<void> {
    await this.#assignments.load();
    await this.#canaries.start();
    const recent = await this.#spool.open(this.#clock.now() - RECENT_MS);
    if (recent.length + this.#spool.late > 0) {
      const waiting = recent.length + this.#spool.late;
      this.#platform.log('info', `${waiting} results of an earlier start wait to be sent`);
    }
    this.#poster.setFlush(this.#assignments.flushMs);
    this.#poster.add(recent);
    this.#agenda.start();
    if (this.#assignments.version > 0) this.#assign();
    this.#fetchIn(0);
    this.#poster.start();
    await this.#deadman?.start();
    await this.#announcer.start();
  }

  /** Stops probing, writes down and flushes once; at most about two seconds. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#agenda.stop();
    this.#prober.stop();
    this.#announcer.stop();
    this.#deadman?.stop();
    this.#canaries.stop();
    this.#bell.stop();
    await this.#writing;
    await this.#poster.stop();
    await this.#spool.close();
  }

  /** What fails is only believed when the canaries answer after it; until they do it waits, two seconds at most. */
  async #take(readings: readonly Taken[]): Promise<void> {
    const doubtful = new Set(readings.filter((one) => this.#isDoubtful(one)));
    const trust = doubtful.size === 0 || this.#canaries.trust();
    if (trust === true) return this.#keep(readings);
    const sure = readings.filter((one) => !doubtful.has(one));
    const kept = sure.length > 0 ? this.#keep(sure) : null;
    const sees = await trust;
    await this.#keep([...doubtful].map((one) => (sees ? one : blinded(one))));
    await kept;
  }

  #isDoubtful({ check, result }: Taken): boolean {
    if (result.blind || result.level === null || statusOf(result.level) === 'up') return false;
    const isNews = this.#canaries.blindSinceAt !== null || this.#views.isWorse(check, result);
    return isNews && hangsOnNetwork(check);
  }

  /** A reading counts from here on: it is on disk. */
  async #keep(readings: readonly Taken[]): Promise<void> {
    let held: Held[];
    try {
      held = await this.#spool.append(
        readings.map(({ check, result }) => ({ shard: check.shard, result })),
      );
    } catch {
      return; // the spool has said so
    }
    this.#poster.add(held);
    let tell = false;
    for (const { check, result, evidence } of readings) {
      const consequence = this.#views.take(check, result, this.#assignments.flushMs);
      this.#evidence.take(result, consequence.status, evidence);
      if (consequence.again) this.#agenda.probeAfter(check.id, check.retryAfterMs);
      if (consequence.tell || this.#awaited.delete(check.id)) tell = true;
    }
    if (tell) this.#poster.flushEarly();
    this.#moment();
  }

  /** The runner is awake: what waited for that gets its turn. */
  #moment(): void {
    const atRest = !this.#prober.isBusy && this.#agenda.nextWakeMs > REST_MS;
    this.#patience.moment({ atRest });
  }

  /** The platform's timers for what need not be on time to the second. */
  get patiently(): RunnerPlatform['setTimer'] {
    return this.#patience.setTimer;
  }

  #health() {
    const { oldestLateAt } = this.#spool;
    return {
      version: VERSION,
      skewMs: Math.round(this.#platform.now() - this.#clock.now()),
      spoolDepth: this.#spool.depth,
      oldestSpooledAt: oldestLateAt === null ? null : Math.round(oldestLateAt),
      lost: this.#spool.lostInAll,
      checks: this.#assignments.owned().length,
      latenessP50Ms: this.#agenda.lateness.percentile(0.5),
      latenessP99Ms: this.#agenda.lateness.percentile(0.99),
      skipped: this.#agenda.skipped + this.#prober.skipped,
      canaries: this.#canaries.health(),
      blindSinceAt: this.#canaries.blindSinceAt,
      rejected: { ...this.#poster.rejected },
      deadman: this.#deadman !== null,
    };
  }

  #answered({ configVersion, flushMs, asks, dropped, channel = false }: ResultsAnswer): void {
    if (dropped > 0) this.#platform.log('debug', `the worker did not count ${dropped} results`);
    this.#assignments.flushMs = flushMs;
    this.#poster.setFlush(flushMs);
    this.#asks.take(asks);
    this.#evidence.send();
    if (!this.#stopped) this.#bell.want(channel);
    this.#wantedVersion = configVersion;
    // A version that falls back means a restored database, or an answer from a replica behind: asked once a while only.
    const fellBack = configVersion < this.#assignments.version;
    if (fellBack) this.#fetchIn(FETCH_RETRY_MS);
    else if (configVersion > this.#assignments.version) {
      this.#fetchIn(random01(this.#platform) * Math.min(FETCH_SPREAD_MS, flushMs));
    }
  }

  #fetchIn(ms: number): void {
    if (this.#fetching || this.#stopped) return;
    this.#fetching = true;
    this.#platform.setTimer(ms, async () => {
      const failure = await this.#fetch();
      this.#fetching = false;
      if (failure !== null && failure !== this.#fetchFailure) {
        this.#platform.log('warn', `cannot fetch the assignments: ${failure}; trying on`);
      }
      this.#fetchFailure = failure;
      if (failure === null) return;
      this.#fetchIn(FETCH_RETRY_MS * (1 + random01(this.#platform)));
    });
  }

  /** Null, or why it did not work. */
  async #fetch(): Promise<string | null> {
    const known = this.#assignments.version;
    const outcome = await this.#assignments.fetch(this.#client, this.#wantedVersion ?? known);
    if (outcome.type !== 'ok') return 'why' in outcome ? outcome.why : outcome.type;
    if (this.#assignments.version !== known && !this.#stopped) this.#assign();
    return null;
  }

  #assign(): void {
    const owned = this.#assignments.owned();
    const all = this.#assignments.all.size;
    const standBy = all > owned.length ? ` and standing by for ${all - owned.length}` : '';
    this.#platform.log('info', `probing ${owned.length} checks${standBy}`);
    const ids = new Set(owned.map(({ id }) => id));
    this.#views.keep(ids);
    this.#evidence.keep(ids);
    this.#agenda.assign(owned);
    this.#poster.setFlush(this.#assignments.flushMs);
  }
}

function blinded({ check, result }: Taken): Taken {
  return { check, result: { ...result, blind: true } };
}

async function afterBoth(one: Promise<unknown>, other: Promise<unknown>): Promise<void> {
  await one;
  await other;
}
