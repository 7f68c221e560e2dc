// A job calls: what it says is written down with the reading that history keeps, in at most two rows; only what changes
// something is judged at once. Calls that come too close together are taken for one.
import { hear, type Signal, TOGETHER_MS } from '#core/beats.ts';
import { heartbeat } from '#core/checks/heartbeat.ts';
import type { Said } from '#core/said.ts';
import { ANSWERED_COLUMNS, type Answered, answeredOf, answeredUpdate } from '#db/answered.ts';
import type { PlannedCheck } from '#db/plan.ts';
import { write } from '#db/write.ts';
import { sha256 } from '#worker/crypto/hash.ts';
import { storedResults } from '#worker/ingest/fold.ts';
import { resultsStatements } from '#worker/ingest/store.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { sealAnew } from './addresses.ts';
import { answerQuietly } from './look.ts';
import { measured, ownPost } from './words.ts';

/** What is not spelled like one of ours is looked up nowhere. */
const TOKEN = /^[A-Za-z0-9_-]{24}$/;
const TRIES = 5;

export interface Beat {
  token: string;
  signal: Signal;
  /** Gives what the job sent; null = nothing. Not asked for when nobody is there to hear it. */
  readBody: () => Promise<string | null>;
}

/** Hears a job, or refuses: there is no such heartbeat, or it calls far too often. */
export async function hearBeat(
  platform: Platform,
  { token, signal, readBody }: Beat,
): Promise<void> {
  if (!TOKEN.test(token)) throw new Problem('not_found', { detail: 'There is no such heartbeat.' });
  const hash = await sha256(token);
  refuseFlood(hash, platform.now());
  let known = await readKnown(platform, hash);
  const body = await readBody();
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    if (await store(platform, known, signal, body)) {
      return sealAnew(platform, known.held.checkId, token, known.sealed);
    }
    known = await readKnown(platform, hash);
  }
  throw new Problem('busy', { headers: { 'retry-after': '1' } });
}

type KnownCheck = Pick<PlannedCheck, 'position' | 'intervalMs' | 'rev' | 'paused'>;

interface Known {
  held: Answered;
  check: KnownCheck;
  config: Record<string, unknown>;
  /** Its token as it is kept; null = only the hash is. */
  sealed: string | null;
}

async function readKnown(platform: Platform, hash: string): Promise<Known> {
  const { rows } = await platform.db.$client.execute({
    sql: `select ${ANSWERED_COLUMNS}, a.token, c.position, c.interval_ms, c.rev as present, c.config, c.paused or h.paused as paused
          from answered a join check_ c on c.id = a.check_id join host h on h.id = c.host_id
          where a.token_hash = ? and c.deleted_at is null`,
    args: [hash],
  });
  const [row] = rows;
  if (!row) throw new Problem('not_found', { detail: 'There is no such heartbeat.' });
  return {
    held: answeredOf(row),
    check: {
      position: Number(row.position),
      intervalMs: Number(row.interval_ms),
      rev: Number(row.present),
      paused: Number(row.paused) === 1,
    },
    config: JSON.parse(String(row.config)) as Record<string, unknown>,
    sealed: row.token === null ? null : String(row.token),
  };
}

/** False = somebody wrote it meanwhile. */
async function store(
  platform: Platform,
  { held, check, config }: Known,
  signal: Signal,
  body: string | null,
): Promise<boolean> {
  const now = platform.now();
  const spec = heartbeat.schema.parse(config);
  const said = hear(held, spec, signal, { now, rev: check.rev });
  if (signal.type === 'log') {
    if (body !== null) await write(platform.db, [bodyStatement(held.checkId, body, now)]);
    return true;
  }
  const changes = said.level !== held.level || said.text !== held.text;
  if (!changes && isRepeat(held, said)) return true;
  // What changes something is told by the look that follows: here it would be told twice.
  const quiet = signal.type !== 'start' && !changes && !check.paused;
  const [first] = await write(platform.db, [
    answeredUpdate(held, said, body === null ? null : { text: body, at: now }),
    ...(quiet ? readingStatements(held, check, said) : []),
  ]);
  if (first?.rowsAffected !== 1) return false;
  if (changes) await answerQuietly(platform);
  return true;
}

/** The same word again, so soon that it brings nothing: no other deadline, no run that it would end. */
function isRepeat(held: Answered, said: Said): boolean {
  return (
    said.startedAt === null &&
    held.startedAt === null &&
    held.rev === said.rev &&
    said.lastAt - held.lastAt < TOGETHER_MS &&
    said.dueAt - held.dueAt < TOGETHER_MS
  );
}

function readingStatements(held: Answered, { position, intervalMs, rev }: KnownCheck, said: Said) {
  const { level, code, text, lastAt: at } = said;
  const reading = { checkId: held.checkId, rev, at, level, code, text, ...measured(said) };
  const stored = storedResults(new Map([[{ position, intervalMs, rev }, [reading]]]));
  return resultsStatements(ownPost(held.shard), stored, at);
}

function bodyStatement(checkId: number, body: string, now: number) {
  return {
    sql: 'update answered set body = ?, body_at = ? where check_id = ?',
    args: [body, now, checkId],
  };
}

/** Calls a heartbeat may make at once, and how long until it may make one more; kept in the isolate. */
const BURST = 20;
const REFILL_MS = 2000;
const MAX_BUCKETS = 10_000;

const buckets = new Map<string, { left: number; at: number }>();

function refuseFlood(hash: string, now: number): void {
  if (buckets.size >= MAX_BUCKETS) buckets.clear();
  const { left, at } = buckets.get(hash) ?? { left: BURST, at: now };
  const filled = Math.min(BURST, left + Math.max(0, now - at) / REFILL_MS);
  if (filled < 1) {
    const waitS = Math.ceil(((1 - filled) * REFILL_MS) / 1000);
    throw new Problem('too_many', {
      detail: `It calls too often; once in ${REFILL_MS / 1000} s is enough.`,
      headers: { 'retry-after': String(waitS) },
    });
  }
  buckets.set(hash, { left: filled - 1, at: now });
}
