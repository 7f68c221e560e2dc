// The page that a visitor gets: from memory, from the snapshot, made live, or the last good copy.
import { within } from '#worker/deadline.ts';
import type { Platform } from '#worker/platform.ts';
import { MARK_SQL } from './mark.ts';
import { keep, keepFor, keepStale, keptIn, paceOf } from './memory.ts';
import { makeSnapshot, type Page, type PageSnapshot, parseCopy, parseSnapshot } from './page.ts';
import { refreshSnapshot } from './refresh.ts';

/** A database that has not answered by then is treated as gone. */
const DEADLINE_MS = 5000;
/** While it is gone, it is asked after this often. */
const ASK_AGAIN_MS = 5000;
/** About as long as another worker takes to make it. */
const MAKING_MS = 1000;

/**
 * The page as anyone may see it: ≤ 5 rows read, none from memory. Rejects only when the database does not answer and
 * nothing was ever kept.
 */
export async function readPage(platform: Platform): Promise<Page> {
  const kept = keptIn(platform);
  if (kept && platform.now() < kept.untilAt) return kept.page;
  try {
    return await within(DEADLINE_MS, together(platform));
  } catch (error) {
    const page = kept?.page ?? (await lastCopy(platform));
    if (!page) throw error;
    platform.log('warn', `the page is served from a copy: ${(error as Error).message}`);
    const stale: Page = { ...page, stale: true };
    keepStale(platform, stale, ASK_AGAIN_MS);
    return stale;
  }
}

/** By database client: what is under way for all who ask at the same moment. */
const underWay = new WeakMap<object, Promise<Page>>();

/** At the edge a request must not wait for another's work: that one may be cancelled. */
function together(platform: Platform): Promise<Page> {
  if (platform.config.runtime === 'edge') return newest(platform);
  const { $client } = platform.db;
  const found = underWay.get($client);
  if (found) return found;
  const work = newest(platform).finally(() => underWay.delete($client));
  underWay.set($client, work);
  return work;
}

async function newest(platform: Platform): Promise<Page> {
  const { rows } = await (platform.copy ?? platform.db).$client.execute(
    `select now.body, now.mark = ${MARK_SQL} as unchanged, days.body as days
     from page_snapshot now left join page_snapshot days on days.id = 2 where now.id = 1`,
  );
  const [row] = rows;
  const held = row ? parseSnapshot(String(row.body), String(row.days ?? '')) : null;
  const { keepMs, acceptMs } = paceOf(platform.config);
  const ageMs = held ? Math.abs(platform.now() - held.model.asOf) : Number.POSITIVE_INFINITY;
  const unchanged = Number(row?.unchanged) === 1;
  // What is too young to be made anew serves whatever happened since.
  if (held && (ageMs < keepMs || (unchanged && ageMs < acceptMs))) return keep(platform, held);
  const made = await refreshSnapshot(platform);
  if (made) return made;
  // Another worker is at it: what it replaces serves for that moment.
  if (held && ageMs < acceptMs) return keepFor(platform, held, MAKING_MS);
  return keep(platform, await makeSnapshot(platform));
}

async function lastCopy({ lastGood, log }: Platform): Promise<PageSnapshot | null> {
  try {
    const text = await lastGood?.read();
    return text ? parseCopy(text) : null;
  } catch (error) {
    log('warn', `the last good copy of the page cannot be read: ${(error as Error).message}`);
    return null;
  }
}
