// What should be held of a check, worked out anew from DESIGN §4.3–4.6: the oracle's own merge.
import type { Conf, ConfCheck, Inputs } from './evidence.ts';
import type { Seen } from './seen.ts';
import type { Health } from './target.ts';

export type Verdict = Health | 'unknown';

const RANKED: Health[] = ['up', 'degraded', 'down'];
const rank = (health: Health) => RANKED.indexOf(health);

const DEAF_MS = 150_000;

export interface Pulse {
  tickAt: number;
  graceUntilAt: number;
  frozenAt: number;
}

/** The time by which silence and age are judged: it stands still for a worker that was not there. */
export function heardUntil({ tickAt, graceUntilAt, frozenAt }: Pulse, now: number): number {
  if (tickAt === 0) return now;
  if (now < graceUntilAt) return Math.min(frozenAt, now);
  if (now - tickAt <= DEAF_MS) return now;
  return tickAt < graceUntilAt ? frozenAt : tickAt;
}

export function silentAfterMs(flushMs: number): number {
  return Math.max(90_000, 4 * flushMs);
}

/** May this runner's results of a check count? */
export function mayReport(conf: Conf, check: ConfCheck, runnerId: number): boolean {
  const runner = conf.runners.find(({ id }) => id === runnerId);
  if (runner?.status !== 'active' || runner.locationId === null) return false;
  const place = conf.locations.find(({ id }) => id === runner.locationId);
  if (!place?.enabled) return false;
  return check.locations === null || check.locations.includes(place.id);
}

interface Voice {
  said: Health | null;
  silent: boolean;
  seen: Seen | null;
  goodAt: number | null;
  everGood: boolean;
}

/** `seen`: what each runner's readings of this check say. */
export function ideal(
  check: ConfCheck,
  inputs: Inputs,
  seen: (runnerId: number) => Seen | undefined,
  now: number,
): Verdict {
  const voices = voicesOf(check, inputs, seen, now);
  if (voices.length === 0) return 'unknown';
  return check.policy.type === 'any' ? anyOf(voices) : counted(voices, check.policy);
}

/** When any of the locations that say it can be reached last reached it; null = nobody says so. */
export function reachedAt(
  check: ConfCheck,
  inputs: Inputs,
  seen: (runnerId: number) => Seen | undefined,
  now: number,
): number | null {
  const times = voicesOf(check, inputs, seen, now).flatMap(({ said, goodAt }) =>
    said !== null && said !== 'down' && goodAt !== null ? [goodAt] : [],
  );
  return times.length === 0 ? null : Math.max(...times);
}

function voicesOf(
  check: ConfCheck,
  { conf, pulse, postedAt, quarantined }: Inputs,
  seen: (runnerId: number) => Seen | undefined,
  now: number,
): Voice[] {
  const judgedAt = heardUntil(pulse, now);
  return conf.locations
    .map(({ id }) =>
      conf.runners.filter(
        (runner) => runner.locationId === id && mayReport(conf, check, runner.id),
      ),
    )
    .filter((runners) => runners.length > 0)
    .map((runners) =>
      voiceOf(
        runners.map(({ id }) => {
          const known = seen(id);
          const posted = postedAt.get(id);
          return {
            seen: known && known.rev === check.rev ? known : null,
            silent: posted !== undefined && judgedAt > posted + silentAfterMs(conf.flushMs),
            quarantined: quarantined.has(id),
          };
        }),
        judgedAt,
      ),
    );
}

interface Heard {
  seen: Seen | null;
  silent: boolean;
  quarantined: boolean;
}

function voiceOf(runners: Heard[], now: number): Voice {
  const standing = ({ seen, silent, quarantined }: Heard) => {
    if (silent || quarantined) return silent ? 0 : 1;
    return seen?.hasVote(now) ? 3 : 2;
  };
  const [best] = runners
    .filter(({ seen }) => seen !== null)
    .sort((a, b) => standing(b) - standing(a) || (b.seen?.at ?? 0) - (a.seen?.at ?? 0));
  if (!best?.seen) {
    const silent = runners.every((each) => each.silent);
    return { said: null, silent, seen: null, goodAt: null, everGood: false };
  }
  const { seen, silent, quarantined } = best;
  const others = runners.flatMap((each) => (each.seen ? [each.seen] : []));
  const goods = others.flatMap(({ goodAt }) => (goodAt === null ? [] : [goodAt]));
  return {
    said: !silent && !quarantined && seen.hasVote(now) ? seen.said : null,
    silent,
    seen,
    // A location that says "down" itself is no witness of "up".
    goodAt: seen.said === 'down' || goods.length === 0 ? seen.goodAt : Math.max(...goods),
    everGood: others.some((each) => each.everGood),
  };
}

function anyOf(voices: Voice[]): Verdict {
  const said = voices.flatMap((voice) => (voice.said === null ? [] : [voice.said]));
  if (said.length === 0) return 'unknown';
  const best = RANKED.find((health) => said.includes(health)) as Health;
  if (best !== 'down') return best;
  const changes = voices.flatMap(({ said, everGood, seen }) =>
    said !== null && everGood && seen?.badSince != null ? [seen.badSince] : [],
  );
  const lastChange = Math.max(0, ...changes);
  const witness = voices.some(
    ({ said, seen, goodAt }) =>
      said === null && seen !== null && goodAt !== null && goodAt >= lastChange,
  );
  return witness ? 'unknown' : 'down';
}

function counted(voices: Voice[], policy: ConfCheck['policy']): Verdict {
  const total = voices.length;
  const needed =
    policy.type === 'majority'
      ? Math.floor(total / 2) + 1
      : policy.type === 'atLeast'
        ? Math.min(policy.n, total)
        : total;
  if (voices.every(({ said }) => said === null)) return 'unknown';
  // Whatever the missing ones would say, it must come out the same.
  const outcome = (missing: Health) =>
    voices.map(({ said }) => rank(said ?? missing)).sort((a, b) => a - b)[needed - 1] as number;
  const [best, worst] = [outcome('up'), outcome('down')];
  return best === worst ? (RANKED[best] as Health) : 'unknown';
}
