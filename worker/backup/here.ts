// What is there already, as restoring compares with it.
import { CONFIG_VERSION_SQL } from '#db/plan.ts';
import { type ChannelRow, channelOf } from '#db/rows/channel.ts';
import { type CheckRow, checkOf } from '#db/rows/check.ts';
import { type HostRow, hostOf } from '#db/rows/host.ts';
import { type LocationRow, locationOf } from '#db/rows/location.ts';
import { type RuleRow, ruleOf } from '#db/rows/rule.ts';
import { type FleetRunner, readFleet } from '#worker/actions/hosts/fleet.ts';
import { getSettings } from '#worker/actions/settings/get.ts';
import type { SettingsModel } from '#worker/actions/settings/model.ts';
import type { Actor, Platform } from '#worker/platform.ts';

export interface Here {
  /** Of the configuration: what is planned holds only for this one. */
  version: number;
  settings: SettingsModel;
  locations: LocationRow[];
  /** Revoked ones are left out. */
  runners: FleetRunner[];
  hosts: HostRow[];
  checks: CheckRow[];
  channels: ChannelRow[];
  rules: RuleRow[];
  /** No host or check was ever here: ids are free to be kept. */
  empty: boolean;
  /** The id a table gives next. */
  nextId: (table: 'location' | 'host' | 'check_' | 'channel') => number;
}

export async function readHere(platform: Platform, actor: Actor): Promise<Here> {
  const { db } = platform;
  const { rows } = await db.$client.execute(`select ${CONFIG_VERSION_SQL} as version`);
  const [settings, { runners }, [locations, hosts, checks, channels, rules, sequences]] =
    await Promise.all([
      getSettings(platform, actor, {}),
      readFleet(platform),
      db.$client.batch([...SET_UP_SQL, 'select name, seq from sqlite_sequence'], 'read'),
    ]);
  const last = new Map(rowsOf(sequences, ({ name, seq }) => [String(name), Number(seq)]));
  return {
    version: Number(rows[0]?.version ?? 0),
    settings,
    locations: rowsOf(locations, locationOf),
    runners,
    hosts: rowsOf(hosts, hostOf),
    checks: rowsOf(checks, checkOf),
    channels: rowsOf(channels, channelOf),
    rules: rowsOf(rules, ruleOf),
    empty: !last.has('host') && !last.has('check_'),
    nextId: (table) => {
      const id = (last.get(table) ?? 0) + 1;
      last.set(table, id);
      return id;
    },
  };
}
