// Taking what is due. A lease on one delivery keeps others off its whole channel, so that the messages of a channel
// go out in order and one sender at a time decides what goes together.
import type { ResultSet } from '@libsql/client';
import type { Notice } from '#core/notice.ts';
import { type ChannelRow, channelOf } from '#db/rows/channel.ts';
import { write } from '#db/write.ts';
import { base64url } from '../crypto/hash.ts';
import type { Platform } from '../platform.ts';
import type { Limits } from './limits.ts';

/** A delivery that was taken. */
export interface Owed {
  id: number;
  channelId: number;
  notice: Notice;
  attempts: number;
  createdAt: number;
  lastError: string | null;
  /** The token under which it was tried before, empty at first: what shares one goes out the same way again. */
  earlierToken: string;
}

/** The oldest delivery of a stream that was not taken: later ones of the stream wait for it. */
export interface Blocker {
  channelId: number;
  stream: string;
  id: number;
  dueAt: number;
}

/** What was taken and everything needed to decide how it goes out, read in the same write. */
export interface Claim {
  token: string;
  at: number;
  owed: Owed[];
  blockers: Blocker[];
  channels: Map<number, ChannelRow>;
  /** When a channel was last told something, where that is recent. */
  lastSentAt: Map<number, number>;
}

// `status = 'owed'` is spelled out everywhere, since only then SQLite can use the partial index; and DUE insists on
// it, since for the sake of the order SQLite would rather walk through all that was ever sent.
const LOCKED = `select channel_id from delivery where status = 'owed' and lease_until > ?`;

const DUE = `from delivery indexed by delivery_due
  where status = 'owed' and due_at <= ? and channel_id not in (${LOCKED}) order by id limit ?`;

const TAKEN = `from delivery where status = 'owed' and lease_token = ?`;

/** Messages of one stream reach a channel in order: a recovery never overtakes its outage. */
export function streamOf(notice: Notice): string {
  return 'subject' in notice ? `check:${notice.subject.checkId}` : notice.type;
}

const STREAM = `coalesce('check:' || (notice ->> '$.subject.checkId'), notice ->> '$.type')`;

/** Recent sends are looked for among so many newest rows, which spares an index on every delivery. */
const RECENT_ROWS = 200;

/** Takes what is due for a lease; locked channels are left to whoever holds them. */
export async function claim(platform: Platform, limits: Limits): Promise<Claim> {
  const at = platform.now();
  const token = base64url(platform.random(12));
  const due = [at, at, limits.rows];
  const [owed, , blockers, channels, sent] = await write(platform.db, [
    {
      sql: `select id, channel_id, notice, attempts, created_at, last_error, lease_token ${DUE}`,
      args: due,
    },
    {
      sql: `update delivery set lease_until = ?, lease_token = ? where id in (select id ${DUE})`,
      args: [at + limits.leaseMs, token, ...due],
    },
    {
      sql: `select channel_id, ${STREAM} as stream, min(id) as id, due_at from delivery
            where status = 'owed' and lease_token <> ? and channel_id in (select channel_id ${TAKEN})
            group by channel_id, stream`,
      args: [token, token],
    },
    {
      sql: `select * from channel
            where id in (select channel_id ${TAKEN})`,
      args: [token],
    },
    {
      sql: `select channel_id, max(sent_at) as sent_at from delivery
            where id > (select max(id) from delivery) - ${RECENT_ROWS} and status = 'sent'
              and sent_at > ? and notice ->> '$.type' <> 'test' group by channel_id`,
      args: [at - limits.windowMs],
    },
  ]);
  return {
    token,
    at,
    owed: rowsOf(owed, (row) => ({
      id: Number(row.id),
      channelId: Number(row.channel_id),
      notice: JSON.parse(String(row.notice)) as Notice,
      attempts: Number(row.attempts),
      createdAt: Number(row.created_at),
      lastError: row.last_error === null ? null : String(row.last_error),
      earlierToken: String(row.lease_token),
    })),
    blockers: rowsOf(blockers, (row) => ({
      channelId: Number(row.channel_id),
      stream: String(row.stream),
      id: Number(row.id),
      dueAt: Number(row.due_at),
    })),
    channels: new Map(rowsOf(channels, channelOf).map((row) => [row.id, row])),
    lastSentAt: new Map(
      rowsOf(sent, (row) => [Number(row.channel_id), Number(row.sent_at)] as const),
    ),
  };
}

/**
 * When the next delivery can be taken, epoch ms; null when none is owed. Those named in `held` wait for company and
 * are not counted.
 */
export async function nextDueAt(
  platform: Platform,
  held: readonly number[] = [],
): Promise<number | null> {
  const { rows } = await platform.db.$client.execute({
    sql: `select min(max(due_at, coalesce(free_at, 0))) as at from delivery
          left join (select channel_id as locked, max(lease_until) as free_at from delivery
                     where status = 'owed' and lease_until > ? group by channel_id) on locked = channel_id
          where status = 'owed' and id not in (select value from json_each(?))`,
    args: [platform.now(), JSON.stringify(held)],
  });
  const at = rows[0]?.at ?? null;
  return at === null ? null : Number(at);
}

type Row = ResultSet['rows'][number];

function rowsOf<T>(result: ResultSet | undefined, read: (row: Row) => T): T[] {
  return result ? result.rows.map(read) : [];
}
