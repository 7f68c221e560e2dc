// What the worker could know, from its own tables after each write: the configuration, who posted when, which readings
// it took, what it holds.
import { decodeSegments } from '#core/store/segment.ts';
import { ViewRow } from '#core/store/viewRow.ts';
import type { View } from '#core/view.ts';
import type { Result } from '#core/wire/results.ts';
import type { Pulse, Verdict } from './ideal.ts';
import { LawBroken } from './law.ts';
import type { Post } from './ledger.ts';
import { healthOf, Seen } from './seen.ts';
import { serialOf } from './target.ts';
import type { World } from './world.ts';

export interface ConfCheck {
  id: number;
  rev: number;
  position: number;
  target: string;
  intervalMs: number;
  timeoutMs: number;
  failures: number;
  successes: number;
  policy: { type: 'any' | 'majority' | 'all' } | { type: 'atLeast'; n: number };
  locations: number[] | null;
  paused: boolean;
}

export interface Conf {
  flushMs: number;
  checks: Map<number, ConfCheck>;
  locations: Array<{ id: number; name: string; enabled: boolean }>;
  runners: Array<{ id: number; name: string; locationId: number | null; status: string }>;
}

/** What a judgement rests on beside views and states; as of a moment. */
export interface Inputs {
  at: number;
  conf: Conf;
  pulse: Pulse;
  /** By runner. */
  postedAt: ReadonlyMap<number, number>;
  /** Runners that are not believed. */
  quarantined: ReadonlySet<number>;
}

export interface Held {
  status: Verdict;
  lastTold: Verdict | null;
  incidentAt: number | null;
}

export interface Flip {
  id: number;
  checkId: number;
  from: Verdict;
  to: Verdict;
  at: number;
  sinceAt: number;
  rule: string;
}

/** One post as it was stored. */
export interface Kept {
  at: number;
  runnerId: number;
  stream: 'live' | 'late';
  post: Post;
  /** With what the worker said of their revision. */
  results: Array<{ result: Result; old: boolean }>;
  dropped: Result[];
}

/** A request works with what it read at its start; none takes longer, unless the database is very slow. */
const WINDOW_MS = 15_000;

export class Evidence {
  readonly #world: World;
  /** Oldest first; the last is in force. */
  inputs: Inputs[] = [];
  confChangedAt = 0;
  readonly states = new Map<number, Held>();
  readonly flips: Flip[] = [];
  /** Of the write just seen. */
  newFlips: Flip[] = [];
  newKept: Kept[] = [];
  readonly kept: Kept[] = [];
  readonly #seen = new Map<string, Seen>();
  /** As it was before the write just seen, where that changed it. */
  readonly #seenBefore = new Map<string, Seen | undefined>();
  readonly #streams = new Map<string, { seq: number; hash: string }>();
  readonly #lengths = new Map<string, number>();
  /** The rows of views as they stand, by runner. */
  readonly rows = new Map<number, ViewRow>();

  constructor(world: World) {
    this.#world = world;
  }

  get now(): Inputs {
    const [last] = this.inputs.slice(-1);
    if (!last) throw new Error('nothing is known yet');
    return last;
  }

  /** Everything that was in force at some moment since `at` (and a little before). */
  since(at: number): Inputs[] {
    const slow = this.#world.database.trouble.slowMs > 100 ? 4 : 1;
    const from = at - WINDOW_MS * slow;
    const first = this.inputs.findLastIndex((each) => each.at <= from);
    return this.inputs.slice(Math.max(0, first));
  }

  seenBy(runnerId: number, checkId: number): Seen | undefined {
    return this.#seen.get(`${runnerId} ${checkId}`);
  }

  /** The same before the write just seen. */
  seenBefore(runnerId: number, checkId: number): Seen | undefined {
    const key = `${runnerId} ${checkId}`;
    return this.#seenBefore.has(key) ? this.#seenBefore.get(key) : this.#seen.get(key);
  }

