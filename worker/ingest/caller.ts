// Who calls: the runner's row and, for a post of results, its view row, in one read.
import type { RunnerClaims } from '#core/wire/claims.ts';
import { viewKey } from '#db/db.ts';
import { VIEW_COLUMNS, type ViewRecord, viewRecord } from '#db/views.ts';
import { peekClaims, type SignedCall, verifyRunnerCall } from '#worker/auth/runnerToken.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { takeView } from './viewCache.ts';

export interface Caller {
  runnerId: number;
  name: string;
  /** The `x` of the key that signed. */
  publicKey: string;
  locationId: number | null;
  configVersion: number;
  resyncVersion: number;
  asksUntil: number;
  /** As stored; read by ingest/confirm.ts. */
  confirm: string | null;
  /** As it is written down: it tells people by itself when the worker is gone. */
  deadman: boolean;
  /** Its view row of the shard named in the claims; null = none yet. */
  view: ViewRecord | null;
  /** The view row is from this isolate's memory: a refusal needs a second look. */
  remembered: boolean;
  claims: RunnerClaims;
}

/** Verifies a runner's call and gives the runner, or refuses. `afresh`: read the view row whatever is remembered. */
export async function identifyRunner(
  platform: Platform,
  call: SignedCall,
  { afresh = false } = {},
): Promise<Caller> {
  const { iss, shard = 0 } = peekClaims(call.authorization);
  const runnerId = Number(iss);
  if (!Number.isSafeInteger(runnerId) || runnerId < 1) throw unknownRunner();
  const remembered = takeView(platform, viewKey(shard, runnerId));
  const caller = await readRunner(platform, runnerId, shard, afresh ? null : remembered);
  const claims = await verifyRunnerCall(call, caller.publicKey, caller.aud);
  if (caller.status === 'revoked') {
    throw new Problem('runner_revoked', {
      detail: 'Its key is no longer taken. Join again with a new code.',
    });
  }
  if (caller.status !== 'active') {
    const detail =
      caller.status === 'pending'
        ? 'The owner has not approved this runner yet.'
        : 'The owner has disabled this runner.';
    throw new Problem('runner_disabled', { detail });
  }
  return { ...caller.known, claims };
}

function unknownRunner(): Problem {
  return new Problem('unknown_runner', { detail: 'iss names no runner that is enrolled here.' });
}

const RUNNER_COLUMNS =
  'r.name, r.location_id, r.public_key, r.aud, r.status, r.config_version, r.resync_version, r.asks_until, r.confirm, r.deadman';

async function readRunner(
  platform: Platform,
  runnerId: number,
  shard: number,
  remembered: ViewRecord | null,
) {
  const { rows } = await platform.db.$client.execute(
    remembered
      ? { sql: `select ${RUNNER_COLUMNS} from runner r where r.id = ?`, args: [runnerId] }
      : {
          sql: `select ${RUNNER_COLUMNS}, ${VIEW_COLUMNS} from runner r left join view v on v.k = ? where r.id = ?`,
          args: [viewKey(shard, runnerId), runnerId],
        },
  );
  const [row] = rows;
  if (!row) throw unknownRunner();
  return {
    publicKey: String(row.public_key),
    aud: String(row.aud),
    status: String(row.status),
    known: {
      runnerId,
      name: String(row.name),
      publicKey: String(row.public_key),
      locationId: row.location_id === null ? null : Number(row.location_id),
      configVersion: Number(row.config_version),
      resyncVersion: Number(row.resync_version),
      asksUntil: Number(row.asks_until),
      confirm: row.confirm === null ? null : String(row.confirm),
      deadman: Number(row.deadman) === 1,
      view: remembered ?? (row.k === null ? null : viewRecord(row)),
      remembered: remembered !== null,
    },
  };
}
