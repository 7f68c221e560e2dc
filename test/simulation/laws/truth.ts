import type { Conf, ConfCheck } from '../evidence.ts';
import { mayReport, type Verdict } from '../ideal.ts';
import type { Law, Watch } from '../law.ts';
import { ago } from '../story.ts';
import type { Health } from '../target.ts';
import type { World } from '../world.ts';

/** All trouble of the past is over after this: refusals, back-off, silence, grace. */
const WELL_MS = 240_000;

const RANKED: Health[] = ['up', 'degraded', 'down'];

/** From end to end: target, probe, disk, network, worker, tick. */
export function truth(): Law {
  return {
    promise: 'where nothing has gone wrong lately, what is held is the truth',
    looks(watch) {
      const { world, evidence } = watch;
      const { nowMs } = world.clock;
      const { conf } = evidence.now;
      if (nowMs - Math.max(world.workerWellSince, evidence.confChangedAt) < WELL_MS) return null;
      for (const check of conf.checks.values()) {
        if (check.paused) continue;
        const should = knowable(watch, conf, check);
        const have = evidence.states.get(check.id)?.status ?? 'unknown';
        if (should === null || should === have) continue;
        return `check ${check.id} is held ${have} at ${ago(nowMs)}; the truth is ${should}`;
      }
      return null;
    },
  };
}

/** What a location must say of a check; null when something that went wrong there lately may excuse any answer. */
export function seenFrom(
  watch: Watch,
  check: ConfCheck,
  { id, name }: { id: number; name: string },
): Health | null {
  const { conf } = watch.evidence.now;
  const runners = conf.runners.filter(
    (each) => each.locationId === id && mayReport(conf, check, each.id),
  );
  if (runners.length === 0 || !runners.every((each) => isWell(watch.world, each.id))) return null;
  return seen(watch, check, name);
}

/** Null when something that went wrong lately may excuse any answer. */
function knowable(watch: Watch, conf: Conf, check: ConfCheck): Verdict | null {
  const places = conf.locations.filter(({ id }) =>
    conf.runners.some((each) => each.locationId === id && mayReport(conf, check, each.id)),
  );
  const said = places.map((place) => seenFrom(watch, check, place));
  const known = said.filter((each) => each !== null);
  const { policy } = check;
  if (policy.type === 'any' && known.includes('up')) return 'up';
  if (known.length < said.length || known.length === 0) return null;
  const ranks = known.map((each) => RANKED.indexOf(each)).sort((a, b) => a - b);
  const total = ranks.length;
  const needed = { any: 1, all: total, majority: Math.floor(total / 2) + 1, atLeast: 0 }[
    policy.type
  ];
  const nth = policy.type === 'atLeast' ? Math.min(policy.n, total) : needed;
  return RANKED[ranks[nth - 1] as number] ?? null;
}

function isWell(world: World, runnerId: number): boolean {
  const machine = world.machines.find((each) => each.runnerId === runnerId);
  if (!machine || machine.gone || !machine.isRunning) return false;
  return world.clock.nowMs - Math.max(machine.wellSince, machine.startedAt) > WELL_MS;
}

/** What a location must have told by now; null while its target changed too shortly ago. */
function seen({ world, evidence }: Watch, check: ConfCheck, location: string): Health | null {
  const { nowMs } = world.clock;
  const { flushMs } = evidence.now.conf;
  const retriesMs = Math.max(check.failures, check.successes) * (4000 + check.timeoutMs);
  const enoughMs = 2 * check.intervalMs + retriesMs + 2 * flushMs + 5000;
  if (nowMs - world.targets.steadySince(check.target, location, nowMs) < enoughMs) return null;
  return world.targets.health(check.target, location, nowMs);
}
