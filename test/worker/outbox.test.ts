import { afterEach, beforeEach, expect, test } from 'vitest';
import { write } from '#db/write.ts';
import { checkNotice, deliveries, owe } from '#test/support/notices.ts';
import { TEST_START, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { enqueue } from '#worker/outbox.ts';

let platform: TestPlatform;

beforeEach(async () => {
  platform = await testPlatform();
});

afterEach(() => platform.close());

test('a notice is owed once to each of its channels, complete', async () => {
  const notice = checkNotice(1, { reason: { code: 'http.body', text: 'said "nö" – 1.0 & <b>' } });
  await owe(platform, [notice], [1, 2]);
  expect(await deliveries(platform)).toMatchObject([
    { channelId: 1, noticeKey: notice.key, notice, status: 'owed', dueAt: TEST_START, attempts: 0 },
    { channelId: 2, noticeKey: notice.key, notice, status: 'owed', createdAt: TEST_START },
  ]);
});

test('the same notice is not owed twice, even after it was sent', async () => {
  await owe(platform, [checkNotice(1)], [1]);
  await platform.db.$client.execute("update delivery set status = 'sent'");
  await owe(platform, [checkNotice(1), checkNotice(2)], [1]);
  expect(await deliveries(platform)).toMatchObject([{ status: 'sent' }, { status: 'owed' }]);
});

test('nothing is owed when the write it depends on lost its race', async () => {
  const owed = [{ notice: checkNotice(1), channelIds: [1] }];
  const sql = '(select count(*) from host where name = ?) = ?';
  await write(platform.db, enqueue(owed, TEST_START, { sql, args: ['x', 1] }));
  expect(await deliveries(platform)).toHaveLength(0);
  await write(platform.db, enqueue(owed, TEST_START, { sql, args: ['x', 0] }));
  expect(await deliveries(platform)).toHaveLength(1);
});

test('many notices are one short statement, in their order', async () => {
  const notices = Array.from({ length: 500 }, (_, i) => checkNotice(i + 1));
  const statements = enqueue(
    notices.map((notice) => ({ notice, channelIds: [1, 2] })),
    TEST_START,
  );
  expect(statements).toHaveLength(1);
  expect((statements[0] as { sql: string }).sql.length).toBeLessThan(1_000);
  await write(platform.db, statements);
  const rows = await deliveries(platform);
  expect(rows.filter(({ channelId }) => channelId === 2).map(({ noticeKey }) => noticeKey)).toEqual(
    notices.map(({ key }) => key),
  );
});

test('a notice nobody wants owes nothing', () => {
  expect(enqueue([{ notice: checkNotice(1), channelIds: [] }], TEST_START)).toEqual([]);
  expect(enqueue([], TEST_START)).toEqual([]);
});
