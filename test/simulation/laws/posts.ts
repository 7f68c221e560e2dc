import type { Law } from '../law.ts';
import { ago } from '../story.ts';

/** After a failure the disk is not tried again for ten seconds. */
const DISK_RETRY_MS = 11_000;

/** What the runner and the worker promise each other about every single post. */
export function posts(): Law {
  let acknowledged = 0;
  let unspooled = 0;
  return {
    promise: 'what is posted was on disk, and what is answered is stored',
    looks({ world }) {
      const { ledger } = world;
      for (; acknowledged < ledger.acknowledged.length; acknowledged++) {
        const post = ledger.posts.get(ledger.acknowledged[acknowledged] as string);
        if (!post || post.results.length === 0 || post.storedAt !== null) continue;
        return `a post of ${post.machine} was answered 200 and is not stored`;
      }
      for (; unspooled < ledger.unspooled.length; unspooled++) {
        const probe = ledger.probes.get(ledger.unspooled[unspooled] as number);
        if (!probe) return 'something was posted that nobody measured';
        const { answeredAt } = probe;
        const machine = world.machine(probe.machine);
        const sleptMs = machine.asleep.reduce((sum, { from, to }) => sum + to - from, 0);
        const diskless = machine.diskless.some(
          ({ from, to }) =>
            answeredAt > from - 4000 - sleptMs && answeredAt < to + DISK_RETRY_MS + sleptMs,
        );
        if (diskless) continue;
        return `${machine.name} posted what it measured at ${ago(answeredAt)} without having it on disk`;
      }
      return null;
    },
  };
}
