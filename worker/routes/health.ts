// For balancers and for whoever watches the watcher. Public, so it tells no addresses and no names.
import { Hono } from 'hono';
import { parseCursor } from '#worker/history/cursor.ts';
import { lagMs } from '#worker/history/report.ts';
import type { Env, Platform } from '#worker/platform.ts';

/** A tick this old means that silence goes unnoticed. */
const LATE_MS = 150_000;

export const health = new Hono<Env>();

/** 200 as long as the process answers at all: whoever restarts processes asks here. */
health.get('/healthz/live', (c) => c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' }));

/**
 * 200 while the database answers (ready), 503 otherwise. `tick` is "late" when the clockwork or cron has stopped; a message
 * that is due waits since `outboxAgeMs`; history is folded up to `historyLagMs` ago.
 */
health.get('/healthz', async (c) => {
  const { status, body } = await look(c.env);
  return c.json(body, status, { 'cache-control': 'no-store' });
});

async function look(platform: Platform) {
  try {
    const now = platform.now();
    const [{ rows } = { rows: [] }, folded, owed] = await platform.db.$client.batch(
      [
        'select tick_at from pulse where id = 1',
        'select shard, version, body from folded',
        {
          sql: `select min(due_at) as due_at from delivery where status = 'owed' and due_at <= ?`,
          args: [now],
        },
      ],
      'read',
    );
    const historyLagMs = Math.max(
      0,
      ...(folded?.rows ?? []).map((row) => lagMs(parseCursor(row), now)),
    );
    const tickAt = Number(rows[0]?.tick_at ?? 0);
    const tickAgeMs = tickAt === 0 ? null : now - tickAt;
    const tick = tickAgeMs === null ? 'none yet' : tickAgeMs > LATE_MS ? 'late' : 'ok';
    const dueAt = owed?.rows[0]?.due_at;
    const outboxAgeMs = dueAt == null ? 0 : now - Number(dueAt);
    const ages = { tickAgeMs, outboxAgeMs, historyLagMs };
    const body = { status: 'ok', database: 'ok', tick, ...ages } as const;
    return { status: 200, body } as const;
  } catch (error) {
    platform.log('error', `health: ${(error as Error).message}`);
    return { status: 503, body: { status: 'down', database: 'unreachable' } } as const;
  }
}
