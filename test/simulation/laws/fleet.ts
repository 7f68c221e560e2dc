import { silentAfterMs } from '../ideal.ts';
import type { Law, Watch } from '../law.ts';
import { ago } from '../story.ts';

const DEAF_MS = 150_000;

/** Silence is the runner's only when the worker was there to hear it. */
export function fleet(): Law {
  return {
    promise: 'a runner is called silent when it was, once, and never by a worker that was deaf',
    async ends(watch) {
      const { world } = watch;
      const rows = await world.database.rows(
        `select body, kind from event where kind like 'fleet.%' order by id`,
      );
      const silent = new Map<string, number>();
      // Called silent, then disabled for a while: forgotten if a tick saw that, remembered else.
      const putAside = new Set<string>();
      let deaf = 0;
      for (const { body } of rows) {
        const notice = JSON.parse(String(body));
        if (notice.event === 'deaf') deaf++;
        for (const { name } of notice.runners) {
          const silentAt = silent.get(name);
          if (silentAt !== undefined && wasPutAside(watch, name, silentAt, notice.at)) {
            silent.delete(name);
            putAside.add(name);
          }
          if (notice.event === 'back') {
            if (!silent.delete(name) && !putAside.delete(name))
              return `${name} is back at ${ago(notice.at)}, having never been away`;
            continue;
          }
          if (notice.event !== 'silent' && notice.event !== 'all_silent') continue;
          if (silent.has(name)) return `${name} is called silent twice, at ${ago(notice.at)}`;
          silent.set(name, notice.at);
          putAside.delete(name);
          const wrong = wronglySilent(watch, name, notice.at);
          if (wrong) return `${name} is called silent at ${ago(notice.at)}, ${wrong}`;
        }
      }
      const gaps = gapsOf(watch);
      if (deaf !== gaps.length)
        return `the worker was deaf ${gaps.length} times and said so ${deaf} times`;
      return stillSilent(watch, silent);
    },
  };
}

/** Whoever is disabled is not watched, and what was known of it is forgotten. */
function wasPutAside({ evidence }: Watch, name: string, from: number, to: number): boolean {
  return evidence.inputs.some(
    ({ at, conf }) =>
      at >= from &&
      at <= to &&
      conf.runners.some((each) => each.name === name && each.status !== 'active'),
  );
}

/** Times without a tick that make a worker deaf. */
function gapsOf({ evidence }: Watch): Array<{ from: number; to: number }> {
  const gaps: Array<{ from: number; to: number }> = [];
  let before = 0;
  for (const { pulse } of evidence.inputs) {
    if (before > 0 && pulse.tickAt - before > DEAF_MS)
      gaps.push({ from: before, to: pulse.tickAt });
    before = pulse.tickAt;
  }
  return gaps;
}

function wronglySilent(watch: Watch, name: string, at: number): string | null {
  const { evidence } = watch;
  const runnerId = watch.world.machine(name).runnerId ?? 0;
  const { conf } = evidence.now;
  const postedAt =
    evidence.inputs.findLast((each) => each.at <= at - 10_000)?.postedAt.get(runnerId) ?? 0;
  const quietMs = at - postedAt;
  if (quietMs <= silentAfterMs(conf.flushMs) - 1000) return `having posted ${quietMs} ms before`;
  const deaf = gapsOf(watch).find(({ to }) => to <= at && at < to + 120_000 - 1000);
  return deaf ? `by a worker that was deaf until ${ago(deaf.to)}` : null;
}

/** After minutes of calm whoever posts is not silent, and who does not is. */
function stillSilent(
  { world, evidence }: Watch,
  silent: ReadonlyMap<string, number>,
): string | null {
  const { conf, postedAt } = evidence.now;
  for (const { id, name, status, locationId } of conf.runners) {
    if (status !== 'active' || locationId === null) continue;
    const quietMs = world.plan.endAt - (postedAt.get(id) ?? world.plan.endAt);
    const limitMs = silentAfterMs(conf.flushMs);
    const silentAt = silent.get(name) ?? null;
    if (silentAt !== null && wasPutAside({ world, evidence }, name, silentAt, world.plan.endAt))
      continue;
    if (quietMs < limitMs - 20_000 && silent.has(name)) return `${name} posts and counts as silent`;
    if (quietMs > limitMs + 2 * world.plan.tickMs + 130_000 && !silent.has(name)) {
      return `${name} posted last ${Math.round(quietMs / 1000)} s ago, and nobody said so`;
    }
  }
  return null;
}
