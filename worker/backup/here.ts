// What is there already, as restoring compares with it.
import { CONFIG_VERSION_SQL } from '#db/plan.ts';
import { type FleetRunner, readFleet } from '#worker/actions/hosts/fleet.ts';
import { getSettings } from '#worker/actions/settings/get.ts';
import type { SettingsModel } from '#worker/actions/settings/model.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { readSetUp, type SetUp } from './rows.ts';

export interface Here extends SetUp {
  /** Of the configuration: what is planned holds only for this one. */
  version: number;
  settings: SettingsModel;
  /** Revoked ones are left out. */
  runners: FleetRunner[];
  /** No host or check was ever here: ids are free to be kept. */
  empty: boolean;
  /** The id a table gives next. */
  nextId: (table: 'location' | 'host' | 'check_' | 'channel') => number;
}

export async function readHere(platform: Platform, actor: Actor): Promise<Here> {
  const { db } = platform;
  const { rows } = await db.$client.execute(`select ${CONFIG_VERSION_SQL} as version`);
  const [settings, { runners }, setUp, sequences] = await Promise.all([
    getSettings(platform, actor, {}),
    readFleet(platform),
    readSetUp(db),
    db.$client.execute('select name, seq from sqlite_sequence'),
  ]);
  const last = new Map(sequences.rows.map((row) => [String(row.name), Number(row.seq)]));
  return {
    version: Number(rows[0]?.version ?? 0),
    settings,
    runners,
    ...setUp,
    empty: !last.has('host') && !last.has('check_'),
    nextId: (table) => {
      const id = (last.get(table) ?? 0) + 1;
      last.set(table, id);
      return id;
    },
  };
}
