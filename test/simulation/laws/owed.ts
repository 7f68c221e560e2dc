import type { Flip } from '../evidence.ts';
import type { Verdict } from '../ideal.ts';
import type { Law } from '../law.ts';
import { CHATS } from '../world.ts';

const RANK: Record<Verdict, number> = { up: 0, degraded: 1, down: 2, unknown: -1 };

interface Tell {
  checkId: number;
  from: Verdict | null;
  to: Verdict;
  at: number;
  worst: Verdict;
}

/** One down and one up to each channel, through any unknown; nothing without a flip, no flip without its message. */
export function owed(): Law {
  return {
    promise: 'exactly what the flips say is owed to each channel, once',
    async ends({ world, evidence }) {
      const tells = [...Map.groupBy(evidence.flips, ({ checkId }) => checkId).values()].flatMap(
        tellsOf,
      );
      const rows = await world.database.rows(
        `select c.config ->> '$.chatId' as chat, d.notice from delivery d join channel c on c.id = d.channel_id
         where d.notice ->> '$.type' = 'check' order by d.id`,
      );
      for (const { chatId, from } of CHATS) {
        const mine = rows.filter(({ chat }) => chat === chatId);
        const have = mine.map(({ notice }) => JSON.parse(String(notice)));
        for (const checkId of new Set(evidence.flips.map((flip) => flip.checkId))) {
          const due = tells.filter(
            (each) => each.checkId === checkId && RANK[each.worst] >= RANK[from],
          );
          const got = have.filter(({ subject }) => subject.checkId === checkId);
          const [want, is] = [due.map(words).join(', '), got.map(words).join(', ')];
          if (want !== is)
            return `chat ${chatId} is owed of check ${checkId}: ${is}; the flips say: ${want}`;
        }
      }
      return null;
    },
  };
}

function tellsOf(flips: Flip[]): Tell[] {
  const tells: Tell[] = [];
  let lastTold: Verdict | null = null;
  let worst: Verdict | null = null;
  for (const { checkId, to, at, rule } of flips) {
    if (rule === 'paused') worst = null;
    if (to === 'unknown') continue;
    const isOpen = worst !== null;
    if (to !== 'up') worst = worst === null || RANK[to] > RANK[worst] ? to : worst;
    if (to !== lastTold && (lastTold !== null || to !== 'up')) {
      const told = lastTold ?? 'up';
      const without = RANK[told] > RANK[to] ? told : to;
      tells.push({ checkId, from: lastTold, to, at, worst: worst ?? (isOpen ? 'down' : without) });
    }
    lastTold = to;
    if (to === 'up') worst = null;
  }
  return tells;
}

function words({ from, to }: Pick<Tell, 'from' | 'to'>): string {
  return `${from} → ${to}`;
}
