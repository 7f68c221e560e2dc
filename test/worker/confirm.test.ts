// The confirm burst: one location sees a check turn, the others are asked to look at once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { describe, expect, it } from 'vitest';
import type { Ask } from '#core/wire/ask.ts';
import { withApi } from '#test/support/api.ts';
import { type FakeRunner, result } from '#test/support/fakeRunner.ts';
import { openTestDb, testPlatform } from '#test/support/platform.ts';
import { flipsOf, heldStatus, seedChecks } from '#test/support/seed.ts';

const api = withApi();
const bad = { level: 500, rttUs: null, code: 'connect.refused', text: 'refused' };

/** What the answer to a post without results asks for. */
async function asksOf(runner: FakeRunner): Promise<Ask[]> {
  return ((await (await runner.post([])).json()) as { asks: Ask[] }).asks;
}

const checksAsked = (asks: Ask[]) =>
  asks.flatMap((ask) => (ask.type === 'confirm' ? ask.checkIds : []));

describe('when one location sees a check turn', () => {
  it('the others are asked to look, with the answer to their next post, for as long as it helps', async () => {
    const home = await api.runnerAt('Home');
    const office = await api.runnerAt('Office');
    const [id = 0] = await seedChecks(api.platform);
    for (const each of [home, office]) await each.post([result(id, api.platform.now())]);
    api.platform.advance(30_000);
    await home.post([result(id, api.platform.now(), bad)]);
    const asks = await asksOf(office);
    expect(checksAsked(asks)).toEqual([id]);
    // The answer may be lost: it is said again, under the same id, so that it is done once.
    expect(await asksOf(office)).toEqual(asks);
    expect(checksAsked(await asksOf(home))).toEqual([]);
    api.platform.advance(46_000);
    expect(await asksOf(office)).toEqual([]);
  });

  it('one bad reading of a location that was asked confirms what the first one saw', async () => {
    const home = await api.runnerAt('Home');
    const office = await api.runnerAt('Office');
    const [id = 0] = await seedChecks(api.platform);
    for (const each of [home, office]) await each.post([result(id, api.platform.now())]);
    api.platform.advance(30_000);
    await home.post([result(id, api.platform.now(), bad)]);
    api.platform.advance(1000);
    await office.post([result(id, api.platform.now(), { ...bad, asked: true, extra: true })]);
    expect(await heldStatus(api.platform, id)).toBe('up');
    api.platform.advance(1000);
    await home.post([result(id, api.platform.now(), bad)]);
    expect(await flipsOf(api.platform, id)).toBe('unknown→up, up→down');
  });

  it('and the asked one still reaches it, it stays up', async () => {
    const home = await api.runnerAt('Home');
    const office = await api.runnerAt('Office');
    const [id = 0] = await seedChecks(api.platform);
    for (const each of [home, office]) await each.post([result(id, api.platform.now())]);
    api.platform.advance(30_000);
    await home.post([result(id, api.platform.now(), bad), result(id, api.platform.now() + 1, bad)]);
    await office.post([result(id, api.platform.now(), { asked: true, extra: true })]);
    expect(await heldStatus(api.platform, id)).toBe('up');
  });

  it('coming back is looked at by all as well', async () => {
    const home = await api.runnerAt('Home');
    const office = await api.runnerAt('Office');
    const [id = 0] = await seedChecks(api.platform, { failures: 1, policy: { type: 'all' } });
    for (const each of [home, office]) await each.post([result(id, api.platform.now(), bad)]);
    api.platform.advance(60_000);
    await home.post([result(id, api.platform.now())]);
    expect(checksAsked(await asksOf(office))).toEqual([id]);
  });

  it('a location that flaps asks the others once in ten seconds, and what was asked for asks nobody', async () => {
    const home = await api.runnerAt('Home');
    const office = await api.runnerAt('Office');
    const [id = 0] = await seedChecks(api.platform);
    for (const each of [home, office]) await each.post([result(id, api.platform.now())]);
    for (let n = 0; n < 4; n++) {
      api.platform.advance(2000);
      await home.post([result(id, api.platform.now(), n % 2 === 0 ? bad : {})]);
    }
    expect(await asksOf(office)).toHaveLength(1);
    await office.post([result(id, api.platform.now(), { ...bad, asked: true })]);
    expect(await asksOf(home)).toEqual([]);
  });

  it('a check of one location or of the own machine asks nobody', async () => {
    const home = await api.runnerAt('Home');
    const office = await api.runnerAt('Office');
    const { rows } = await api.platform.db.$client.execute(
      `select id from location where name = 'Home'`,
    );
    const [id = 0] = await seedChecks(api.platform, { locations: [Number(rows[0]?.id)] });
    await home.post([result(id, api.platform.now())]);
    api.platform.advance(30_000);
    await home.post([result(id, api.platform.now(), bad)]);
    expect(await asksOf(office)).toEqual([]);
  });

  it('a post that found the database busy asked nobody, and its repeat a second later asks and rings', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'anyup-confirm-'));
    const url = `file:${join(folder, 'anyup.db')}`;
    (await openTestDb(url)).$client.close();
    // With little patience, so that a lock is told soon.
    const db = { $client: createClient({ url, timeout: 20 }) };
    const holder = createClient({ url });
    api.platform.close();
    api.platform = await testPlatform({ db });
    const rung: unknown[] = [];
    api.platform.ring = (ids) => rung.push(ids);
    const home = await api.runnerAt('Home');
    const office = await api.runnerAt('Office');
    const [id = 0] = await seedChecks(api.platform);
    for (const each of [home, office]) await each.post([result(id, api.platform.now())]);
    api.platform.advance(30_000);
    rung.length = 0;
    const news = [result(id, api.platform.now(), bad)];
    const lock = await holder.transaction('write');
    expect((await home.post(news)).status).toBe(503);
    await lock.rollback();
    expect(rung).toEqual([]);
    api.platform.advance(1000);
    expect((await home.post(news)).status).toBe(200);
    expect(rung).toContainEqual([Number(office.id)]);
    expect(checksAsked(await asksOf(office))).toEqual([id]);
    holder.close();
    db.$client.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
