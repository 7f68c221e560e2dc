// The tick's own row, with the messages it owes about the fleet.
import type { InStatement } from '@libsql/client';
import { humanDuration } from '#core/duration.ts';
import type { FleetEvent, FleetState } from '#core/fleet.ts';
import type { FleetNotice } from '#core/notice.ts';
import type { Pulse } from '#core/pulse.ts';
import { channelsFor } from '#core/routing.ts';
import type { TrustEvent } from '#core/trust.ts';
import { bumpConfig, type Fleet } from '#db/plan.ts';
import { write } from '#db/write.ts';
import { base64url } from '#worker/crypto/hash.ts';
import { dispatch } from '#worker/dispatch.ts';
import { readRules } from '#worker/judge/notices.ts';
import { enqueue } from '#worker/outbox.ts';
import type { Platform } from '#worker/platform.ts';
import { isShared } from './lease.ts';
import type { TickRead } from './tick.ts';
import { concernsVotes } from './votes.ts';

/** How seldom a tick that changes nothing is written down: often enough to know that the worker was there. */
const BEAT_EVERY_MS = 15_000;

export interface TickOutcome {
  pulse: Pulse;
  deaf: { fromAt: number; toAt: number } | null;
  fleet: FleetState;
  events: Array<FleetEvent | TrustEvent>;
}

/**
 * Writes pulse, fleet, events and the messages owed, unless another tick was quicker. The row is the lease of the tick:
 * false = somebody else has it, and what follows is theirs to do.
 */
export async function writePulse(
  platform: Platform,
  read: TickRead,
  outcome: TickOutcome,
): Promise<boolean> {
  const { pulse, deaf, fleet, events } = outcome;
  const body = JSON.stringify(fleet);
  const quiet = deaf === null && events.length === 0 && body === JSON.stringify(read.fleetState);
  const recent = pulse.tickAt - read.pulse.tickAt < BEAT_EVERY_MS;
  if (quiet && recent && read.version > 0 && !isShared(platform)) return true;

  const writeId = base64url(platform.random(9));
  const won = { sql: '(select write_id from pulse where id = 1) = ?', args: [writeId] };
  const notices = noticesOf(platform, read, outcome);
  const rules = notices.length > 0 ? await readRules(platform) : [];
  const owed = noticesOf(platform, read, { ...outcome, events: await untold(platform, events) });
  const addressed = owed.map((notice) => ({ notice, channelIds: channelsFor(notice, rules) }));
  const statements: InStatement[] = [pulseStatement(read.version, pulse, body, writeId)];
  for (const notice of notices) {
    statements.push({
      sql: `insert into event (at, kind, text, body) select ?, ?, ?, ? where ${won.sql}`,
      args: [
        notice.at,
        `fleet.${notice.event}`,
        eventText(notice),
        JSON.stringify(notice),
        ...won.args,
      ],
    });
  }
  if (owed.length > 0) statements.push(...enqueue(addressed, platform.now(), won));
  const moved = locationsOf(events, read.fleet);
  if (moved.length > 0) statements.push(...bumpConfig(moved, won));
  // Due at once: should we die before judging, the next tick does it.
  if (events.some(concernsVotes)) {
    statements.push({ sql: `update shard_state set due_at = 0 where ${won.sql}`, args: won.args });
  }
  const [first] = await write(platform.db, statements);
  if (first?.rowsAffected !== 1) return false;
  if (addressed.some(({ channelIds }) => channelIds.length > 0))
    platform.defer(() => dispatch(platform));
  return true;
}

/** Without the silence and the return of runners that a host which must report tells of (worker/judge/reports.ts). */
async function untold(
  platform: Platform,
  events: TickOutcome['events'],
): Promise<TickOutcome['events']> {
  const concerned = events.some(({ type }) => type === 'runner.silent' || type === 'runner.back');
  if (!concerned) return events;
  const { rows } = await platform.db.$client.execute(
    `select distinct c.runner_id from check_ c join host h on h.id = c.host_id
     where c.must_report_ms is not null and c.deleted_at is null and not c.paused and not h.paused`,
  );
  const told = new Set(rows.map((row) => Number(row.runner_id)));
  return events.flatMap((event): TickOutcome['events'] => {
    if (event.type !== 'runner.silent' && event.type !== 'runner.back') return [event];
    const runnerIds = event.runnerIds.filter((id) => !told.has(id));
    return runnerIds.length > 0 ? [{ ...event, runnerIds }] : [];
  });
}

