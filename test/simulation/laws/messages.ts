import type { Arrived } from '../chats.ts';
import type { Law } from '../law.ts';
import { ago } from '../story.ts';

/** What is owed is sent; the one double that cannot be avoided is of a sender that could not write down what it did. */
export function messages(): Law {
  return {
    promise:
      'every message owed is read exactly once in its chat, and recoveries after their outages',
    async ends({ world }) {
      const rows = await world.database.rows(
        `select d.id, d.status, d.last_error, d.created_at, c.config ->> '$.chatId' as chat,
           coalesce(d.notice ->> '$.subject.checkId', d.notice ->> '$.type') as stream
         from delivery d join channel c on c.id = d.channel_id order by d.id`,
      );
      const newest = new Map<string, number>();
      for (const row of rows) {
        const id = Number(row.id);
        const read = world.chats.arrived.filter(
          ({ chatId, deliveryIds }) => chatId === row.chat && deliveryIds.includes(id),
        );
        if (Number(row.created_at) > world.plan.endAt - 15_000) continue;
        if (row.status !== 'sent') return `delivery ${id} is ${row.status}: ${row.last_error}`;
        const [first] = read;
        if (!first) {
          if (world.chats.shortened) continue;
          return `delivery ${id} counts as sent, and nobody read it`;
        }
        const double = read.find(
          (each, index) => index > 0 && !isExcused(read[index - 1] as Arrived, each),
        );
        if (double) return `delivery ${id} was read again at ${ago(double.at)}`;
        const stream = `${row.chat} ${row.stream}`;
        if (first.at < (newest.get(stream) ?? 0)) return `delivery ${id} was read out of order`;
        newest.set(stream, first.at);
      }
      return null;
    },
  };
}

function isExcused(first: Arrived, second: Arrived): boolean {
  const { sender, answered, at } = first;
  return (
    !answered ||
    sender.diedAt <= second.at ||
    sender.unrecorded.some((troubledAt) => troubledAt >= at && troubledAt <= second.at)
  );
}
