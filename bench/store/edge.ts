// What the minute's tick costs at the edge, beside judging: CPU in workerd, against a real sqld, at 1,000 checks of
// 1,000 hosts from three locations.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InStatement } from '@libsql/client';
import { spanOf } from '#db/db.ts';
import { DAY_MS, dayOf, HOUR_MS, hourOf } from '#db/history.ts';
import { write } from '#db/write.ts';
import { openTestDb, TEST_START, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { freePort, startSqld } from '#test/support/sqld.ts';
import { DAY_SLICE } from '#worker/history/cursor.ts';
import { resultsStatements } from '#worker/ingest/store.ts';
import { CHECKS, FLUSH_MS, Load } from './load.ts';
import { furnish } from './page.tsx';
import { startWorkerd, threadMsOf } from './workerd.ts';

const ENTRY = 'bench/store/edgeWorker.ts';
const TOUCH = `update setting set value = value where key = 'fleet'`;
const MINUTE_MS = 60_000;
const HOUR_AT = TEST_START - 2 * HOUR_MS;
const HOUR = hourOf(HOUR_AT);
/** The hour is folded then, and the first results of the next have arrived. */
const FOLD_AT = HOUR_AT + HOUR_MS + 12 * 60_000;
/** How time goes on between two of them, so that each is due. */
const STEPS: Record<string, number> = { slice: 0, snapshot: 660_000, days: 660_000, tick: 120_000 };
/** Slices of an hour of a whole shard. */
const SLICES = 8;

export interface EdgeCost {
  what: string;
  /** The thread that runs the isolate and its sockets, at the median of the rounds. */
  ms: number;
  /** Of it, what sending and taking the same bytes costs with nothing made of them; null = not taken. */
  socketMs: number | null;
}

export async function measureEdge(rounds = 24): Promise<EdgeCost[]> {
  const sqld = await startSqld();
  const folder = mkdtempSync(join(tmpdir(), 'anyup-bench-'));
  const platform = await testPlatform({ db: await openTestDb(sqld.url) });
  await furnish(platform, CHECKS);
  await arrive(platform);
  const port = await freePort();
  const child = await startWorkerd(ENTRY, folder, port).catch(async (error: unknown) => {
    platform.close();
    await sqld.stop();
    throw error;
  });
  const costs: EdgeCost[] = [];
  let now = platform.now();
  const call = async (what: string, n: number, at: number, remember = 0) => {
    const query = `what=${what}&db=${sqld.url}&now=${at}&n=${n}&step=${STEPS[what] ?? 0}&remember=${remember}`;
    const before = threadMsOf(child);
    const answer = await fetch(`http://127.0.0.1:${port}/?${query}`);
    if ((await answer.text()) !== 'done') throw new Error(`workerd: ${answer.status}`);
    return (threadMsOf(child) - before) / n;
  };
  /** `reset` makes `n` of them due at a moment; without it they are due when their step has gone by. */
  const measure = async (name: string, what: string, { n, reset, sockets = false }: Due) => {
    const next = async (): Promise<number> => {
      now += n * (STEPS[what] ?? 0);
      return (await reset?.()) ?? now;
    };
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await call(what, n, await next()));
    let socketMs: number | null = null;
    if (sockets) {
      await call(what, 1, await next(), 1);
      const again: number[] = [];
      for (let round = 0; round < rounds; round++) again.push(await call('again', n, 0));
      socketMs = medianOf(again);
    }
    costs.push({ what: name, ms: medianOf(times), socketMs });
  };
  try {
    const due = async (statements: InStatement[]): Promise<number> => {
      await write(platform.db, statements);
      return FOLD_AT;
    };
    const unfolded = [...cursorAt({ hour: HOUR }), `delete from chunk where hour = ${HOUR}`];
    const toFold = () => due(unfolded);
    costs.push({
      ...{ what: 'the first slice of a fresh isolate', socketMs: null },
      ms: await call('slice', 1, await toFold()),
    });
    costs.push({
      ...{ what: `the ${SLICES - 1} after it, each`, socketMs: null },
      ms: await call('slice', SLICES - 1, FOLD_AT),
    });
    await copyHours(platform);
    await measure('a slice of an hour, 125 checks', 'slice', {
      ...{ n: SLICES, reset: toFold, sockets: true },
    });
    const again = Array.from({ length: SLICES }, (_, slice) => ({
      ...{ hour: HOUR, slice, fromSpan: 1, toSpan: 0 },
    }));
    const toFoldAgain = () => due(cursorAt({ hour: HOUR + 1, again }));
    await measure('… folded again', 'slice', { n: SLICES, reset: toFoldAgain });
    const whole = again.map((each) => ({ ...each, whole: true }));
    const toFoldWhole = () => due(cursorAt({ hour: HOUR + 1, again: whole }));
    const halves = { n: 2 * SLICES, reset: toFoldWhole };
    await measure('… with what arrived, half of it', 'slice', halves);
    const day = dayOf(HOUR_AT) - 1;
    const toSumUp = () => due(cursorAt({ hour: HOUR + 1, day }));
    await measure(`a slice of a day, ${DAY_SLICE} checks`, 'slice', { n: SLICES, reset: toSumUp });
    await measure('the snapshot of 1,000 hosts', 'snapshot', { n: 8, sockets: true });
    await measure('a part of the days of 1,000 hosts', 'days', { n: 4 });
    // Every second minute folds; the others make the page.
    const ticks = (from: number, statements: InStatement[]) => async () => {
      await due([...statements, 'delete from pulse']);
      return from;
    };
    await measure('a whole run that folds a slice', 'tick', {
      ...{ n: SLICES, reset: ticks(FOLD_AT + MINUTE_MS, unfolded) },
    });
    await measure('a whole run that makes the page', 'tick', {
      ...{ n: 8, reset: ticks(FOLD_AT, ['delete from page_snapshot']) },
    });
    return costs;
  } finally {
    child.kill();
    platform.close();
    await sqld.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Due {
  n: number;
  /** Gives the moment. */
  reset?: () => Promise<number>;
  sockets?: boolean;
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
}

/** The history as if it had come so far. */
function cursorAt(to: Record<string, unknown>) {
  const body = {
    ...{ position: 0, span: spanOf(FOLD_AT), again: [], dayPosition: 0, days: [], remade: [] },
    ...{ toldBehind: false, day: dayOf(HOUR_AT), ...to },
  };
  return [
    {
      sql: `insert into folded (shard, version, body) values (0, 1, ?)
            on conflict (shard) do update set version = version + 1, body = excluded.body`,
      args: [JSON.stringify(body)],
    },
  ];
}

/** The hour before, and the day before it, as the hour that was folded: their bytes do not say which it was. */
async function copyHours({ db }: TestPlatform): Promise<void> {
  const dayHour = ((dayOf(HOUR_AT) - 1) * DAY_MS) / HOUR_MS;
  const hours = [HOUR - 1, ...Array.from({ length: 25 }, (_, index) => dayHour - 1 + index)];
  for (const hour of hours) {
    await write(db, [
      {
        sql: `insert or replace into chunk (k, hour, body, carry)
              select k + (? % 720 - ? % 720) * 1048576, ?, body, carry from chunk where hour = ?`,
        args: [hour, HOUR, hour, HOUR],
      },
    ]);
  }
  // As it looks in the afternoon.
  const { rows } = await db.$client.execute('select k, days from bar');
  for (const { k, days } of rows) {
    const own = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [HOUR - 12 + index, 0]),
    );
    const ids = Object.keys(JSON.parse(String(days)));
    const hours = JSON.stringify(Object.fromEntries(ids.map((id) => [id, own])));
    await write(db, [{ sql: 'update bar set hours = ? where k = ?', args: [hours, Number(k)] }]);
  }
}

async function arrive({ db }: TestPlatform): Promise<void> {
  const { rows } = await db.$client.execute('select id from runner order by id');
  const runners = rows.map(({ id }) => Number(id)).filter((id) => id > 0);
  const load = new Load();
  for (let at = HOUR_AT; at < FOLD_AT; at += FLUSH_MS) {
    for (const [index, runnerId] of runners.entries()) {
      const post = { shard: 0, runnerId, stream: 'live' as const, seq: 0, hash: '', boot: '' };
      await write(db, [
        TOUCH,
        ...resultsStatements(post, load.flush(index + 1, at), at + FLUSH_MS),
      ]);
    }
  }
}
