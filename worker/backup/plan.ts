// What restoring a document would do, found out before anything is written; then done in one write.
import type { InStatement } from '@libsql/client';
import { formatDuration } from '#core/duration.ts';
import { freePlaces, isPlaceTaken, MAX_CHECKS, type Place } from '#db/place.ts';
import { bumpConfig, CONFIG_VERSION_SQL, fleetStatement, planStatements } from '#db/plan.ts';
import { write } from '#db/write.ts';
import { auditRow } from '#worker/actions/auditRow.ts';
import { refuseField } from '#worker/actions/parse.ts';
import type { SettingsPatch } from '#worker/actions/settings/model.ts';
import { settingsStatements } from '#worker/actions/settings/statements.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { dropSnapshot } from '#worker/snapshot/mark.ts';
import { planChannels } from './channels.ts';
import type { BackupDocument } from './document.ts';
import { type Here, readHere } from './here.ts';
import { firstFold } from './history/write.ts';
import { addressStatements, insertStatements, planHosts } from './hosts.ts';
import { planLocations } from './locations.ts';
import { planMaintenances } from './maintenances.ts';
import type { Change } from './match.ts';

export interface RestorePlan {
  changes: Change[];
  warnings: string[];
  /** From ids of the backup to ids here: history goes by them. */
  checkIds: Map<number, number>;
  /** Nothing is to be written. */
  idle: boolean;
  /** The one write. */
  statements: InStatement[];
}

export interface RestoreWish {
  document: BackupDocument;
  /** Remove what the backup has not. */
  replace: boolean;
}

const RACES = 5;

/** Plans only. */
export async function planRestore(
  platform: Platform,
  actor: Actor,
  { document, replace }: RestoreWish,
): Promise<RestorePlan> {
  const here = await readHere(platform, actor);
  const settings = planSettings(document.settings, here);
  const locations = planLocations(platform, document, here, replace);
  if (document.history === true) refuseMovedLocations(locations.ids);
  const hosts = planHosts(platform, document, here, locations.after, replace);
  const channels = planChannels(platform, document, here, hosts.hostIds, replace);
  const maintenances = planMaintenances(platform, document, here, hosts.hostIds, replace);
  const places = await placesFor(platform, hosts.newChecks.length);
  const parts = [settings, locations, hosts, channels, maintenances];
  const changes = parts.flatMap((part) => part.changes);
  const warnings = parts.flatMap((part) => part.warnings);
  const changed = changes.filter(({ change }) => change !== 'left');
  const shards = new Set([...hosts.shards, ...places.map(({ shard }) => shard)]);
  const statements = [
    guard(here.version),
    ...bumpConfig(locations.resync),
    ...hosts.statements,
    ...locations.statements,
    ...insertStatements(hosts, places),
    ...channels.statements,
    ...maintenances.statements,
    ...settingsStatements(settings.patch),
    ...[...shards].flatMap(planStatements),
    ...addressStatements(hosts),
    ...(document.history === true
      ? [...shards].map((shard) => firstFold(shard, platform.now()))
      : []),
    fleetStatement,
    dropSnapshot,
    auditRow(platform, actor, {
      action: 'backup.restore',
      subject: 'backup',
      before: null,
      after: { replace, changes: changed.slice(0, 200) },
    }),
  ];
  const idle = changed.length === 0;
  return { changes, warnings, checkIds: hosts.checkIds, idle, statements };
}

/** Plans and writes; when somebody changed something meanwhile, plans anew. */
export async function restoreDocument(
  platform: Platform,
  actor: Actor,
  wish: RestoreWish,
): Promise<RestorePlan> {
  for (let race = 1; ; race++) {
    const plan = await planRestore(platform, actor, wish);
    if (plan.idle) return plan;
    try {
      await write(platform.db, plan.statements);
      return plan;
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      if (race === RACES) {
        throw new Problem('conflict', { detail: 'Hosts are being changed; try again.' });
      }
    }
  }
}

/** Nothing of the batch is kept when the configuration is another one by now. */
function guard(version: number): InStatement {
  return {
    sql: `insert into setting (key, value) select 'config_version', null where ${CONFIG_VERSION_SQL} <> ?`,
    args: [version],
  };
}

function isOvertaken(error: unknown): boolean {
  const { message = '' } = error as { message?: string };
  return (
    isPlaceTaken(error) ||
    /NOT NULL constraint failed: setting\.value|UNIQUE constraint failed: \w+\.id/.test(message)
  );
}

async function placesFor({ db }: Platform, count: number): Promise<Place[]> {
  if (count === 0) return [];
  const { places, taken } = await freePlaces(db, count);
  if (taken + count <= MAX_CHECKS) return places;
  throw refuseField(
    'hosts',
    `have ${count} checks that are new; with the ${taken} there are this is more than the ${MAX_CHECKS} allowed`,
  );
}

function planSettings(wanted: SettingsPatch, { settings }: Here) {
  const patch: Record<string, unknown> = {};
  const changes: Change[] = [];
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined) continue;
    const shown = typeof value === 'number' ? formatDuration(value) : value;
    const same = settings[name as keyof typeof settings] === shown;
    if (!same) patch[name] = value;
    changes.push({ what: 'setting', name, change: same ? 'left' : 'changed' });
  }
  return { patch: patch as SettingsPatch, changes, warnings: [] as string[] };
}

/** Readings tell their location by its number. */
function refuseMovedLocations(locations: ReadonlyMap<number, number>): void {
  const moved = [...locations].find(([theirs, ours]) => theirs !== ours);
  if (!moved) return;
  throw new Problem('conflict', {
    detail: `History tells locations by number, and number ${moved[0]} is another location here. Restore into an empty database, or the first line alone, which is what was set up.`,
  });
}
