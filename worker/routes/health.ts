// For balancers and for whoever watches the watcher. Public, so it tells no addresses and no names.
import { Hono } from 'hono';
import { parseCursor } from '#worker/history/cursor.ts';
import { lagMs } from '#worker/history/report.ts';
import type { Env, Platform } from '#worker/platform.ts';

/** A tick this old means that silence goes unnoticed. */
const LATE_MS = 150_000;

export const health = new Hono<Env>();

/** 200 while the database answers; `tick` is "late" when the clockwork or cron has stopped. */
health.get('/healthz', async (c) => {
  const { status, body } = await look(c.env);
  return c.json(body, status, { 'cache-control': 'no-store' });
});

async function look(platform: Platform) {
  try {
    const [{ rows } = { rows: [] }, folded] = await platform.db.$client.batch(
      ['select tick_at from pulse where id = 1', 'select shard, version, body from folded'],
      'read',
    );
    const now = platform.now();
    const historyLagMs = Math.max(
      0,
      ...(folded?.rows ?? []).map((row) => lagMs(parseCursor(row), now)),
    );
    const tickAt = Number(rows[0]?.tick_at ?? 0);
    const tickAgeMs = tickAt === 0 ? null : now - tickAt;
    const tick = tickAgeMs === null ? 'none yet' : tickAgeMs > LATE_MS ? 'late' : 'ok';
    const body = { status: 'ok', database: 'ok', tick, tickAgeMs, historyLagMs } as const;
    return { status: 200, body } as const;
  } catch (error) {
    platform.log('error', `health: ${(error as Error).message}`);
    return { status: 503, body: { status: 'down', database: 'unreachable' } } as const;
  }
}
