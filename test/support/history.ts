// A world with a history: runners that post, an hour at a time, and what was made of it.
import type { Result } from '#core/wire/results.ts';
import { app } from '#worker/app.ts';
import { keepHistory } from '#worker/history/history.ts';
import { FakeRunner, makeJoinCode, result } from './fakeRunner.ts';
import type { TestPlatform } from './platform.ts';

export const HOUR = 3_600_000;
export const MINUTE = 60_000;
export const BAD = { level: 500, rttUs: null, code: 'timeout', text: 'no answer' } as const;

/** All there is to do. */
export async function foldAll(platform: TestPlatform): Promise<number> {
  return (await keepHistory(platform, 1000)).slices;
}

export async function runnerAt(platform: TestPlatform, location: string): Promise<FakeRunner> {
  const ask = (path: string, init?: RequestInit) =>
    Promise.resolve(app.request(path, init, platform));
  const code = await makeJoinCode(platform, { location });
  return FakeRunner.enrol(ask, { code, now: platform.now, name: location });
}

/** One reading a minute of [fromAt, toAt), bad where `isBad` says so. */
export function minutely(
  checkId: number,
  fromAt: number,
  toAt: number,
  isBad: (at: number) => boolean = () => false,
): Result[] {
  const results: Result[] = [];
  for (let at = fromAt; at < toAt; at += MINUTE) {
    results.push(
      result(checkId, at, isBad(at) ? BAD : { rttUs: 20_000 + ((at / MINUTE) % 7) * 500 }),
    );
  }
  return results;
}

/** Posts in portions the worker takes; throws when it does not. */
export async function postAll(
  runner: FakeRunner,
  results: readonly Result[],
  options: { stream?: 'live' | 'late'; shard?: number } = {},
): Promise<void> {
  for (let at = 0; at < results.length; at += 500) {
    const answer = await runner.post(results.slice(at, at + 500), options);
    if (!answer.ok) throw new Error(`post: ${answer.status} ${await answer.text()}`);
  }
}

/** Everything that is kept of history, comparable. */
export async function historyOf(platform: TestPlatform): Promise<Record<string, unknown>> {
  const kept: Record<string, unknown> = {};
  for (const [table, key] of [
    ['chunk', 'k'],
    ['hours', 'k'],
    ['days', 'check_id'],
    ['bar', 'k'],
  ]) {
    const { rows } = await platform.db.$client.execute(`select * from ${table} order by ${key}`);
    kept[table as string] = rows.map((row) =>
      Object.values(row).map((value) =>
        value instanceof ArrayBuffer ? Buffer.from(value).toString('hex') : value,
      ),
    );
  }
  const { rows } = await platform.db.$client.execute(
    `select check_id, opened_at, closed_at, began_at, ended_at, worst from incident order by check_id, opened_at`,
  );
  kept.incident = rows.map((row) => ({ ...row }));
  return kept;
}
