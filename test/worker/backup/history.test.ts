import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Api, errorsOf } from '#test/support/api.ts';
import { backup, emptyApi, restore } from '#test/support/backups.ts';
import { furnish, type Lived, live } from '#test/support/lived.ts';
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';

const HOUR = 3_600_000;

let source: Api;
let lived: Lived;
let text: string;
let api: Api;

beforeAll(async () => {
  source = await emptyApi();
  lived = await furnish(source);
  // Past midnight, so that there is a day that is over.
  await live(source, lived, 15 * 60 + 30);
  text = await backup(source, '?full');
  return () => source.platform.close();
}, 120_000);
beforeEach(async () => {
  api = await emptyApi(source);
});
afterEach(() => api.platform.close());

const linesOf = (each: string) => each.trimEnd().split('\n').slice(1);
/** Of a table, without the settings before it and the end. */
const historyOf = (each: string) =>
  linesOf(each).filter((line) => !line.includes('"table":"event"') && !line.includes('"end"'));

describe('a full backup', { timeout: 90_000 }, () => {
  it('begins with what people set up, then has a line for each row of history', async () => {
    expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({ history: true, version: 1 });
    const tables = Map.groupBy(linesOf(text), (line) => JSON.parse(line).table);
    expect([...tables.keys()]).toEqual(
      [
        ...['shard_state', 'incident', 'flip', 'event', 'chunk', 'hours', 'days', 'bar', 'end'],
      ].filter((table) => tables.has(table)),
    );
    expect(tables.get('chunk')?.length).toBeGreaterThanOrEqual(3 * 14);
    expect(tables.get('days')?.length).toBe(3);
    expect(tables.get('incident')?.length).toBeGreaterThan(50);
    expect(JSON.parse(linesOf(text).at(-1) ?? '').lines).toBe(linesOf(text).length - 1);
  });

  it('restored into an empty database gives the same history, line by line', async () => {
    const { status, body } = await restore(api, text);
    expect(status).toBe(200);
    expect(body.history).toMatchObject({ complete: true, skipped: 0 });
    expect(historyOf(await backup(api, '?full'))).toEqual(historyOf(text));
  });

  it('restored gives the same status, incidents and series', async () => {
    await restore(api, text);
    const now = (each: Api) => each.get('/status');
    const [before, after] = [(await now(source)).body, (await now(api)).body];
    const told = ({ hosts }: typeof before) =>
      hosts.map(({ name, status, since }: Record<string, unknown>) => [name, status, since]);
    expect(told(after)).toEqual(told(before));
    expect((await api.get('/incidents?limit=200')).body.incidents.length).toBe(
      (await source.get('/incidents?limit=200')).body.incidents.length,
    );
    const to = new Date(Math.floor(source.platform.now() / HOUR) * HOUR).toISOString();
    const from = new Date(Date.parse(to) - 12 * HOUR).toISOString();
    for (const id of lived.checks) {
      const path = `/checks/${id}/series?from=${from}&to=${to}&step=5m`;
      const [theirs, ours] = [await source.get(path), await api.get(path)];
      expect(theirs.status).toBe(200);
      expect(theirs.body.merged.points.length).toBeGreaterThan(100);
      expect(ours.body).toEqual(theirs.body);
    }
  });

  it('has no gap: results of the last minutes, which nobody has folded yet, are in it', async () => {
    const now = source.platform.now();
    expect(now % HOUR).toBeGreaterThan(20 * 60_000);
    await restore(api, text);
    const range = (at: number) =>
      `from=${new Date(at - 2 * HOUR).toISOString()}&to=${new Date(at).toISOString()}`;
    for (const id of lived.checks) {
      const results = async (each: Api) => {
        const path = `/api/v1/checks/${id}/results.ndjson?${range(now)}`;
        return (await (await app.request(path, {}, each.platform)).text()).trimEnd().split('\n');
      };
      expect(await results(api)).toEqual(await results(source));
      expect((await results(api)).length).toBeGreaterThanOrEqual(119);
      const path = `/checks/${id}/series?${range(now)}&step=1m`;
      expect((await api.get(path)).body.merged.points).toEqual(
        (await source.get(path)).body.merged.points,
      );
    }
  });

  it('stays as it was restored when the tick folds on, and the day goes on being summed up', async () => {
    await restore(api, text);
    const chunks = (each: string) => historyOf(each).filter((line) => line.includes('"chunk"'));
    for (let minute = 0; minute < 5; minute++) {
      api.platform.advance(60_000);
      await tick(api.platform);
    }
    expect(chunks(await backup(api, '?full')).slice(0, chunks(text).length)).toEqual(chunks(text));
  });

  it('with `dry-run` is read to its end, and writes nothing', async () => {
    const before = await api.tally();
    const { body } = await restore(api, text, '?dry-run');
    expect(body).toMatchObject({ dryRun: true, history: { complete: true } });
    expect(body.history.rows.chunk).toBeGreaterThan(40);
    expect(await api.tally()).toBe(before);
    expect(await api.count('chunk')).toBe(0);
  });

  it('goes on after a restore that was killed at any write', async () => {
    let killed = 0;
    for (let at = 1; ; at++) {
      const target = await emptyApi(source);
      const restoreWrites = killAt(target, at);
      const first = await restore(target, text);
      restoreWrites();
      if (first.status !== 200) {
        killed += 1;
        const again = await restore(target, text);
        expect(again.body.history).toMatchObject({ complete: true });
      }
      expect(historyOf(await backup(target, '?full'))).toEqual(historyOf(text));
      target.platform.close();
      if (first.status === 200) break;
    }
    expect(killed).toBeGreaterThan(5);
  }, 120_000);

  it('goes on from the line that was told', async () => {
    const restoreWrites = killAt(api, 4, 'database is locked');
    const first = await restore(api, text);
    restoreWrites();
    expect(first.status).toBe(503);
    expect(first.body.from).toBeGreaterThan(0);
    const again = await restore(api, text, `?from=${first.body.from}`);
    expect(again.body.history).toMatchObject({ complete: true });
    expect(historyOf(await backup(api, '?full'))).toEqual(historyOf(text));
  });

  it('cut off before its end is restored as far as it goes, and says so', async () => {
    const { body } = await restore(api, text.split('\n').slice(0, 30).join('\n'));
    expect(body.history).toMatchObject({ complete: false, lines: 29 });
    expect(body.warnings).toContain('the file ends before its history does');
  });

  it('never overwrites what is there with what is older', async () => {
    await restore(api, text);
    const newer = "update chunk set hour = hour + 720, body = x'00'";
    await api.rows(newer);
    await restore(api, text);
    expect(await api.count('chunk', `body = x'00'`)).toBe(await api.count('chunk'));
  });

  it('joins what a database in use has seen itself, under its own ids', async () => {
    const runner = await api.runnerAt('Home');
    await api.post('/hosts', { target: 'mine.example' });
    const { body } = await api.post('/hosts', {
      name: 'Shop',
      group: 'Web',
      checks: [{ target: 'https://shop.example/', locations: ['Home'], failures: 1 }],
    });
    const [{ id }] = body.host.checks;
    expect(id).not.toBe(lived.checks[0]);
    const splitAt = api.platform.now();
    await live(api, { runner, checks: [id] }, 130);
    const own = await api.count('chunk', `k % 1048576 = ${id}`);
    expect((await restore(api, text)).body.history).toMatchObject({ complete: true, skipped: 0 });
    expect(await api.count('chunk', `k % 1048576 = ${id}`)).toBeGreaterThan(own + 12);
    const series = async (from: number, to: number) => {
      const range = [from, to].map((at) => new Date(at).toISOString());
      const path = `/checks/${id}/series?from=${range[0]}&to=${range[1]}&step=5m`;
      return (await api.get(path)).body.merged.points.length;
    };
    const hour = Math.floor(splitAt / HOUR) * HOUR;
    expect(await series(hour - 12 * HOUR, hour)).toBeGreaterThan(100);
    expect(await series(hour + HOUR, hour + 2 * HOUR)).toBe(12);
  });

  it.each([
    ['{"table":"chunk"', 'line 2: is not JSON'],
    ['{"table":"chunks"}', /^line 2: table: is "chunks"; it must be one of shard_state, /],
    ['{"table":"days","check":0,"body":"AA"}', /^line 2: check: /],
    ['{"table":"days","check":1,"body":"*"}', 'line 2: body: is not base64url'],
  ])('is refused with line and field: %s', async (line, words) => {
    const answer = await restore(api, `${text.split('\n')[0]}\n${line}\n`);
    expect(answer.status).toBe(400);
    const [error = ''] = errorsOf(answer).map((each) =>
      each.replace(/^(line \d+): (is not JSON)/, '$1: $2'),
    );
    if (words instanceof RegExp) expect(error).toMatch(words);
    else expect(error).toBe(words);
  });

  it('is refused where another location has the number its readings tell', async () => {
    await api.runnerAt('Elsewhere');
    const before = await api.tally();
    const answer = await restore(api, text);
    expect(answer.status).toBe(409);
    expect(answer.body.detail).toContain('number 1 is another location here');
    expect(await api.tally()).toBe(before);
  });
});

/** Makes the n-th write fail, and all after it, as a worker that is killed does; gives the way back. */
function killAt({ platform }: Api, n: number, message = 'killed'): () => void {
  const { $client } = platform.db;
  const batch = $client.batch.bind($client);
  let writes = 0;
  $client.batch = async (statements, mode) => {
    if (mode === 'write') writes += 1;
    if (mode === 'write' && writes >= n) throw new Error(message);
    return batch(statements, mode);
  };
  return () => {
    $client.batch = batch;
  };
}
