// What is there already, as restoring compares with it.
import { asc, isNull } from 'drizzle-orm';
import { CONFIG_VERSION_SQL } from '#db/plan.ts';
import { channel, check, host, location, rule, runner } from '#db/schema.ts';
import { getSettings } from '#worker/actions/settings/get.ts';
import type { SettingsModel } from '#worker/actions/settings/model.ts';
import type { Actor, Platform } from '#worker/platform.ts';

export interface Here {
  /** Of the configuration: what is planned holds only for this one. */
  version: number;
  settings: SettingsModel;
  locations: Array<typeof location.$inferSelect>;
  /** Revoked ones are left out. */
  runners: Array<typeof runner.$inferSelect>;
  hosts: Array<typeof host.$inferSelect>;
  checks: Array<typeof check.$inferSelect>;
  channels: Array<typeof channel.$inferSelect>;
  rules: Array<typeof rule.$inferSelect>;
  /** No host or check was ever here: ids are free to be kept. */
  empty: boolean;
  /** The id a table gives next. */
  nextId: (table: 'location' | 'host' | 'check_' | 'channel') => number;
}

export async function readHere(platform: Platform, actor: Actor): Promise<Here> {
  const { db } = platform;
  const { rows } = await db.$client.execute(`select ${CONFIG_VERSION_SQL} as version`);
  const [settings, locations, runners, hosts, checks, channels, rules, sequences] =
    await Promise.all([
      getSettings(platform, actor, {}),
      db.select().from(location).orderBy(asc(location.id)),
      db.select().from(runner).orderBy(asc(runner.id)),
      db.select().from(host).orderBy(asc(host.id)),
      db.select().from(check).where(isNull(check.deletedAt)).orderBy(asc(check.id)),
      db.select().from(channel).orderBy(asc(channel.id)),
      db.select().from(rule).orderBy(asc(rule.id)),
      db.$client.execute('select name, seq from sqlite_sequence'),
    ]);
  const last = new Map(sequences.rows.map((row) => [String(row.name), Number(row.seq)]));
  return {
    version: Number(rows[0]?.version ?? 0),
    settings,
    locations,
    runners: runners.filter(({ status }) => status !== 'revoked'),
    hosts,
    checks,
    channels,
    rules,
    empty: !last.has('host') && !last.has('check_'),
    nextId: (table) => {
      const id = (last.get(table) ?? 0) + 1;
      last.set(table, id);
      return id;
    },
  };
}