  async wrote(statements: string[]): Promise<void> {
    this.newFlips = [];
    this.newKept = [];
    this.#seenBefore.clear();
    const touches = (pattern: RegExp) => statements.some((sql) => pattern.test(sql));
    if (touches(/'config_version', '1'/)) await this.#readConf();
    if (touches(/^\s*(update|insert into) "?pulse/)) await this.#readPulse();
    if (touches(/^\s*(update view set posted_at|insert into view)/)) await this.#readPosts();
    if (touches(/^\s*(update|insert into) shard_state/)) await this.#readStates();
  }

  #put(change: Partial<Inputs>): void {
    const at = this.#world.clock.nowMs;
    const pulse = { tickAt: 0, graceUntilAt: 0, frozenAt: 0 };
    const before = this.inputs.at(-1) ?? {
      at,
      conf: NO_CONF,
      pulse,
      postedAt: new Map(),
      quarantined: new Set<number>(),
    };
    this.inputs.push({ ...before, ...change, at });
  }

  async #readConf(): Promise<void> {
    const { database, plan, clock } = this.#world;
    const [checks, locations, runners, flush] = await Promise.all([
      database.rows(
        `select c.*, c.paused or h.paused as off from check_ c join host h on h.id = c.host_id
         where c.deleted_at is null`,
      ),
      database.rows('select id, name, enabled from location order by id'),
      database.rows('select id, name, location_id, status from runner order by id'),
      database.rows(`select value from setting where key = 'flush_ms'`),
    ]);
    const conf: Conf = {
      flushMs: flush[0] ? Number(flush[0].value) : plan.flushMs,
      checks: new Map(
        checks.map((row) => [
          Number(row.id),
          {
            id: Number(row.id),
            rev: Number(row.rev),
            position: Number(row.position),
            target: String(row.target),
            intervalMs: Number(row.interval_ms),
            timeoutMs: Number(row.timeout_ms),
            failures: Number(row.failures),
            successes: Number(row.successes),
            policy: JSON.parse(String(row.policy)),
            locations: JSON.parse(String(row.locations ?? 'null')),
            paused: Number(row.off) === 1,
          },
        ]),
      ),
      locations: locations.map((row) => ({
        id: Number(row.id),
        name: String(row.name),
        enabled: Number(row.enabled) === 1,
      })),
      runners: runners.map((row) => ({
        id: Number(row.id),
        name: String(row.name),
        locationId: row.location_id === null ? null : Number(row.location_id),
        status: String(row.status),
      })),
    };
    if (
      JSON.stringify(shown(conf)) !== JSON.stringify(shown(this.inputs.at(-1)?.conf ?? NO_CONF))
    ) {
      this.confChangedAt = clock.nowMs;
    }
    this.#put({ conf });
  }

