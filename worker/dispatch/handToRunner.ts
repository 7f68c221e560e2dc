// Messages that a runner sends: handed to it with the answer to its next post, at once where it is connected. An ask
// lies in the database under the message's own key, so that every attempt at the message finds the same one.
import type { Relayed } from '#core/wire/relay.ts';
import { MAX_RELAYED_LINE, MAX_RELAYED_LINES, type RelayAnswer } from '#core/wire/relay.ts';
import { write } from '#db/write.ts';
import type { OutgoingMessage, SendResult } from '../notify/channel.ts';
import { footer } from '../notify/footer.ts';
import type { Platform } from '../platform.ts';

/** A receipt settles its message by itself; this is for what got lost. */
const FIRST_CHECK_MS = 30_000;
const LAST_CHECK_MS = 600_000;
/** What was fetched and not answered for so long is handed over again. */
const AGAIN_AFTER_MS = 30_000;
/** Beyond the next check: a message that is looked after no more runs out, and nobody sends it then. */
const GRACE_MS = 60_000;

/** Hands a message to a runner, or tells what became of it when it was handed over before. */
export async function handToRunner(
  platform: Platform,
  settings: { runner: string; channel: string },
  message: OutgoingMessage,
): Promise<SendResult> {
  const { runner } = settings;
  const now = platform.now();
  const id = `relay-${message.idempotencyKey}`;
  const [runners, asks] = await platform.db.$client.batch(
    [
      { sql: `select id from runner where name = ? and status = 'active'`, args: [runner] },
      { sql: 'select answer, created_at, taken_at from ask where id = ?', args: [id] },
    ],
    'read',
  );
  const ask = asks?.rows[0];
  if (ask && ask.answer !== null) {
    const { delivery } = JSON.parse(String(ask.answer)) as RelayAnswer;
    return concluded(platform, id, runner, delivery);
  }
  const runnerId = runners?.rows[0]?.id;
  if (runnerId === undefined) {
    return { ok: false, retry: true, error: `no active runner is called "${runner}"` };
  }
  const ageMs = ask ? now - Number(ask.created_at) : 0;
  const pendingMs = Math.min(LAST_CHECK_MS, Math.max(FIRST_CHECK_MS, ageMs / 2));
  const expiresAt = now + pendingMs + GRACE_MS;
  const body = {
    type: 'relay',
    channel: settings.channel,
    message: relayedOf(message),
    deliveryIds: message.deliveryIds,
  };
  await write(platform.db, [
    {
      sql: `insert into ask (id, runner_id, body, created_at, expires_at) values (?, ?, ?, ?, ?)
            on conflict (id) do update set expires_at = excluded.expires_at,
              runner_id = case when taken_at is null or taken_at <= ? then excluded.runner_id else runner_id end,
              body = case when taken_at is null or taken_at <= ? then excluded.body else body end,
              taken_at = case when taken_at <= ? then null else taken_at end
            where answered_at is null`,
      args: [
        ...[id, Number(runnerId), JSON.stringify(body), now, expiresAt],
        ...Array.from({ length: 3 }, () => now - AGAIN_AFTER_MS),
      ],
    },
    {
      sql: 'update runner set asks_until = max(asks_until, ?) where id = ?',
      args: [expiresAt, Number(runnerId)],
    },
  ]);
  platform.ring?.([Number(runnerId)]);
  const error =
    ask?.taken_at == null
      ? `waits for runner ${runner} to fetch it`
      : `runner ${runner} has fetched it and not said yet what became of it`;
  return { ok: false, retry: true, pendingMs, error };
}

/** What failed is forgotten here, so that the next attempt is handed over anew. */
async function concluded(
  platform: Platform,
  id: string,
  runner: string,
  delivery: RelayAnswer['delivery'],
): Promise<SendResult> {
  if (delivery.ok) return { ok: true, receipt: `by ${runner}: ${delivery.receipt}` };
  await write(platform.db, [{ sql: 'delete from ask where id = ?', args: [id] }]);
  const { retry, afterMs, error } = delivery;
  return {
    ok: false,
    retry,
    ...(afterMs !== undefined && { retryAfterMs: afterMs }),
    error: `runner ${runner}: ${error}`,
  };
}

function relayedOf(message: OutgoingMessage): Relayed {
  const { subject, lines, mood, idempotencyKey, deliveryIds } = message;
  return {
    subject: subject.slice(0, MAX_RELAYED_LINE),
    lines: lines.slice(0, MAX_RELAYED_LINES).map((line) => line.slice(0, MAX_RELAYED_LINE)),
    footer: footer(deliveryIds),
    mood,
    key: idempotencyKey,
  };
}
