import type { Result } from '#core/wire/results.ts';
import type { Evidence, Kept } from '../evidence.ts';
import { mayReport } from '../ideal.ts';
import type { Law } from '../law.ts';
import type { Probe, Spooled } from '../ledger.ts';
import { ago } from '../story.ts';
import type { World } from '../world.ts';

const MAX_FUTURE_MS = 60_000;

/** Nothing lost, nothing dropped but by a rule, nothing counted under the wrong revision. */
export function results(): Law {
  return {
    promise: 'no result is lost, and none is dropped without a rule',
    wrote({ evidence }) {
      for (const kept of evidence.newKept) {
        const wrong = wronglyDropped(evidence, kept) ?? wrongRevision(evidence, kept);
        if (wrong) return wrong;
      }
      return null;
    },
    ends({ world, evidence }) {
      const { ledger, plan } = world;
      const sureAt = plan.endAt - 2 * plan.flushMs - 10_000;
      for (const [serial, spooled] of ledger.spooled) {
        if (ledger.stored.has(serial) || ledger.dropped.has(serial)) continue;
        if (spooled.spooledAt > sureAt || mayBeLost(world, evidence, spooled)) continue;
        const { result, machine } = spooled;
        return `${machine} had check ${result.checkId} of ${ago(result.at)} on disk at ${ago(spooled.spooledAt)}, and the worker never got it`;
      }
      for (const [serial, probe] of ledger.probes) {
        if (ledger.spooled.has(serial) || ledger.stored.has(serial) || ledger.dropped.has(serial))
          continue;
        if (probe.answeredAt > sureAt || mayBeUnwritten(world, evidence, probe)) continue;
        return `${probe.machine} measured something at ${ago(probe.answeredAt)}, never wrote it down, and the worker never got it`;
      }
      return null;
    },
  };
}

/** Every version of the configuration that may have been in force must say "keep it" for this to be wrong. */
function wronglyDropped(evidence: Evidence, { at, runnerId, dropped }: Kept): string | null {
  for (const result of dropped) {
    if (result.at > at + MAX_FUTURE_MS - 1000) continue;
    const kept = evidence.since(at).every(({ conf }) => {
      const check = conf.checks.get(result.checkId);
      return check !== undefined && mayReport(conf, check, runnerId);
    });
    if (kept)
      return `check ${result.checkId} of ${ago(result.at)} by runner ${runnerId} was dropped`;
  }
  return null;
}

function wrongRevision(evidence: Evidence, { at, results, runnerId }: Kept): string | null {
  const confs = evidence.since(at);
  const isRight = ({ result, old }: { result: Result; old: boolean }) =>
    confs.some(({ conf }) => {
      const check = conf.checks.get(result.checkId);
      return check !== undefined && (check.rev !== result.rev) === old;
    });
  const wrong = results.find((each) => !isRight(each));
  if (!wrong) return null;
  const { result, old } = wrong;
  return `check ${result.checkId} rev ${result.rev} of ${ago(result.at)} by runner ${runnerId} counts as ${old ? 'old' : 'new'}`;
}

/** With the disk it was on, or because its runner may not post any more. */
function mayBeLost(world: World, evidence: Evidence, { machine, spooledAt }: Spooled): boolean {
  const { gone, forgotten, runnerId, isRunning } = world.machine(machine);
  const runner = evidence.now.conf.runners.find(({ id }) => id === runnerId);
  if (gone || !isRunning || runner?.status !== 'active') return true;
  return forgotten.some(({ from, to }) => spooledAt >= from && spooledAt <= to);
}

/** The process ended within moments (canaries may have been asked), or while there was no disk to write to. */
function mayBeUnwritten(
  world: World,
  evidence: Evidence,
  { machine, life, answeredAt }: Probe,
): boolean {
  const { ends, diskless, asleep, runnerId } = world.machine(machine);
  const runner = evidence.now.conf.runners.find(({ id }) => id === runnerId);
  const isHeard = runner?.status === 'active';
  // Who may not post keeps in memory what the disk did not take.
  const endedAt = ends.get(life) ?? (isHeard ? undefined : world.plan.endAt);
  if (endedAt === undefined) return false;
  if (endedAt - answeredAt < 4000) return true;
  const overlaps = ({ from, to }: { from: number; to: number }) =>
    from - 2000 <= endedAt && to + 11_000 >= answeredAt;
  return diskless.some(overlaps) || asleep.some(overlaps);
}
