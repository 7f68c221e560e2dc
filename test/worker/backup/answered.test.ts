import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '#test/support/api.ts';
import { withApi } from '#test/support/api.ts';
import { backup, emptyApi, restore } from '#test/support/backups.ts';
import { addHeartbeat, call, statusOf } from '#test/support/beats.ts';

const api = withApi();
let other: Api;
beforeEach(async () => {
  other = await emptyApi();
});
afterEach(() => other.platform.close());

describe('a backup with checks that Anyup answers itself', () => {
  it('holds no address, and yet the jobs go on calling theirs where it is restored', async () => {
    const { checkId, path } = await addHeartbeat(api, { schedule: '30 2 * * *' });
    const text = await backup(api);
    expect(text).not.toContain(path.slice('/beat/'.length));
    expect((await restore(other, text)).status).toBe(200);
    expect(await backup(other)).toBe(text);
    const urlThere = async () => (await other.get('/hosts')).body.hosts[0].heartbeats[0].url;
    expect(await urlThere()).toBeNull();
    expect((await call(other, path)).status).toBe(200);
    expect((await statusOf(other, checkId)).status).toBe('up');
    // The job told the address by calling it.
    expect(await urlThere()).toBe(`http://anyup.test${path}`);
  });

  it('restored twice, or into the database it came from, changes nothing', async () => {
    const { path } = await addHeartbeat(api);
    await api.post('/hosts', {
      name: 'All',
      checks: [{ target: 'group:all', members: ['host:1'] }],
    });
    await api.post('/hosts', { target: 'manual:door' });
    const text = await backup(api);
    const answer = await restore(api, text);
    expect(answer.body.changes.every(({ change }: { change: string }) => change === 'left')).toBe(
      true,
    );
    expect((await call(api, path)).status).toBe(200);
  });

  it('pauses a group where ids mean something else, and says so', async () => {
    await api.post('/hosts', { target: 'manual:door' });
    await api.post('/hosts', {
      name: 'All',
      checks: [{ target: 'group:all', members: ['host:1'] }],
    });
    await other.post('/hosts', { target: 'https://else.example/' });
    const { body } = await restore(other, await backup(api));
    expect(body.warnings).toEqual([
      'All: group:all is paused: its members are named by ids of the other installation; look them through',
    ]);
  });
});
