// Judging a shard: read, decide, write; again when somebody was quicker.
import type { Configuration } from '#db/plan.ts';
import { write } from '#db/write.ts';
import { dispatch } from '#worker/dispatch.ts';
import { configurationOf, flushMsOf } from '#worker/ingest/configuration.ts';
import type { Platform } from '#worker/platform.ts';
import { refreshQuietly } from '#worker/snapshot/refresh.ts';
import { commit } from './commit.ts';
import { type Decision, decide } from './decide.ts';
import { noticesOf } from './notices.ts';
import { parseSnapshot, type Snapshot, snapshotStatements } from './snapshot.ts';

const TRIES = 5;

/**
 * Judges checks of a shard (`only` null = all; else what one post changed) and writes what follows. After five lost races it leaves the rest to
 * the tick, which finds the view rows unjudged. True when the judgement was written.
 */
export async function judge(
  platform: Platform,
  shard: number,
  configuration: Configuration,
  only: ReadonlySet<number> | null,
  read?: Snapshot,
): Promise<boolean> {
  let snapshot = read ?? (await readSnapshot(platform, shard));
  for (let attempt = 1; ; attempt++) {
    // A plan that was changed before the snapshot was read is in force; one that changes after it loses us the race.
    if (snapshot.planVersion > configuration.version) {
      configuration = await configurationOf(platform, shard, snapshot.planVersion);
    }
    const flushMs = flushMsOf(platform, configuration);
    // A lost race may have brought other votes, and a row beside the one `only` is of waits to be judged (who wrote it
    // may be gone): what is written counts for all rows, so all checks are judged.
    const which = attempt === 1 && unjudged(snapshot) <= 1 ? only : null;
    const decision = decide({ snapshot, configuration, flushMs, now: platform.now(), only: which });
    const notices = await noticesOf(platform, snapshot, configuration, decision);
    if (await commit(platform, snapshot, decision, notices)) {
      platform.live?.changed();
      const owed = notices.some(({ channelIds }) => channelIds.length > 0);
      if (owed) platform.defer(() => dispatch(platform));
      if (flipped(decision)) platform.defer(() => refreshQuietly(platform));
      return true;
    }
    if (attempt === TRIES) {
      platform.log('warn', 'judging lost five races in a row; the tick will do it', { shard });
      return false;
    }
    await pauseBriefly(platform, attempt);
    snapshot = await readSnapshot(platform, shard);
  }
}

function unjudged({ views }: Snapshot): number {
  return views.filter(({ seq, judgedSeq }) => seq !== judgedSeq).length;
}

function flipped({ changes }: Decision): boolean {
  return changes.some(({ events }) => events.some(({ type }) => type === 'flip'));
}

async function readSnapshot(platform: Platform, shard: number): Promise<Snapshot> {
  return parseSnapshot(shard, await write(platform.db, snapshotStatements(shard)));
}

function pauseBriefly(platform: Platform, attempt: number): Promise<void> {
  const [jitter = 0] = platform.random(1);
  return new Promise((resolve) => setTimeout(resolve, attempt * 4 + (jitter / 255) * 16));
}
