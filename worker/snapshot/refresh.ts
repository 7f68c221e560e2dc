// Making the snapshot anew: by the minute's tick and after a flip, by one worker at a time.
import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';
import { SETTINGS_SQL, settingsOf } from '#worker/settings.ts';
import { readDays, refreshDays } from './days.ts';
import { MARK_SQL } from './mark.ts';
import { keep } from './memory.ts';
import { makeNow, type Page, type PageSnapshot, packNow } from './page.ts';

/** At most this often, however much happens. */
const MOST_OFTEN_MS = 15_000;
/** When nothing happens: ticks a minute apart that come a little late still make it every two minutes. */
const AT_LEAST_MS = 90_000;
/** A row from further ahead than clocks differ is from a clock that was wrong. */
const AHEAD_MS = 60_000;

/** Makes it anew if it is time and nobody else is at it; null otherwise. */
export async function refreshSnapshot(platform: Platform): Promise<Page | null> {
  const made = await makeAnew(platform);
  return made && keep(platform, { ...made, days: await readDays(platform) });
}

/**
 * As `refreshSnapshot`, for those who have other things to do: a failure is logged, and the next tick tries again. True
 * when it was made. At the edge it is not kept here: visitors come to other isolates, and its days cost CPU to read.
 */
export function refreshQuietly(platform: Platform): Promise<boolean> {
  return quietly(platform, async () => {
    if (platform.config.runtime === 'edge') return (await makeAnew(platform)) !== null;
    return (await refreshSnapshot(platform)) !== null;
  });
}

async function makeAnew(platform: Platform): Promise<Omit<PageSnapshot, 'days'> | null> {
  const now = platform.now();
  const [claimed, settings] = await write(platform.db, [claim(now), SETTINGS_SQL]);
  const mark = claimed?.rows[0]?.mark;
  if (mark === undefined) return null;
  const snapshot = await makeNow(platform, settingsOf(settings?.rows ?? []));
  // Somebody who took over meanwhile, or what the snapshot must not show any more, changed `at`.
  const [written] = await write(platform.db, [
    {
      sql: 'update page_snapshot set mark = ?, body = ? where id = 1 and at = ?',
      args: [String(mark), packNow(snapshot), now],
    },
  ]);
  return written?.rowsAffected === 1 ? snapshot : null;
}

/** The row of days, as quietly. */
export function refreshDaysQuietly(platform: Platform): Promise<boolean> {
  return quietly(platform, () => refreshDays(platform));
}

async function quietly(platform: Platform, work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    platform.log('warn', `the page was not made anew: ${(error as Error).message}`);
    return false;
  }
}

/** The row goes to the first who finds it due; `mark` is taken before anything is read, so that nothing is missed. */
function claim(now: number) {
  return {
    sql: `insert into page_snapshot (id, at, mark, body) values (1, ?, '', '')
          on conflict (id) do update set at = excluded.at
            where at <= ? or at > ? or (at <= ? and mark <> ${MARK_SQL})
          returning ${MARK_SQL} as mark`,
    args: [now, now - AT_LEAST_MS, now + AHEAD_MS, now - MOST_OFTEN_MS],
  };
}
