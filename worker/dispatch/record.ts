// Writing down what became of deliveries; only for whoever still holds the lease.
import type { InStatement } from '@libsql/client';
import { backoffMs } from '#core/backoff.ts';
import type { SendResult } from '../notify/channel.ts';
import type { Limits } from './limits.ts';
import type { Held } from './plan.ts';

const MINE = `where status = 'owed' and lease_token = ? and id in (select value from json_each(?))`;

/** How an attempt ended. A result worth retrying carries when. */
export type Outcome =
  | { status: 'sent'; receipt: string }
  | { status: 'failed'; error: string }
  | { status: 'owed'; error: string; dueAt: number; lockChannel: boolean; attempts: 0 | 1 };

/** How often this was tried before, and for how long, ms; `random01` from 0 to 1. */
export interface Tried {
  attempts: number;
  ageMs: number;
  now: number;
  random01: number;
}

/** What follows from a result: a channel that named its own wait is left alone as a whole. */
export function outcomeOf(result: SendResult, tried: Tried, limits: Limits): Outcome {
  const { attempts, ageMs, now, random01 } = tried;
  if (result.ok) return { status: 'sent', receipt: result.receipt };
  const { retry, retryAfterMs, pendingMs, error } = result;
  if (!retry) return { status: 'failed', error };
  if (pendingMs !== undefined) {
    return { status: 'owed', error, dueAt: now + pendingMs, lockChannel: false, attempts: 0 };
  }
  // Doubling by itself never waits longer than this; waits that the channel named count as attempts, but are no
  // reason to wait for minutes when it fails otherwise later.
  const maxMs = Math.min(limits.maxBackoffMs, limits.backoffMs + 2 * ageMs);
  const wait = { baseMs: limits.backoffMs, maxMs, random01 };
  return {
    status: 'owed',
    error,
    dueAt: now + (retryAfterMs ?? backoffMs(attempts + 1, wait)),
    lockChannel: retryAfterMs !== undefined,
    attempts: 1,
  };
}

/** Records one attempt for all deliveries it was for. */
export function recordStatement(
  token: string,
  ids: readonly number[],
  outcome: Outcome,
  now: number,
  limits: Limits,
): InStatement {
  const mine = [token, JSON.stringify(ids)];
  switch (outcome.status) {
    case 'sent':
      return {
        sql: `update delivery set status = 'sent', attempts = attempts + 1, sent_at = ?, receipt = ?,
              last_error = null, lease_until = 0, lease_token = '' ${MINE}`,
        args: [now, outcome.receipt, ...mine],
      };
    case 'failed':
      return failStatement(token, ids, outcome.error, 1);
    case 'owed': {
      // The token stays: what was one message is one message the next time, under the same idempotency key.
      const { dueAt, lockChannel, error, attempts } = outcome;
      return {
        sql: `update delivery set attempts = attempts + ?, due_at = ?, lease_until = ?,
              status = case when ? - created_at > ? then 'failed' else 'owed' end,
              last_error = case when ? - created_at > ? then 'given up after a day: ' || ? else ? end ${MINE}`,
        args: [
          ...[attempts, dueAt, lockChannel ? dueAt : 0],
          ...[dueAt, limits.maxAgeMs],
          ...[dueAt, limits.maxAgeMs, error, error],
          ...mine,
        ],
      };
    }
  }
}

/** Fails deliveries; `attempts` is how many were made just now. */
export function failStatement(
  token: string,
  ids: readonly number[],
  error: string,
  attempts: 0 | 1,
): InStatement {
  return {
    sql: `update delivery set status = 'failed', attempts = attempts + ?, last_error = ?, lease_until = 0,
          lease_token = '' ${MINE}`,
    args: [attempts, error, token, JSON.stringify(ids)],
  };
}

/** Gives deliveries back as they were, some of them to be looked at later. */
export function releaseStatement(token: string, held: readonly Held[]): InStatement {
  return {
    sql: `update delivery set lease_until = 0, lease_token = back.value ->> 2,
          due_at = coalesce(back.value ->> 1, due_at) from json_each(?) back
          where delivery.id = back.value ->> 0 and status = 'owed' and lease_token = ?`,
    args: [
      JSON.stringify(held.map(({ id, dueAt, earlierToken }) => [id, dueAt, earlierToken])),
      token,
    ],
  };
}