  async #readPulse(): Promise<void> {
    const [row] = await this.#world.database.rows(
      'select tick_at, grace_until_at, frozen_at, fleet from pulse where id = 1',
    );
    if (!row) return;
    const fleet = JSON.parse(String(row.fleet)) as Record<string, { quarantinedSinceAt: unknown }>;
    const quarantined = Object.keys(fleet).filter((id) => fleet[id]?.quarantinedSinceAt !== null);
    this.#put({
      quarantined: new Set(quarantined.map(Number)),
      pulse: {
        tickAt: Number(row.tick_at),
        graceUntilAt: Number(row.grace_until_at),
        frozenAt: Number(row.frozen_at),
      },
    });
  }

  async #readPosts(): Promise<void> {
    const rows = await this.#world.database.rows(
      'select k, posted_at, live_seq, live_hash, late_seq, late_hash, base_at, body from view order by k',
    );
    const changed: Array<{ runnerId: number; stream: 'live' | 'late'; seq: number; hash: string }> =
      [];
    const postedAt = new Map<number, number>();
    for (const row of rows) {
      const runnerId = Number(row.k) % 2 ** 20;
      postedAt.set(runnerId, Number(row.posted_at));
      for (const stream of ['live', 'late'] as const) {
        const seq = Number(row[`${stream}_seq`]);
        const hash = String(row[`${stream}_hash`]);
        const before = this.#streams.get(`${runnerId} ${stream}`) ?? { seq: 0, hash: '' };
        if (before.seq === seq && before.hash === hash) continue;
        if (seq !== before.seq + 1) {
          throw new LawBroken(
            'the numbers of a stream count up by one',
            `${stream} of runner ${runnerId} went from ${before.seq} to ${seq}`,
          );
        }
        this.#streams.set(`${runnerId} ${stream}`, { seq, hash });
        changed.push({ runnerId, stream, seq, hash });
        const body = new Uint8Array(row.body as ArrayBuffer);
        this.rows.set(runnerId, ViewRow.parse(body, Number(row.base_at)));
      }
    }
    this.#put({ postedAt });
    const appended = await this.#readAppended();
    for (const one of changed) this.#keep(one, appended.get(one.runnerId) ?? []);
    for (const runnerId of appended.keys()) {
      if (changed.some((one) => one.runnerId === runnerId)) continue;
      throw new LawBroken(
        'each post is appended once',
        `results of runner ${runnerId} were appended without a number`,
      );
    }
  }

  /** What came into the rows of results since the last look, by runner. */
  async #readAppended() {
    const { database } = this.#world;
    const lengths = await database.rows(
      `select 'recent' as name, k, span, length(b0) as n from recent
       union all select 'backfill', k, span, length(b0) from backfill`,
    );
    const found = new Map<number, ReturnType<typeof decodeSegments>>();
    for (const row of lengths) {
      const key = `${row.name} ${row.k} ${row.span}`;
      const before = this.#lengths.get(key) ?? 0;
      if (Number(row.n) === before) continue;
      this.#lengths.set(key, Number(row.n));
      const [stored] = await database.rows(`select b0 from ${row.name} where k = ?`, [
        Number(row.k),
      ]);
      const bytes = new Uint8Array(stored?.b0 as ArrayBuffer).subarray(before);
      const runnerId = Math.floor(Number(row.k) / 128) % 2 ** 20;
      found.set(runnerId, [...(found.get(runnerId) ?? []), ...decodeSegments(bytes)]);
    }
    return found;
  }

  #keep(
    { runnerId, stream, hash }: { runnerId: number; stream: 'live' | 'late'; hash: string },
    stored: ReturnType<typeof decodeSegments>,
  ): void {
    const { ledger, clock } = this.#world;
    const post = ledger.posts.get(hash);
    if (!post) throw new LawBroken('what is stored was sent', `no post has the hash ${hash}`);
    const confs = this.since(clock.nowMs).map(({ conf }) => conf);
    const places = Map.groupBy(stored, ({ position, at }) => `${position} ${at}`);
    const kept: Kept = { at: clock.nowMs, runnerId, stream, post, results: [], dropped: [] };
    for (const result of post.results) {
      const position = confs
        .map((conf) => conf.checks.get(result.checkId)?.position)
        .find((each) => each !== undefined);
      const [found] = places.get(`${position} ${result.at}`)?.splice(0, 1) ?? [];
      if (found) kept.results.push({ result, old: found.old });
      else kept.dropped.push(result);
    }
    // A clock that was set back may measure twice at one time, but then both were sent.
    const [extra] = [...places.values()].flat();
    if (extra) {
      throw new LawBroken(
        'each post is appended once',
        `runner ${runnerId} never sent ${extra.position} of ${extra.at}, or not so often`,
      );
    }
    post.storedAt = clock.nowMs;
    for (const { result } of kept.results) ledger.stored.add(serialOf(result));
    for (const result of kept.dropped) ledger.dropped.add(serialOf(result));
    this.kept.push(kept);
    this.newKept.push(kept);
    if (stream === 'live') this.#fold(kept);
  }

  /** Live readings onto the oracle's own views. */
  #fold({ at, runnerId, results }: Kept): void {
    const confs = this.since(at)
      .map(({ conf }) => conf)
      .reverse();
    const byCheck = Map.groupBy(
      results.filter(({ old }) => !old),
      ({ result }) => result.checkId,
    );
    for (const [checkId, list] of byCheck) {
      const key = `${runnerId} ${checkId}`;
      const before = this.#seen.get(key);
      let newest: Seen | null = null;
      // An edit moments ago may not have been known to who took the post: any of the two will do.
      for (const conf of new Set(confs)) {
        const check = conf.checks.get(checkId);
        if (!check) continue;
        const [first] = list;
        const rev = first?.result.rev ?? check.rev;
        const seen = before && before.rev === rev ? before.copy() : new Seen(rev);
        for (const { result } of list) {
          const { at, level, blind = false, asked = false } = result;
          seen.take({ at, level, blind, asked }, { ...check, flushMs: conf.flushMs });
        }
        newest ??= seen;
        if (agree(seen, this.rows.get(runnerId)?.get(check.position) ?? null)) {
          newest = seen;
          break;
        }
      }
      this.#seenBefore.set(key, before);
      if (newest) this.#seen.set(key, newest);
    }
  }

  async #readStates(): Promise<void> {
    const { database, story } = this.#world;
    const [row] = await database.rows('select body from shard_state where shard = 0');
    this.states.clear();
    for (const tuple of JSON.parse(String(row?.body ?? '[]'))) {
      const [checkId, status, , , lastTold, incident] = tuple;
      this.states.set(checkId, { status, lastTold, incidentAt: incident ? incident[0] : null });
    }
    const rows = await database.rows('select * from flip where id > ? order by id', [
      this.flips.at(-1)?.id ?? 0,
    ]);
    for (const each of rows) {
      const flip: Flip = {
        id: Number(each.id),
        checkId: Number(each.check_id),
        from: String(each.from_status) as Verdict,
        to: String(each.to_status) as Verdict,
        at: Number(each.at),
        sinceAt: Number(each.since_at),
        rule: String(each.rule),
      };
      this.flips.push(flip);
      this.newFlips.push(flip);
      story.tell(`check ${flip.checkId} ${flip.from} → ${flip.to} (${flip.rule})`);
    }
  }
}

const NO_CONF: Conf = { flushMs: 15_000, checks: new Map(), locations: [], runners: [] };

function shown({ checks, ...rest }: Conf) {
  return { ...rest, checks: [...checks] };
}

/** Does a stored view say what its readings say? */
export function agree(seen: Seen, view: View | null): boolean {
  if (view === null || view.rev !== seen.rev) return false;
  const said = view.level === null ? null : healthOf(view.level);
  return said === seen.said && view.at === seen.at && view.blind === seen.blind;
}
