import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCESS_KEY, Api, errorsOf, hashOf } from '#test/support/api.ts';
import { BOT_TOKEN, CHAT_ID } from '#test/support/fakes/telegram.ts';
import { withMessaging } from '#test/support/messaging.ts';

const messaging = withMessaging();
const api = new Api();
beforeEach(() => {
  api.platform = messaging.platform;
  api.platform.config.accessKeyHash = hashOf(ACCESS_KEY);
});
let secrets: string[] = [];

const TOKEN = BOT_TOKEN;
const OTHER = '123456789:BBtv81kd0Qx3HsTz7mWcLpJrYeUoBnGfVia';
const telegram = { name: 'Ops', kind: 'telegram', settings: { token: TOKEN, chatId: CHAT_ID } };

/** Nothing that leaves the API or stays in the database holds a secret setting. */
async function everywhere(): Promise<string> {
  const answers = await Promise.all(
    ['/channels', '/audit', '/rules', '/deliveries', '/openapi.json'].map((path) => api.get(path)),
  );
  const tables = ['channel', 'audit', 'delivery', 'event', 'setting'];
  const rows = await Promise.all(tables.map((table) => api.rows(`select * from ${table}`)));
  return JSON.stringify([answers.map(({ body }) => body), rows, api.platform.logs]);
}

afterEach(async () => {
  const all = await everywhere();
  for (const secret of secrets) expect(all.includes(secret)).toBe(false);
  secrets = [];
});

describe('a channel', () => {
  it('is made with a rule that sends everything to it from down on', async () => {
    secrets = [TOKEN];
    const { status, body } = await api.post('/channels', telegram);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'Ops',
      kind: 'telegram',
      enabled: true,
      settings: { chatId: CHAT_ID },
      hasSecrets: true,
    });
    expect((await api.get('/rules')).body.rules).toEqual([
      { id: 1, channelId: body.id, channel: 'Ops', match: {}, from: 'down', fleet: true },
    ]);
  });

  it.each([
    [{ ...telegram, kind: 'pigeon' }, /^kind: is "pigeon"; it must be one of "telegram", "email"/],
    [{ ...telegram, settings: {} }, /^settings\.token: /],
    [
      { ...telegram, settings: { ...telegram.settings, chatid: 1 } },
      /^settings\.chatid: is not a field here; did you mean chatId\?/,
    ],
    [
      { ...telegram, settings: { token: 'abc', chatId: '1' } },
      /^settings\.token: must be a bot token/,
    ],
    [{ ...telegram, secret: 'x' }, /^secret: is not a field here/],
  ])('is refused when it is %j', async (input, error) => {
    const before = await api.tally();
    const answer = await api.post('/channels', input);
    expect(answer.status).toBe(400);
    expect(errorsOf(answer)[0]).toMatch(error);
    expect(await api.tally()).toBe(before);
  });

  it('keeps the secrets that are not named in a change', async () => {
    secrets = [TOKEN];
    const { body } = await api.post('/channels', telegram);
    const changed = await api.patch(`/channels/${body.id}`, {
      name: 'Operators',
      settings: { threadId: 4 },
    });
    expect(changed.body).toMatchObject({
      name: 'Operators',
      settings: { chatId: CHAT_ID, threadId: 4 },
    });
    expect((await api.post(`/channels/${body.id}/test`)).body.ok).toBe(true);
    expect(messaging.telegram.messages).toEqual([expect.objectContaining({ threadId: 4 })]);
    const bare = await api.patch(`/channels/${body.id}`, { settings: { threadId: null } });
    expect(bare.body.settings).toEqual({ chatId: CHAT_ID });
  });

  it('takes a new secret, and shows neither the old nor the new', async () => {
    secrets = [TOKEN, OTHER];
    const { body } = await api.post('/channels', {
      ...telegram,
      settings: { token: OTHER, chatId: CHAT_ID },
    });
    const answer = await api.patch(`/channels/${body.id}`, { settings: { token: TOKEN } });
    expect(answer.status).toBe(200);
    expect((await api.post(`/channels/${body.id}/test`)).body.ok).toBe(true);
  });

  it('is tested: the answer has the receipt, and the record lists it', async () => {
    secrets = [TOKEN];
    const { body } = await api.post('/channels', telegram);
    const tested = await api.post(`/channels/${body.id}/test`);
    expect(tested).toMatchObject({ status: 200, body: { ok: true, deliveryId: 1 } });
    expect(tested.body.receipt).toBeTruthy();
    const { deliveries, next } = (await api.get('/deliveries')).body;
    expect(next).toBeNull();
    expect(deliveries).toEqual([
      expect.objectContaining({
        channel: 'Ops',
        subject: 'Test message for Ops',
        status: 'sent',
        receipt: tested.body.receipt,
        error: null,
        createdAt: '2026-11-21T09:00:00.000Z',
      }),
    ]);
  });

  it('is removed with its rules, and what was owed to it is given up', async () => {
    const { body } = await api.post('/channels', telegram);
    await api.rows(
      `insert into delivery (channel_id, notice_key, notice, due_at, created_at)
       values (?, 'k', '{"type":"test","key":"k","at":0,"url":"","channelName":"Ops"}', 0, 0)`,
      [body.id],
    );
    expect((await api.delete(`/channels/${body.id}`)).status).toBe(204);
    expect((await api.get('/rules')).body.rules).toEqual([]);
    expect((await api.get('/deliveries')).body.deliveries[0]).toMatchObject({
      channel: `channel ${body.id} (removed)`,
      status: 'failed',
      error: 'the channel was removed',
    });
    expect((await api.post(`/channels/${body.id}/test`)).status).toBe(404);
  });
});

