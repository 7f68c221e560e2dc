import { HERE, HERE_NAME } from '#core/assign.ts';
import { isWorkerKind } from '#core/checks/index.ts';
import { write } from '#db/write.ts';
import { base64url } from '#worker/crypto/hash.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { flushInForce } from '#worker/settings.ts';
import { draftOf } from '../hosts/draft.ts';
import { defaultRunner, type FleetNames, type FleetRunner, readFleet } from '../hosts/fleet.ts';
import { checkInput } from '../hosts/input.ts';
import { idsMeant, onlyFromHere, type Placing, placingOf } from '../hosts/placing.ts';
import { parseInput, refuseField } from '../parse.ts';
import { permit } from '../permit.ts';
import type { TryTicket } from './model.ts';
import { GRACE_MS, tryFromHere } from './tryHere.ts';

/** Tries a runner may have waiting. */
const MAX_WAITING = 20;

/**
 * Has a runner probe a check that is not saved, once, or the worker itself where only it can. Takes a check as in `hosts`;
 * `runner` and `locations` say from where.
 */
export async function tryCheck(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<TryTicket> {
  permit(actor, 'editor');
  const meant = draftOf(parseInput(checkInput, input));
  if (isWorkerKind(meant.kind)) {
    throw refuseField('kind', 'is answered by Anyup itself, so there is nothing to try');
  }
  const fleet = await readFleet(platform);
  const draft = onlyFromHere(meant, fleet) ? { ...meant, locations: [HERE_NAME] } : meant;
  const placing = placingOf(draft, fleet);
  const { outside } = platform;
  if (outside && isFromHere(placing, fleet)) {
    await refuseWhenFull(platform, { id: HERE, name: HERE_NAME });
    return tryFromHere(platform, outside, draft);
  }
  const runner = chosenFor(placing, fleet);
  await refuseWhenFull(platform, runner);
  const askId = base64url(platform.random(16));
  const now = platform.now();
  const expiresAt = now + draft.timeoutMs + GRACE_MS;
  const body = { type: 'try', config: draft.config, timeoutMs: draft.timeoutMs };
  await write(platform.db, [
    {
      sql: 'insert into ask (id, runner_id, body, created_at, expires_at) values (?, ?, ?, ?, ?)',
      args: [askId, runner.id, JSON.stringify(body), now, expiresAt],
    },
    {
      sql: 'update runner set asks_until = max(asks_until, ?) where id = ?',
      args: [expiresAt, runner.id],
    },
  ]);
  const flushMs = await flushInForce(platform);
  return {
    askId,
    runnerId: runner.id,
    runner: runner.name,
    pollAfterMs: Math.min(flushMs, 2000),
  };
}

function isFromHere({ locations }: Placing, fleet: FleetNames): boolean {
  const meant = idsMeant(locations, fleet);
  return meant?.length === 1 && meant[0] === HERE;
}

/** The pinned runner, else the first active one in the locations named, else the default. */
function chosenFor({ runnerId, ...placing }: Placing, fleet: FleetNames): FleetRunner {
  const locations = idsMeant(placing.locations, fleet);
  const runners = fleet.runners.filter(({ id, locationId, status }) => {
    if (runnerId !== null) return id === runnerId && status === 'active';
    return locations === null || (locationId !== null && locations.includes(locationId));
  });
  const chosen = defaultRunner({ ...fleet, runners });
  if (chosen) return chosen;
  throw refuseField('runner', 'is needed: no runner that could try this is active');
}

async function refuseWhenFull(
  platform: Platform,
  { id, name }: Pick<FleetRunner, 'id' | 'name'>,
): Promise<void> {
  const { rows } = await platform.db.$client.execute({
    sql: `select count(*) as waiting from ask where runner_id = ? and expires_at > ? and answered_at is null
          and body ->> '$.type' = 'try'`,
    args: [id, platform.now()],
  });
  if (Number(rows[0]?.waiting) < MAX_WAITING) return;
  throw new Problem('too_many', {
    detail: `${name} has ${MAX_WAITING} tries waiting already.`,
    headers: { 'retry-after': '10' },
  });
}
