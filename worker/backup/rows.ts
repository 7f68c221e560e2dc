// The rows of what people set up, all as of one moment.
import type { ResultSet, Row } from '@libsql/client';
import type { Db } from '#db/db.ts';
import { type ChannelRow, channelOf } from '#db/rows/channel.ts';
import { type CheckRow, checkOf } from '#db/rows/check.ts';
import { type HostRow, hostOf } from '#db/rows/host.ts';
import { type LocationRow, locationOf } from '#db/rows/location.ts';
import { type RuleRow, ruleOf } from '#db/rows/rule.ts';
import type { MaintenanceModel } from '#worker/actions/maintenances/model.ts';
import { maintenanceOf } from '#worker/actions/maintenances/read.ts';

/** Each by id. */
export interface SetUp {
  locations: LocationRow[];
  hosts: HostRow[];
  checks: CheckRow[];
  channels: ChannelRow[];
  rules: RuleRow[];
  /** Of the addresses that jobs call, by check. */
  addressHashes: Map<number, string>;
  maintenances: MaintenanceModel[];
}

export async function readSetUp(db: Db): Promise<SetUp> {
  const [locations, hosts, checks, channels, rules, maintenances, answered] =
    await db.$client.batch(
      [
        'select * from location order by id',
        'select * from host order by id',
        'select * from check_ where deleted_at is null order by id',
        'select * from channel order by id',
        'select * from rule order by id',
        'select * from maintenance order by id',
        'select check_id, token_hash from answered where token_hash is not null',
      ],
      'read',
    );
  return {
    locations: rowsOf(locations, locationOf),
    hosts: rowsOf(hosts, hostOf),
    checks: rowsOf(checks, checkOf),
    channels: rowsOf(channels, channelOf),
    rules: rowsOf(rules, ruleOf),
    addressHashes: new Map(
      rowsOf(answered, (row) => [Number(row.check_id), String(row.token_hash)] as const),
    ),
    maintenances: rowsOf(maintenances, maintenanceOf),
  };
}

function rowsOf<T>(result: ResultSet | undefined, read: (row: Row) => T): T[] {
  return result ? result.rows.map(read) : [];
}