describe('rules', () => {
  it('are added, changed and removed', async () => {
    const { body: channel } = await api.post('/channels', telegram);
    const { body: made } = await api.post('/hosts', { target: 'example.org', group: 'Web' });
    const added = await api.post('/rules', {
      channelId: channel.id,
      match: { groups: ['Web'], hosts: [made.host.id] },
      from: 'degraded',
    });
    expect(added).toMatchObject({ status: 201, body: { from: 'degraded', fleet: false } });
    const changed = await api.patch(`/rules/${added.body.id}`, {
      match: { hosts: [] },
      fleet: true,
    });
    expect(changed.body).toMatchObject({ match: {}, from: 'degraded', fleet: true });
    expect((await api.delete(`/rules/${added.body.id}`)).status).toBe(204);
    expect((await api.get('/rules')).body.rules).toHaveLength(1);
  });

  it('refuse a channel or a host that is not there', async () => {
    const { body: channel } = await api.post('/channels', telegram);
    const before = await api.tally();
    expect(errorsOf(await api.post('/rules', { channelId: 9 }))).toEqual([
      'channelId: there is no channel 9',
    ]);
    expect(
      errorsOf(await api.post('/rules', { channelId: channel.id, match: { hosts: [7] } })),
    ).toEqual(['match.hosts[0]: there is no host 7']);
    expect(
      errorsOf(await api.post('/rules', { channelId: channel.id, match: { group: ['x'] } })),
    ).toEqual(['match.group: is not a field here; did you mean groups?']);
    expect(await api.tally()).toBe(before);
  });
});

describe('the record of deliveries', () => {
  it('is read in pages, newest first', async () => {
    const { body } = await api.post('/channels', telegram);
    for (let i = 0; i < 5; i++) await api.post(`/channels/${body.id}/test`);
    const first = (await api.get('/deliveries?limit=3')).body;
    expect(first.deliveries.map((each: { id: number }) => each.id)).toEqual([5, 4, 3]);
    const second = (await api.get(`/deliveries?limit=3&before=${first.next}`)).body;
    expect(second.deliveries.map((each: { id: number }) => each.id)).toEqual([2, 1]);
    expect(second.next).toBeNull();
    expect((await api.get('/deliveries?status=failed')).body.deliveries).toEqual([]);
  });
});

describe('channels without ANYUP_SECRET', () => {
  it('are refused, because their secrets could not be sealed', async () => {
    api.platform.config.secret = null;
    const answer = await api.post('/channels', telegram);
    expect(answer.status).toBe(503);
    expect(answer.body.detail).toContain('ANYUP_SECRET');
    expect(await api.count('channel')).toBe(0);
    api.platform.config.secret = new Uint8Array(32).fill(7);
  });
});
