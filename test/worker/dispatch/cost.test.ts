import { afterAll, beforeAll, expect, test } from 'vitest';
import { write } from '#db/write.ts';
import { type FakeTelegram, startTelegram } from '#test/support/fakes/telegram.ts';
import { addTelegram, checkNotice, owe } from '#test/support/notices.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { type Counted, countingDb } from '#test/support/rows.ts';
import { type Sqld, startSqld } from '#test/support/sqld.ts';
import { dispatch } from '#worker/dispatch.ts';

let sqld: Sqld;
let counted: Counted;
let telegram: FakeTelegram;
let platform: TestPlatform;
let channel: number;

beforeAll(async () => {
  sqld = await startSqld();
  counted = await countingDb(sqld.url);
  telegram = await startTelegram();
  platform = await testPlatform({ db: counted.db, telegramApiUrl: telegram.url });
  channel = await addTelegram(platform);
  const years = Array.from({ length: 3_000 }, (_, i) => checkNotice(i));
  await owe(platform, years, [channel]);
  await write(platform.db, [{ sql: "update delivery set status = 'sent', sent_at = 1", args: [] }]);
});

afterAll(async () => {
  platform.close();
  await Promise.all([telegram.close(), sqld.stop()]);
});

test('with nothing owed, a run is one call that reads next to nothing and writes nothing', async () => {
  counted.reset();
  expect(await dispatch(platform)).toEqual({ nextDueAt: null, sent: 0 });
  expect(counted.rows).toMatchObject({ written: 0, calls: 1 });
  expect(counted.rows.read).toBeLessThanOrEqual(2);
});

test('telling one channel one thing costs the same however much was told before', async () => {
  await owe(platform, [checkNotice(1, { at: platform.now() + 1 })], [channel]);
  counted.reset();
  expect((await dispatch(platform)).sent).toBe(1);
  expect(counted.rows.calls).toBeLessThanOrEqual(4);
  expect(counted.rows.written).toBeLessThanOrEqual(4);
  expect(counted.rows.read).toBeLessThanOrEqual(250);
});
