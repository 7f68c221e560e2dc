// The outbox's other end: take what is due, send it, write down what became of it. Any number of dispatchers may run
// at once. One that dies between sending and writing down leaves a lease behind, and when that ends the same message
// goes out again under the same delivery id: the one double that cannot be avoided.
import type { InStatement } from '@libsql/client';
import type { ChannelRow } from '#db/rows/channel.ts';
import { write } from '#db/write.ts';
import { type Claim, claim, nextDueAt, streamOf } from './dispatch/claim.ts';
import { LIMITS, type Limits } from './dispatch/limits.ts';
import { type Bundle, type Held, holdUntil, type Plan, planRound } from './dispatch/plan.ts';
import {
  failStatement,
  type Outcome,
  outcomeOf,
  recordStatement,
  releaseStatement,
} from './dispatch/record.ts';
import { send } from './dispatch/send.ts';
import type { Platform } from './platform.ts';

export interface Dispatched {
  /** When to come back, epoch ms (not after now = at once); null = nothing is owed. */
  nextDueAt: number | null;
  /** Deliveries that went out. */
  sent: number;
}

/** Sends what is due, round by round, until nothing is due or the run's share of calls or time is used up. */
export async function dispatch(
  platform: Platform,
  overrides: Partial<Limits> = {},
): Promise<Dispatched> {
  const limits = { ...LIMITS, ...overrides };
  const stopAt = platform.now() + limits.runMs;
  let sent = 0;
  let calls = limits.calls;
  for (;;) {
    const dueAt = await nextDueAt(platform);
    const now = platform.now();
    if (dueAt === null || dueAt > now || calls === 0 || now >= stopAt)
      return { nextDueAt: dueAt, sent };
    const claimed = await claim(platform, limits);
    const plan = planRound(claimed, limits, calls);
    await giveBack(platform, claimed.token, plan);
    sent += await sendAll(platform, claimed, plan.bundles, limits);
    calls -= plan.bundles.length;
    if (plan.bundles.length === 0 && plan.failed.length === 0) {
      const { ids, untilAt } = plan.company;
      return { nextDueAt: earliest(await nextDueAt(platform, ids), untilAt), sent };
    }
  }
}

async function giveBack(platform: Platform, token: string, { held, failed }: Plan): Promise<void> {
  const statements: InStatement[] = [];
  if (held.length > 0) statements.push(releaseStatement(token, held));
  for (const [reason, group] of Map.groupBy(failed, (each) => each.reason)) {
    const ids = group.map(({ id }) => id);
    statements.push(failStatement(token, ids, reason, 0));
    platform.log('warn', 'deliveries failed', { ids, reason });
  }
  if (statements.length > 0) await write(platform.db, statements);
}

/** Channels side by side, so that one that hangs delays no other; within a channel one after the other. */
async function sendAll(
  platform: Platform,
  claimed: Claim,
  bundles: Bundle[],
  limits: Limits,
): Promise<number> {
  const turns = [...Map.groupBy(bundles, ({ channelId }) => channelId)].map(
    async ([channelId, mine]) => {
      const channel = claimed.channels.get(channelId);
      if (!channel) return 0;
      try {
        return await takeTurn(platform, claimed.token, channel, mine, limits);
      } catch (error) {
        const { message } = error as Error;
        platform.log('error', 'a delivery could not be recorded', { channelId, message });
        return 0;
      }
    },
  );
  return (await Promise.all(turns)).reduce((sum, count) => sum + count, 0);
}

async function takeTurn(
  platform: Platform,
  token: string,
  channel: ChannelRow,
  bundles: Bundle[],
  limits: Limits,
): Promise<number> {
  let sent = 0;
  const held: Held[] = [];
  const waiting = new Map<string, number>();
  for (const { deliveries } of bundles) {
    const untilAt = earliestWait(waiting, deliveries);
    if (untilAt !== undefined) {
      held.push(...deliveries.map((each) => holdUntil(each, untilAt)));
      continue;
    }
    const result = await send(platform, channel, deliveries, limits.sendTimeoutMs);
    const now = platform.now();
    const attempts = Math.max(...deliveries.map((each) => each.attempts));
    const ageMs = now - Math.min(...deliveries.map((each) => each.createdAt));
    const tried = { attempts, ageMs, now, random01: random01(platform) };
    const outcome = outcomeOf(result, tried, limits);
    const ids = deliveries.map(({ id }) => id);
    await write(platform.db, [recordStatement(token, ids, outcome, now, limits)]);
    report(platform, channel, ids, outcome);
    if (outcome.status === 'sent') sent += ids.length;
    if (outcome.status === 'owed') {
      const streams = outcome.lockChannel
        ? [EVERY]
        : deliveries.map(({ notice }) => streamOf(notice));
      for (const stream of streams) waiting.set(stream, outcome.dueAt);
    }
  }
  if (held.length > 0) await write(platform.db, [releaseStatement(token, held)]);
  return sent;
}

/** Stands for all streams of a channel that asked to be left alone. */
const EVERY = '*';

function earliestWait(waiting: Map<string, number>, deliveries: Bundle['deliveries']) {
  const streams = [EVERY, ...deliveries.map(({ notice }) => streamOf(notice))];
  return streams.map((stream) => waiting.get(stream)).find((untilAt) => untilAt !== undefined);
}

function report(platform: Platform, channel: ChannelRow, ids: number[], outcome: Outcome): void {
  const fields = { channelId: channel.id, kind: channel.kind, ids };
  if (outcome.status === 'sent') platform.log('info', 'delivered', fields);
  else if (outcome.status === 'owed' && outcome.attempts === 0) {
    platform.log('debug', 'delivery handed over', { ...fields, state: outcome.error });
  } else platform.log('warn', `delivery ${outcome.status}`, { ...fields, error: outcome.error });
}

function random01(platform: Platform): number {
  const [high = 0, low = 0] = platform.random(2);
  return (high * 256 + low) / 65_535;
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
