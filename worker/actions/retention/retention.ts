import { formatDuration } from '#core/duration.ts';
import { utcText } from '#core/instant.ts';
import { DAY_MS, FIRST_RING, HOUR_MS, type Ring } from '#db/history.ts';
import { bumpConfig, fleetStatement } from '#db/plan.ts';
import { write } from '#db/write.ts';
import { nextRings, oldestHour, readRings } from '#worker/history/rings.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { auditRow } from '../auditRow.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { type RetentionModel, retentionPatch } from './model.ts';

const HOURS_KEPT_MS = 140 * DAY_MS;
const DAYS_KEPT_MS = 400 * DAY_MS;

/** How long what is kept. */
export async function getRetention(platform: Platform, actor: Actor): Promise<RetentionModel> {
  permit(actor, 'viewer');
  return modelOf(await ringsNow(platform), platform.now(), { gone: null, done: true });
}

/** Changes how long readings are kept, or says what that would take away. */
export async function changeRetention(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<RetentionModel> {
  permit(actor, 'owner');
  const { detail, dryRun } = parseInput(retentionPatch, input);
  const now = platform.now();
  const before = await ringsNow(platform);
  const days = Math.max(1, Math.round(detail / DAY_MS));
  const after = nextRings(before, days * 24, now);
  const shrinks = oldestHour(after, now) > oldestHour(before, now);
  const gone = shrinks ? goneText(after, now) : null;
  if (!dryRun) {
    const body = JSON.stringify(after);
    await write(platform.db, [
      {
        sql: `insert into setting (key, value) values ('history_rings', ?)
              on conflict (key) do update set value = excluded.value`,
        args: [body],
      },
      ...bumpConfig(),
      fleetStatement,
      auditRow(platform, actor, {
        action: 'retention.update',
        subject: 'retention of readings',
        before: { detail: daysOf(before) },
        after: { detail: daysOf(after) },
      }),
    ]);
  }
  return modelOf(after, now, { gone, done: !dryRun });
}

async function ringsNow({ db }: Platform): Promise<Ring[]> {
  return readRings.parse(await db.$client.execute(readRings.sql));
}

function daysOf(rings: readonly Ring[]): string {
  return formatDuration((rings.at(-1) ?? FIRST_RING).hours * HOUR_MS);
}

function goneText(rings: readonly Ring[], now: number): string {
  const since = oldestHour(rings, now) * HOUR_MS;
  return `Every reading before ${utcText(since)} is gone: charts finer than an hour and exports begin there. Figures of hours and days, uptime and incidents stay.`;
}

function modelOf(
  rings: readonly Ring[],
  now: number,
  told: Pick<RetentionModel, 'gone' | 'done'>,
): RetentionModel {
  return {
    detail: daysOf(rings),
    hours: formatDuration(HOURS_KEPT_MS),
    days: formatDuration(DAYS_KEPT_MS),
    detailFromAt: oldestHour(rings, now) * HOUR_MS,
    ...told,
  };
}