function pulseStatement(
  version: number,
  pulse: Pulse,
  fleet: string,
  writeId: string,
): InStatement {
  const { tickAt, graceUntilAt, frozenAt } = pulse;
  if (version === 0) {
    return {
      sql: `insert into pulse (id, version, write_id, tick_at, grace_until_at, frozen_at, fleet)
            values (1, 1, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
      args: [writeId, tickAt, graceUntilAt, frozenAt, fleet],
    };
  }
  return {
    sql: `update pulse set version = version + 1, write_id = ?, tick_at = ?, grace_until_at = ?, frozen_at = ?, fleet = ?
          where id = 1 and version = ?`,
    args: [writeId, tickAt, graceUntilAt, frozenAt, fleet, version],
  };
}

/** Where a runner is away or has returned, its peers get its checks or give them back. */
function locationsOf(events: TickOutcome['events'], fleet: Fleet): number[] {
  const ids = new Set<number>();
  for (const event of events) {
    if (event.type !== 'runner.away' && event.type !== 'runner.returned') continue;
    for (const runnerId of event.runnerIds) {
      const locationId = fleet.runners.find(({ id }) => id === runnerId)?.locationId;
      if (locationId != null && peersAt(fleet, locationId) > 1) ids.add(locationId);
    }
  }
  return [...ids];
}

function peersAt(fleet: Fleet, locationId: number): number {
  return fleet.runners.filter((each) => each.locationId === locationId && each.status === 'active')
    .length;
}

const TRUST_EVENTS = {
  'runner.quarantined': 'quarantined',
  'runner.trusted': 'trusted',
  'runner.blind': 'blind',
  'runner.sees': 'sees',
} as const;

function noticesOf(
  platform: Platform,
  read: TickRead,
  { deaf, events }: TickOutcome,
): FleetNotice[] {
  const at = platform.now();
  const url = `${platform.config.url}/admin/runners`;
  const base = { type: 'fleet' as const, at, url };
  const named = (ids: readonly number[]) => ids.map((id) => nameOf(read.fleet, id));
  const notices: FleetNotice[] = [];
  if (deaf !== null) {
    const { fromAt, toAt } = deaf;
    notices.push({
      ...base,
      key: `deaf ${fromAt}`,
      event: 'deaf',
      runners: [],
      sinceAt: fromAt,
      untilAt: toAt,
    });
  }
  for (const event of events) {
    const key = `fleet ${event.type} ${read.version + 1} ${at}`;
    if (event.type === 'runner.silent') {
      notices.push({
        ...base,
        key,
        event: event.all && event.runnerIds.length > 1 ? 'all_silent' : 'silent',
        runners: named(event.runnerIds),
        sinceAt: event.sinceAt,
        untilAt: null,
      });
    } else if (event.type === 'runner.back') {
      const sinceAt = Math.min(
        ...event.runnerIds.map((id) => read.fleetState[id]?.silentSinceAt ?? at),
      );
      notices.push({
        ...base,
        key,
        event: 'back',
        runners: named(event.runnerIds),
        sinceAt,
        untilAt: at,
      });
    } else if ('runnerId' in event) {
      const { type, runnerId, sinceAt } = event;
      const over = type === 'runner.trusted' || type === 'runner.sees';
      notices.push({
        ...base,
        key: `${key} ${runnerId}`,
        event: TRUST_EVENTS[type],
        runners: named([runnerId]),
        sinceAt,
        untilAt: over ? at : null,
      });
    }
  }
  return notices;
}

function nameOf(fleet: Fleet, runnerId: number): { name: string; location: string } {
  const runner = fleet.runners.find(({ id }) => id === runnerId);
  const location = fleet.locations.find(({ id }) => id === runner?.locationId);
  return { name: runner?.name ?? `runner ${runnerId}`, location: location?.name ?? '' };
}

function eventText({ event, runners, sinceAt, untilAt }: FleetNotice): string {
  const names = runners.map(({ name }) => name).join(', ');
  switch (event) {
    case 'silent':
      return `no post from ${names}`;
    case 'all_silent':
      return `no runner reaches Anyup (${names})`;
    case 'back':
      return `${names} posts again`;
    case 'deaf':
      return `the worker did not run for ${humanDuration((untilAt ?? sinceAt) - sinceAt)}`;
    case 'quarantined':
      return `${names} fails while other locations see the same checks up`;
    case 'trusted':
      return `${names} is counted again`;
    case 'blind':
      return `${names} cannot trust its own network`;
    case 'sees':
      return `${names} is on its network again`;
    case 'behind':
      return 'the history is behind';
    case 'caught_up':
      return 'the history has caught up';
  }
}
