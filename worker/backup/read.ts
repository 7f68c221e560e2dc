// What people set up, out of the database into a document.
import type { CheckModel } from '#worker/actions/hosts/model.ts';
import { checkModelOf } from '#worker/actions/hosts/read.ts';
import { getSettings } from '#worker/actions/settings/get.ts';
import type { SettingsModel } from '#worker/actions/settings/model.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { BACKUP_VERSION } from './document.ts';
import { readSetUp } from './rows.ts';
import { type FieldPath, withhold } from './withheld.ts';

type Match = { groups?: string[]; hosts?: number[] };

/** As it is written: stored values, no defaults left out. */
export interface WrittenDocument {
  anyup: 'backup';
  version: typeof BACKUP_VERSION;
  settings: SettingsModel;
  locations: Array<{
    id: number;
    name: string;
    enabled: boolean;
    tags: string[];
    createdAt: string;
  }>;
  hosts: Array<{
    id: number;
    name: string;
    group: string;
    paused: boolean;
    tags: string[];
    createdAt: string;
    checks: Array<Record<string, unknown> & { id: number; withheld?: FieldPath[] }>;
  }>;
  channels: Array<{
    id: number;
    name: string;
    kind: string;
    enabled: boolean;
    settings: Record<string, unknown>;
  }>;
  rules: Array<{ channelId: number; match: Match; from: string; fleet: boolean }>;
  maintenances: Array<{
    title: string;
    note: string;
    hosts: number[] | null;
    groups: string[] | null;
    from: string;
    until: string;
  }>;
}

export async function readDocument(platform: Platform, actor: Actor): Promise<WrittenDocument> {
  const { db } = platform;
  const [settings, setUp, runners] = await Promise.all([
    getSettings(platform, actor, {}),
    readSetUp(db),
    db.$client.execute('select id, name from runner'),
  ]);
  const { locations, hosts, checks, channels, rules, maintenances, addressHashes } = setUp;
  const fleet = { locations, runners: [] };
  const runnerNames = new Map(runners.rows.map(({ id, name }) => [Number(id), String(name)]));
  const byHost = Map.groupBy(checks, ({ hostId }) => hostId);
  const hostIds = new Set(hosts.map(({ id }) => id));
  return {
    anyup: 'backup',
    version: BACKUP_VERSION,
    settings,
    locations: locations.map(({ id, name, enabled, tags, createdAt }) => ({
      ...{ id, name, enabled, tags },
      createdAt: iso(createdAt),
    })),
    hosts: hosts.map(({ id, name, group, paused, tags, createdAt }) => ({
      ...{ id, name, group, paused, tags },
      createdAt: iso(createdAt),
      checks: (byHost.get(id) ?? []).map((row) => {
        const name = row.runnerId === null ? null : (runnerNames.get(row.runnerId) ?? null);
        const addressHash = addressHashes.get(row.id);
        return {
          ...writtenCheck({ ...checkModelOf(row, fleet), runner: name }, row.createdAt),
          ...(addressHash !== undefined && { addressHash }),
        };
      }),
    })),
    channels: channels.map(({ id, name, kind, enabled, config }) => ({
      id,
      name,
      kind,
      enabled,
      settings: config,
    })),
    rules: rules.flatMap(({ channelId, match, from, fleet: fleetToo }) => {
      const known = knownHosts(match, hostIds);
      return known === null ? [] : [{ channelId, match: known, from, fleet: fleetToo }];
    }),
    maintenances: maintenances.flatMap(({ title, note, hosts, groups, from, until }) => {
      const known = hosts?.filter((id) => hostIds.has(id));
      // Work on hosts that are all gone is on nothing; without its hosts it would be on everything.
      if (known?.length === 0 && !groups?.length) return [];
      return [{ title, note, hosts: known ?? null, groups, from: iso(from), until: iso(until) }];
    }),
  };
}

function writtenCheck(
  model: CheckModel,
  createdAt: number,
): Record<string, unknown> & { id: number } {
  const { shown, withheld } = withhold(model);
  return {
    ...shown,
    id: model.id,
    createdAt: iso(createdAt),
    ...(withheld.length > 0 && { withheld }),
  };
}

/** A rule for hosts that are all gone is for nothing; without its hosts it would be for everything. */
function knownHosts({ groups, hosts }: Match, ids: ReadonlySet<number>): Match | null {
  if (!hosts) return groups ? { groups } : {};
  const known = hosts.filter((id) => ids.has(id));
  if (known.length === 0 && !groups) return null;
  return { ...(groups && { groups }), ...(known.length > 0 && { hosts: known }) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
