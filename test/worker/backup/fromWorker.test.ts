import { expect, it } from 'vitest';
import { withApi } from '#test/support/api.ts';
import { backup, emptyApi, restore } from '#test/support/backups.ts';

const api = withApi();

it('a check that the worker looks at itself comes back as one, and the setting with it', async () => {
  await api.patch('/settings', { fromWorker: true });
  await api.post('/hosts', { target: 'https://example.org/' });
  const text = await backup(api);
  const other = await emptyApi();
  expect((await restore(other, text)).status).toBe(200);
  expect((await other.get('/settings')).body.fromWorker).toBe(true);
  const { body } = await other.get('/hosts');
  expect(body.hosts[0].checks[0].locations).toEqual(['This worker']);
  expect(await backup(other)).toBe(text);
  other.platform.close();
});
