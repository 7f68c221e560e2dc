// The worker's look at the checks that it answers itself: what time alone changes, what groups come to, and whatever a
// crash left untold. The tick does it; so does whoever changed something that such a check rests on.
import { OWN } from '#core/assign.ts';
import type { GroupSpec } from '#core/checks/group.ts';
import { isWorkerKind } from '#core/checks/index.ts';
import { type Hearing, hearing, type Pulse } from '#core/pulse.ts';
import type { Result } from '#core/wire/results.ts';
import { ANSWERED_COLUMNS, type Answered, answeredOf, answeredUpdate } from '#db/answered.ts';
import { shardOfViewKey, viewKey } from '#db/db.ts';
import { CONFIG_VERSION_SQL, type Configuration, type PlannedCheck } from '#db/plan.ts';
import { PULSE_SQL, pulseRecord } from '#db/pulse.ts';
import { parseStates, type States } from '#db/states.ts';
import { VIEW_COLUMNS, type ViewRecord, viewRecord } from '#db/views.ts';
import { write } from '#db/write.ts';
import { configurationOf } from '#worker/ingest/configuration.ts';
import type { Platform } from '#worker/platform.ts';
import { answerOf, LOOKING_AT_OTHERS } from './index.ts';
import { memberStates, type Specs, specsOf } from './specs.ts';
import { tell, wordFor } from './words.ts';

/** What looks at others may be looked at by others again; beyond this the next tick goes on. */
const ROUNDS = 8;

/** Looks until nothing changes any more. One read when there is nothing to tell. */
export async function answerChecks(platform: Platform): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++) {
    if (!(await lookOnce(platform))) return;
  }
}

/** As `answerChecks`, for those who have done their own work already: the tick will find what fails here. */
export async function answerQuietly(platform: Platform): Promise<void> {
  try {
    await answerChecks(platform);
  } catch (error) {
    const { message } = error as Error;
    platform.log('error', 'checks that are answered here could not be looked at', { message });
  }
}

interface Seen {
  answered: Answered[];
  pulse: Pulse;
  heard: Hearing;
  version: number;
  /** By shard. */
  views: Map<number, ViewRecord>;
  /** Of all checks; empty where nothing looks at others. */
  states: States;
  withOthers: boolean;
}

/** True when something was changed, or somebody was quicker: then it is worth another look. */
async function lookOnce(platform: Platform): Promise<boolean> {
  const seen = await readSeen(platform);
  if (seen.answered.length === 0) return false;
  const specs = await specsOf(platform, seen.version, seen.withOthers);
  let again = false;
  for (const [shard, rows] of Map.groupBy(seen.answered, (each) => each.shard)) {
    const configuration = await configurationOf(platform, shard, seen.version);
    const { held, overtaken } = await hold(platform, rows, configuration, seen, specs);
    if (overtaken) again = true;
    const words = wordsOf(held, seen, shard, platform.now());
    if (words.size === 0) continue;
    again = true;
    await tell(platform, shard, configuration, seen.views.get(shard) ?? null, words);
  }
  return again;
}

async function readSeen(platform: Platform): Promise<Seen> {
  const now = platform.now();
  const [version, pulseRow, answered, views, states] = await platform.db.$client.batch(
    [
      `select ${CONFIG_VERSION_SQL} as version`,
      PULSE_SQL,
      `select ${ANSWERED_COLUMNS} from answered a`,
      `select ${VIEW_COLUMNS} from view v where v.k in (select shard * ${viewKey(1, OWN)} + ${OWN} from answered)`,
      {
        sql: `select body from shard_state where exists (
                select 1 from answered where kind in (select value from json_each(?)))`,
        args: [JSON.stringify(LOOKING_AT_OTHERS)],
      },
    ],
    'read',
  );
  const { pulse } = pulseRecord(pulseRow?.rows[0]);
  return {
    answered: (answered?.rows ?? []).map(answeredOf),
    pulse,
    heard: hearing(pulse, now),
    version: Number(version?.rows[0]?.version ?? 0),
    views: new Map(
      (views?.rows ?? []).map((row) => [shardOfViewKey(Number(row.k)), viewRecord(row)]),
    ),
    states: new Map((states?.rows ?? []).flatMap(({ body }) => [...parseStates(String(body))])),
    withOthers: (states?.rows ?? []).length > 0,
  };
}

/** What is held of each from now on, written down where it is something else; left out where somebody was quicker. */
async function hold(
  platform: Platform,
  rows: readonly Answered[],
  { plan }: Configuration,
  { pulse, heard, states }: Seen,
  specs: Specs,
): Promise<{ held: Map<PlannedCheck, Answered>; overtaken: boolean }> {
  const now = platform.now();
  const deafness =
    pulse.graceUntilAt === 0 ? null : { fromAt: pulse.frozenAt, toAt: pulse.graceUntilAt };
  const held = new Map<PlannedCheck, Answered>();
  const moved: Array<{ check: PlannedCheck; before: Answered; after: Answered }> = [];
  for (const before of rows) {
    const check = plan.byId.get(before.checkId);
    const spec = specs.specs.get(before.checkId);
    if (!check || !spec || !isWorkerKind(before.kind)) continue;
    const { rev, paused } = check;
    const members = () =>
      memberStates(spec as GroupSpec, specs, (id) => states.get(id)?.level ?? null);
    const after = answerOf(before.kind).look(before, spec as never, {
      ...{ now, rev, paused, deaf: heard.deaf, deafness, members },
    });
    if (after === before) held.set(check, before);
    else moved.push({ check, before, after: { ...before, ...after } });
  }
  if (moved.length === 0) return { held, overtaken: false };
  const written = await write(
    platform.db,
    moved.map(({ before, after }) => answeredUpdate(before, after)),
  );
  let overtaken = false;
  for (const [index, { check, after }] of moved.entries()) {
    if (written[index]?.rowsAffected === 1) held.set(check, after);
    else overtaken = true;
  }
  return { held, overtaken };
}

/** What the views have yet to be told of them. */
function wordsOf(
  held: ReadonlyMap<PlannedCheck, Answered>,
  { views, heard: { deaf } }: Seen,
  shard: number,
  now: number,
): Map<PlannedCheck, Result> {
  const row = views.get(shard)?.row;
  const words = new Map<PlannedCheck, Result>();
  for (const [check, said] of held) {
    if (check.paused) continue;
    const word = wordFor(check, said, row?.get(check.position) ?? null, { now, deaf });
    if (word !== null) words.set(check, word);
  }
  return words;
}
