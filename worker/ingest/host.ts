// `POST /api/v1/runner/host`: a runner says what it has on its own machine, and the host that stands for it follows.
// What the owner changed or removed stays so until the runner itself says something else (docs/decisions/0014).
import { kindOf } from '#core/checks/index.ts';
import {
  type AnnouncedCheck,
  type HostReply,
  type HostRequest,
  hostRequestSchema,
} from '#core/wire/host.ts';
import type { Place } from '#db/place.ts';
import { bumpConfig, fleetStatement, planStatements } from '#db/plan.ts';
import { type CheckRow, checkOf } from '#db/rows/check.ts';
import { auditRow } from '#worker/actions/auditRow.ts';
import { type CheckDraft, draftOf } from '#worker/actions/hosts/draft.ts';
import { readFleet } from '#worker/actions/hosts/fleet.ts';
import { checkInput } from '#worker/actions/hosts/input.ts';
import { type Placing, placingOf } from '#worker/actions/hosts/placing.ts';
import { removeChecks } from '#worker/actions/hosts/statements.ts';
import { writePlaced } from '#worker/actions/hosts/writePlaced.ts';
import { parseInput, refuseField } from '#worker/actions/parse.ts';
import type { SignedCall } from '#worker/auth/runnerToken.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem, parseOrRefuse } from '#worker/problem.ts';
import { inflate, parseObject } from './body.ts';
import { type Caller, identifyRunner } from './caller.ts';
import { addCheck, changeCheck, markGone, newHost, removeEmptyHost } from './host/statements.ts';

/** A check as it is announced and as it would be stored. */
export interface Announced {
  key: string;
  /** As announced, in one spelling. */
  text: string;
  draft: CheckDraft;
  placing: Placing;
  /** As it stands in the database; null = never seen. */
  row: CheckRow | null;
}

export async function announce(
  platform: Platform,
  call: SignedCall & { body: Uint8Array<ArrayBuffer>; encoding: string | undefined },
): Promise<HostReply> {
  const caller = await identifyRunner(platform, call);
  const request = parseOrRefuse(
    hostRequestSchema,
    parseObject(await inflate(call.body, call.encoding)),
  );
  if (caller.locationId === null) {
    throw new Problem('conflict', { detail: 'This runner has no location yet.' });
  }
  const held = await readHost(platform, caller.runnerId);
  if (held.hostId === null && request.checks.length === 0) return nothingDone(null);
  const announced = await understood(platform, caller, request, held.rows);
  return store(platform, caller, request, held, announced);
}

function nothingDone(hostId: number | null): HostReply {
  return { hostId, made: 0, changed: 0, removed: 0 };
}

interface HeldHost {
  hostId: number | null;
  /** Of its announced checks, those that were removed too. */
  rows: CheckRow[];
}

async function readHost({ db }: Platform, runnerId: number): Promise<HeldHost> {
  const [host, checks] = await db.$client.batch(
    [
      { sql: 'select id from host where runner_id = ?', args: [runnerId] },
      {
        sql: `select c.* from check_ c join host h on h.id = c.host_id
              where h.runner_id = ? and c.announced_key is not null`,
        args: [runnerId],
      },
    ],
    'read',
  );
  const id = host?.rows[0]?.id;
  return { hostId: id === undefined ? null : Number(id), rows: (checks?.rows ?? []).map(checkOf) };
}

async function understood(
  platform: Platform,
  { runnerId }: Caller,
  { checks }: HostRequest,
  rows: readonly CheckRow[],
): Promise<Announced[]> {
  const fleet = await readFleet(platform);
  const keys = new Set<string>();
  return checks.map((check, index) => {
    const at = `checks[${index}]`;
    if (keys.has(check.key)) throw refuseField(`${at}.key`, `"${check.key}" stands there twice`);
    keys.add(check.key);
    const draft = draftOf(parseInput(checkInput, inputOf(check, runnerId)));
    if (kindOf(draft.kind).subject !== 'runner') {
      throw refuseField(`${at}.config.kind`, `"${draft.kind}" does not look at the runner itself`);
    }
    return {
      key: check.key,
      text: JSON.stringify(check),
      draft,
      placing: placingOf(draft, fleet, at),
      row: rows.find(({ announcedKey }) => announcedKey === check.key) ?? null,
    };
  });
}

function inputOf({ key: _, config, ...rest }: AnnouncedCheck, runnerId: number) {
  return { ...config, ...rest, runner: runnerId };
}

async function store(
  platform: Platform,
  caller: Caller,
  { name, checks }: HostRequest,
  { hostId, rows }: HeldHost,
  announced: readonly Announced[],
): Promise<HostReply> {
  // Without a text beside its key a check is one that the runner had no more: it comes back with its history.
  const fresh = announced.filter(({ row }) => row === null || row.announced === null);
  const changed = announced.flatMap((said) => {
    const { row, text } = said;
    return row === null || row.announced === null || row.announced === text ? [] : [{ row, said }];
  });
  const gone = rows.filter(
    (row) => row.announced !== null && !checks.some(({ key }) => key === row.announcedKey),
  );
  if (fresh.length + changed.length + gone.length === 0) return nothingDone(hostId);
  const { runnerId } = caller;
  const goneIds = gone.map(({ id }) => id);
  const results = await writePlaced(platform, fresh.length, (places) => [
    ...bumpConfig(),
    ...(hostId === null ? [newHost(platform, runnerId, name)] : []),
    ...removeChecks(platform, goneIds),
    markGone(goneIds),
    ...changed.flatMap(({ row, said }) => changeCheck(row, said)),
    ...fresh.flatMap((each, at) => addCheck(platform, hostId, each, places[at] as Place)),
    auditRow(
      platform,
      { name: `runner ${runnerId}` },
      {
        action: 'host.announce',
        subject: hostId === null ? { newest: 'host', name } : `host ${hostId} (${name})`,
        before: { gone: gone.map(({ announcedKey }) => announcedKey) },
        after: { fresh: fresh.map(({ key }) => key), changed: changed.map(({ said }) => said.key) },
      },
    ),
    removeEmptyHost(runnerId),
    ...[...new Set([...rows, ...places].map(({ shard }) => shard))].flatMap(planStatements),
    ...(hostId === null ? [fleetStatement] : []),
    { sql: 'select id from host where runner_id = ?', args: [runnerId] },
  ]);
  const id = results.at(-1)?.rows[0]?.id;
  return {
    hostId: id === undefined ? null : Number(id),
    made: fresh.length,
    changed: changed.length,
    removed: gone.length,
  };
}
