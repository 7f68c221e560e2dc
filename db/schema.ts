// The memory. Instants are epoch ms, durations ms, RTT µs. The hot tables (view, recent, backfill, chunk, shard_state, pulse)
// have one computed integer key and no second index: every index entry is a billed row (docs/decisions/0002).
import { sql } from 'drizzle-orm';
import { blob, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { CheckConfig } from '#core/checks/index.ts';
import type { Policy } from '#core/policy.ts';
import type { Timetable } from '#core/timetable.ts';
import type { Capabilities } from '#core/wire/enroll.ts';
import { DELIVERY_STATUSES, RUNNER_STATUSES } from './statuses.ts';

const id = () => integer('id').primaryKey({ autoIncrement: true });
const at = (name: string) => integer(name);
const flag = (name: string) => integer(name, { mode: 'boolean' });

/** Settings a person can change, and the counter `config_version`. */
export const setting = sqliteTable('setting', {
  key: text('key').primaryKey(),
  value: text('value', { mode: 'json' }).$type<unknown>().notNull(),
});

export const location = sqliteTable('location', {
  id: id(),
  name: text('name').notNull().unique(),
  enabled: flag('enabled').notNull().default(true),
  /** Checks may name places by these. */
  tags: text('tags', { mode: 'json' }).$type<string[]>().notNull().default([]),
  createdAt: at('created_at').notNull(),
});

export const runner = sqliteTable('runner', {
  id: id(),
  name: text('name').notNull(),
  /** Null: enrolled but not yet placed, so without a vote. */
  locationId: integer('location_id').references(() => location.id),
  /** Where it says it stands, when it joined without a code: for whoever approves it. */
  askedLocation: text('asked_location'),
  /** The `x` of its Ed25519 JWK. */
  publicKey: text('public_key').notNull().unique(),
  /** The `aud` its calls must carry. */
  aud: text('aud').notNull(),
  status: text('status', { enum: RUNNER_STATUSES }).notNull(),
  version: text('version').notNull(),
  capabilities: text('capabilities', { mode: 'json' }).$type<Capabilities>().notNull(),
  /** Newest change of the configuration that this runner must fetch. */
  configVersion: integer('config_version').notNull().default(0),
  /** A runner that knows less than this gets everything anew (its location or its peers changed). */
  resyncVersion: integer('resync_version').notNull().default(0),
  /** Until then there may be open asks for it; keeps the quiet post free of another read. */
  asksUntil: at('asks_until').notNull().default(0),
  /** JSON: [[id, until (epoch ms), [check ids]], …]: checks that another location saw turn, to be probed at once. */
  confirm: text('confirm'),
  /** It tells people by itself when the worker is gone; what it last said. */
  deadman: flag('deadman').notNull().default(false),
  enrolledAt: at('enrolled_at').notNull(),
});

export const joinCode = sqliteTable('join_code', {
  /** base64url SHA-256 of the code; the code itself is shown once. */
  hash: text('hash').primaryKey(),
  name: text('name'),
  locationId: integer('location_id').references(() => location.id),
  usesLeft: integer('uses_left').notNull(),
  expiresAt: at('expires_at').notNull(),
  createdAt: at('created_at').notNull(),
});

export const host = sqliteTable('host', {
  id: id(),
  name: text('name').notNull(),
  group: text('group_name').notNull().default(''),
  /** Words to find it by. */
  tags: text('tags', { mode: 'json' }).$type<string[]>().notNull().default([]),
  /** A paused host is not probed and not judged. */
  paused: flag('paused').notNull().default(false),
  /** The runner whose own machine it is: it makes and removes checks of it by itself (worker/ingest/host.ts). */
  runnerId: integer('runner_id').unique(),
  createdAt: at('created_at').notNull(),
});

export const check = sqliteTable(
  'check_',
  {
    id: id(),
    /** No foreign key: the tombstones of a removed host stay. */
    hostId: integer('host_id').notNull(),
    /** Shown beside the host's name when it has several checks; empty = the target. */
    name: text('name').notNull().default(''),
    kind: text('kind').notNull(),
    target: text('target').notNull(),
    config: text('config', { mode: 'json' }).$type<CheckConfig>().notNull(),
    /** Beside a timetable the longest time between two of its due times. */
    intervalMs: integer('interval_ms').notNull(),
    /** When it is due, if not every so often; null = by the interval. */
    schedule: text('schedule', { mode: 'json' }).$type<Timetable | null>(),
    timeoutMs: integer('timeout_ms').notNull(),
    retryAfterMs: integer('retry_after_ms').notNull(),
    failures: integer('failures').notNull(),
    successes: integer('successes').notNull(),
    policy: text('policy', { mode: 'json' }).$type<Policy>().notNull(),
    /** Ids of the locations that probe it, or tags of which they bear one; null = every enabled one. */
    locations: text('locations', { mode: 'json' }).$type<number[] | { tags: string[] } | null>(),
    /** Pinned to one runner: its location is the only one. */
    runnerId: integer('runner_id').references(() => runner.id),
    /** 0 … 65535; target, kind, expectations or policy changed: views start anew. */
    rev: integer('rev').notNull().default(1),
    shard: integer('shard').notNull(),
    /** 0 … 999, fixed for life. */
    position: integer('position').notNull(),
    paused: flag('paused').notNull().default(false),
    /** Words to find it by, beside those of its host. */
    tags: text('tags', { mode: 'json' }).$type<string[]>().notNull().default([]),
    /** So long may its runner be silent before the host is down for it; null = silence is never "down". */
    mustReportMs: integer('must_report_ms'),
    /** What its runner calls it; null = a person made it. */
    announcedKey: text('announced_key'),
    /** As its runner announced it last, as JSON; null beside a key = the runner has it no more. */
    announced: text('announced'),
    /** The configuration version that changed it last. */
    changedVersion: integer('changed_version').notNull(),
    createdAt: at('created_at').notNull(),
    /** A tombstone, so that runners learn of it; its position is free again. */
    deletedAt: at('deleted_at'),
  },
  (table) => [
    uniqueIndex('check_place')
      .on(table.shard, table.position)
      .where(sql`${table.deletedAt} is null`),
    index('check_host').on(table.hostId),
    index('check_changed').on(table.changedVersion),
    uniqueIndex('check_announced')
      .on(table.hostId, table.announcedKey)
      .where(sql`${table.announcedKey} is not null`),
  ],
);

/** Of each shard what ingest and judging need of its checks, packed (db/plan.ts). Rewritten when one of them changes. */
export const shard = sqliteTable('shard', {
  id: integer('id').primaryKey(),
  version: integer('version').notNull(),
  plan: text('plan').notNull(),
});

/** What is held true of the checks of a shard, packed by position (db/states.ts); guarded by `version`. */
export const shardState = sqliteTable('shard_state', {
  shard: integer('shard').primaryKey(),
  version: integer('version').notNull(),
  /** Which write made this version: the statements beside it in the batch go by it. */
  writeId: text('write_id').notNull(),
  /** The next moment at which time alone could change a verdict. */
  dueAt: at('due_at').notNull(),
  body: text('body').notNull(),
});

/** What one runner says of one shard. Key: shard × 2^20 + runner. */
export const view = sqliteTable('view', {
  k: integer('k').primaryKey(),
  postedAt: at('posted_at').notNull(),
  /** Of the `body` (core/store/viewRow.ts). */
  baseAt: at('base_at').notNull(),
  liveSeq: integer('live_seq').notNull(),
  liveHash: text('live_hash').notNull(),
  lateSeq: integer('late_seq').notNull(),
  lateHash: text('late_hash').notNull(),
  boot: text('boot').notNull(),
  /** Rises with every write of the row; `judgedSeq` is the one last judged. */
  seq: integer('seq').notNull(),
  judgedSeq: integer('judged_seq').notNull(),
  /** What the runner last said of itself (db/health.ts); null = nothing yet. */
  health: text('health'),
  body: blob('body', { mode: 'buffer' }).$type<Uint8Array>().notNull(),
});

/**
 * Checks that the worker answers itself (core/checks), a row each, and what is held to be so: what a job or a person said
 * last, or that nothing was said in time. Rows come and go with the plan of their shard (db/answered.ts).
 */
export const answered = sqliteTable('answered', {
  checkId: integer('check_id').primaryKey(),
  shard: integer('shard').notNull(),
  kind: text('kind').notNull(),
  /** The revision that `dueAt` was counted for. */
  rev: integer('rev').notNull().default(0),
  /** Null = nothing was said yet. */
  level: integer('level'),
  code: text('code').notNull().default(''),
  text: text('text').notNull().default(''),
  /** When it was said; 0 = never. */
  lastAt: at('last_at').notNull().default(0),
  /** Until when the next word is waited for; 0 = it is to be counted anew. */
  dueAt: at('due_at').notNull().default(0),
  /** The run that was announced and has not ended. */
  startedAt: at('started_at'),
  /** How long the last run took whose start was announced. */
  runMs: integer('run_ms'),
  /** What the job sent last, cut short. */
  body: text('body'),
  bodyAt: at('body_at'),
  /** base64url SHA-256 of the token in its address. */
  tokenHash: text('token_hash').unique(),
  /** The token, sealed (worker/crypto/seal.ts), so that its address can be shown again. */
  token: text('token'),
});

const bytes = (name: string) => blob(name, { mode: 'buffer' }).$type<Uint8Array>();

/**
 * Results as they came, a row per runner, shard and 4 minutes of arrival in a ring, a column per block of positions
 * (core/store/segment.ts). Key: (shard × 2^20 + runner) × 128 + span mod 128.
 */
export const recent = sqliteTable('recent', {
  k: integer('k').primaryKey(),
  span: integer('span').notNull(),
  b0: bytes('b0').notNull(),
  b1: bytes('b1').notNull(),
  b2: bytes('b2').notNull(),
  b3: bytes('b3').notNull(),
});

/** Results of hours that are closed, as they came later. Key, ring and columns as `recent`. */
export const backfill = sqliteTable('backfill', {
  k: integer('k').primaryKey(),
  span: integer('span').notNull(),
  b0: bytes('b0').notNull(),
  b1: bytes('b1').notNull(),
  b2: bytes('b2').notNull(),
  b3: bytes('b3').notNull(),
});

/** Metrics as they came, a JSON array a line. Key and ring as `recent`. */
export const recentMetric = sqliteTable('recent_metric', {
  k: integer('k').primaryKey(),
  span: integer('span').notNull(),
  lines: text('lines').notNull(),
});

/**
 * One check in one hour, in a ring. Key: ((ring × 2^13 + hour mod its hours) × 2^20 + check), so that the rows of an
 * hour lie together; `hour` tells a row of an earlier turn.
 */
export const chunk = sqliteTable('chunk', {
  k: integer('k').primaryKey(),
  hour: integer('hour').notNull(),
  /** Readings and runs (core/history/chunk.ts). */
  body: bytes('body').notNull(),
  /** Where the fold stood at its end (core/history/carry.ts). */
  carry: bytes('carry').notNull(),
});

/** Metrics of one check in one hour, as JSON. Key as `chunk`. */
export const metric = sqliteTable('metric', {
  k: integer('k').primaryKey(),
  hour: integer('hour').notNull(),
  body: text('body').notNull(),
});

/** Figures of the hours of one check and week, in a ring. Key: check × 64 + week mod 21. */
export const hours = sqliteTable('hours', {
  k: integer('k').primaryKey(),
  week: integer('week').notNull(),
  body: bytes('body').notNull(),
});

/** Figures of the days of one check. */
export const days = sqliteTable('days', {
  checkId: integer('check_id').primaryKey(),
  body: bytes('body').notNull(),
});

/** What the bars of a block of checks show: the days that are over, and the hours of the day that is not. Key: shard × 4 + block. */
export const bar = sqliteTable('bar', {
  k: integer('k').primaryKey(),
  days: text('days').notNull(),
  hours: text('hours').notNull(),
});

/** How far each shard is folded (worker/history/cursor.ts). `version` guards all that is folded from it. */
export const folded = sqliteTable('folded', {
  shard: integer('shard').primaryKey(),
  version: integer('version').notNull(),
  body: text('body').notNull(),
});

/** What anyone may see, ready to be served (worker/snapshot): row 1 is what is so now, row 2 what changes seldom. */
export const pageSnapshot = sqliteTable('page_snapshot', {
  id: integer('id').primaryKey(),
  /** When somebody last set out to make it; the others see by it that it is being made. */
  at: at('at').notNull(),
  /** What had happened when the body was made (worker/snapshot/mark.ts). */
  mark: text('mark').notNull(),
  body: text('body').notNull(),
});

/** One row: the worker's pulse (core/pulse.ts) and what is remembered of the runners (core/fleet.ts). */
export const pulse = sqliteTable('pulse', {
  id: integer('id').primaryKey(),
  version: integer('version').notNull(),
  writeId: text('write_id').notNull(),
  tickAt: at('tick_at').notNull(),
  graceUntilAt: at('grace_until_at').notNull(),
  frozenAt: at('frozen_at').notNull(),
  fleet: text('fleet').notNull(),
});

export const flip = sqliteTable(
  'flip',
  {
    id: id(),
    checkId: integer('check_id').notNull(),
    from: text('from_status').notNull(),
    to: text('to_status').notNull(),
    level: integer('level'),
    at: at('at').notNull(),
    sinceAt: at('since_at').notNull(),
    rule: text('rule').notNull(),
    code: text('code').notNull(),
    text: text('text').notNull(),
    /** What each location said: [{locationId, status, code}]. */
    voices: text('voices', { mode: 'json' }).$type<unknown>().notNull(),
  },
  (table) => [index('flip_check').on(table.checkId, table.at)],
);

export const incident = sqliteTable(
  'incident',
  {
    id: id(),
    checkId: integer('check_id').notNull(),
    openedAt: at('opened_at').notNull(),
    closedAt: at('closed_at'),
    worst: text('worst').notNull(),
    code: text('code').notNull(),
    text: text('text').notNull(),
    /** When history found otherwise than was told, or what nobody was told: when it saw so. */
    foundAt: at('found_at'),
    /** As history has it, where that differs from `openedAt` and `closedAt`. */
    beganAt: at('began_at'),
    endedAt: at('ended_at'),
  },
  (table) => [
    uniqueIndex('incident_check').on(table.checkId, table.openedAt),
    index('incident_open').on(table.closedAt).where(sql`${table.closedAt} is null`),
  ],
);

/**
 * What runners saw when a check turned for them (docs/decisions/0022-evidence.md). It belongs to the incident that its
 * check had about that time. `k` counts up within a runner: `runner id × 2^30 + n`.
 */
export const evidence = sqliteTable(
  'evidence',
  {
    k: integer('k').primaryKey(),
    checkId: integer('check_id').notNull(),
    /** Where its runner stood then. */
    locationId: integer('location_id'),
    turn: text('turn').notNull(),
    /** Of the reading. */
    at: at('at').notNull(),
    /** As it was posted (core/wire/evidence.ts). */
    body: text('body').notNull(),
  },
  (table) => [index('evidence_check').on(table.checkId, table.at)],
);

/** Planned work: shown over the status while it lasts and left out of uptime, never instead of recording. */
export const maintenance = sqliteTable(
  'maintenance',
  {
    id: id(),
    title: text('title').notNull(),
    /** What people should know of it; may be empty. */
    note: text('note').notNull().default(''),
    /** Ids of hosts and names of groups it is for; both null = everything. */
    hosts: text('hosts', { mode: 'json' }).$type<number[] | null>(),
    groups: text('groups', { mode: 'json' }).$type<string[] | null>(),
    fromAt: at('from_at').notNull(),
    untilAt: at('until_at').notNull(),
    createdAt: at('created_at').notNull(),
    changedAt: at('changed_at').notNull(),
  },
  (table) => [index('maintenance_until').on(table.untilAt)],
);

/** What happened to Anyup itself: runners silent and back, a deaf worker, sign-ins. */
export const event = sqliteTable(
  'event',
  {
    id: id(),
    at: at('at').notNull(),
    kind: text('kind').notNull(),
    text: text('text').notNull(),
    body: text('body', { mode: 'json' }).$type<unknown>(),
  },
  (table) => [index('event_at').on(table.at)],
);

export const channel = sqliteTable('channel', {
  id: id(),
  name: text('name').notNull(),
  kind: text('kind').notNull(),
  /** Settings that may be shown. */
  config: text('config', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  /** Settings that may not: an encrypted JSON object. */
  secrets: text('secrets').notNull(),
  enabled: flag('enabled').notNull().default(true),
  createdAt: at('created_at').notNull(),
});

/** Which notices reach which channel. */
export const rule = sqliteTable('rule', {
  id: id(),
  channelId: integer('channel_id')
    .notNull()
    .references(() => channel.id),
  /** {groups?: string[], hosts?: number[]}; empty = everything. */
  match: text('match', { mode: 'json' }).$type<{ groups?: string[]; hosts?: number[] }>().notNull(),
  /** Told from this status on: `degraded` or `down`. Recoveries follow what was told. */
  from: text('from_status', { enum: ['degraded', 'down'] }).notNull(),
  /** Messages about Anyup itself (silent runners, a deaf worker). */
  fleet: flag('fleet').notNull().default(true),
});

/** One message owed to one channel. */
export const delivery = sqliteTable(
  'delivery',
  {
    id: id(),
    channelId: integer('channel_id').notNull(),
    /** What it tells, unique per channel: nothing is owed twice. */
    noticeKey: text('notice_key').notNull(),
    /** The notice (core/notice.ts), complete: sending needs nothing else. */
    notice: text('notice', { mode: 'json' }).$type<unknown>().notNull(),
    status: text('status', { enum: DELIVERY_STATUSES }).notNull().default('owed'),
    dueAt: at('due_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    leaseUntil: at('lease_until').notNull().default(0),
    leaseToken: text('lease_token').notNull().default(''),
    sentAt: at('sent_at'),
    /** What the channel answered: its message id. */
    receipt: text('receipt'),
    lastError: text('last_error'),
    createdAt: at('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('delivery_once').on(table.noticeKey, table.channelId),
    index('delivery_due').on(table.dueAt).where(sql`${table.status} = 'owed'`),
  ],
);

export const session = sqliteTable('session', {
  /** base64url SHA-256 of the cookie's random part. */
  hash: text('hash').primaryKey(),
  role: text('role', { enum: ['owner', 'editor', 'viewer'] }).notNull(),
  via: text('via').notNull(),
  createdAt: at('created_at').notNull(),
  expiresAt: at('expires_at').notNull(),
});

export const signInLink = sqliteTable('sign_in_link', {
  hash: text('hash').primaryKey(),
  expiresAt: at('expires_at').notNull(),
  usedAt: at('used_at'),
});

export const token = sqliteTable('token', {
  id: id(),
  name: text('name').notNull(),
  hash: text('hash').notNull().unique(),
  /** `read` or `write`. */
  scope: text('scope', { enum: ['read', 'write'] }).notNull(),
  createdAt: at('created_at').notNull(),
  expiresAt: at('expires_at'),
});

/** A row for every change, with before and after; secrets masked. */
export const audit = sqliteTable(
  'audit',
  {
    id: id(),
    at: at('at').notNull(),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    before: text('before', { mode: 'json' }).$type<unknown>(),
    after: text('after', { mode: 'json' }).$type<unknown>(),
  },
  (table) => [index('audit_at').on(table.at)],
);

/** Something asked of a runner: a try-it, a re-probe. */
export const ask = sqliteTable(
  'ask',
  {
    id: text('id').primaryKey(),
    runnerId: integer('runner_id').notNull(),
    body: text('body', { mode: 'json' }).$type<unknown>().notNull(),
    createdAt: at('created_at').notNull(),
    expiresAt: at('expires_at').notNull(),
    /** When it was handed to the runner. */
    takenAt: at('taken_at'),
    answeredAt: at('answered_at'),
    answer: text('answer', { mode: 'json' }).$type<unknown>(),
  },
  (table) => [index('ask_runner').on(table.runnerId, table.expiresAt)],
);

/** What a day cost (UTC), as counted by the isolates that served it (worker/meter). */
export const usage = sqliteTable('usage', {
  /** Days since 1970. */
  day: integer('day').primaryKey(),
  /** From when on it was counted that day. */
  sinceAt: at('since_at').notNull(),
  rowsRead: integer('rows_read').notNull(),
  rowsWritten: integer('rows_written').notNull(),
  requests: integer('requests').notNull(),
});
