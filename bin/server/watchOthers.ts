// Other processes on the same database change what our pages show: while a page holds a line here, it is looked once a
// second whether they did.
import type { LiveInProcess } from '#worker/live/inProcess.ts';
import type { Platform } from '#worker/platform.ts';
import { MARK_SQL } from '#worker/snapshot/mark.ts';

const LOOK_EVERY_MS = 1000;

/** Three rows a look. Runs until the lines are stopped for good. */
export function watchOthers(platform: Platform, live: LiveInProcess): void {
  let known: string | null = null;
  const look = async () => {
    if (live.size === 0) {
      known = null;
      return;
    }
    const { rows } = await platform.db.$client.execute(
      `select ${MARK_SQL} || ' ' || (select coalesce(max(id), 0) from event) as mark`,
    );
    const mark = String(rows[0]?.mark);
    if (known !== null && known !== mark) live.changed();
    known = mark;
  };
  const turn = async () => {
    await look().catch((error: Error) =>
      platform.log('debug', `the live view could not look around: ${error.message}`),
    );
    if (!live.stopped) setTimeout(turn, LOOK_EVERY_MS).unref();
  };
  turn();
}
