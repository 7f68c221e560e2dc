import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '#test/support/api.ts';
import { errorsOf, withApi } from '#test/support/api.ts';
import { backup, changesIn, emptyApi, restore } from '#test/support/backups.ts';
import { BOT_TOKEN, furnish } from '#test/support/lived.ts';

const api = withApi();
let other: Api;
beforeEach(async () => {
  other = await emptyApi();
});
afterEach(() => other.platform.close());

describe('a backup', () => {
  it('is the same text as long as nothing changes', async () => {
    await furnish(api);
    const text = await backup(api);
    expect(await backup(api)).toBe(text);
    expect(JSON.parse(text)).toMatchObject({
      anyup: 'backup',
      version: 1,
      settings: { title: 'Example & Co', flush: '20s' },
      locations: [{ id: 1, name: 'Home' }],
      hosts: [
        {
          id: 1,
          name: 'Shop',
          group: 'Web',
          checks: [{ id: 1, interval: '1m' }, { name: 'Mail' }],
        },
        { id: 2, name: 'db.example', checks: [{ kind: 'icmp', target: 'db.example' }] },
      ],
      channels: [{ name: 'Ops', kind: 'telegram', settings: { chatId: '42' } }],
    });
  });

  it('holds no secret, neither of a channel nor in a header, a body or an address', async () => {
    await furnish(api);
    await api.post('/hosts', {
      name: 'Guarded',
      checks: [
        {
          target: 'https://me:hunter2@guarded.example/',
          method: 'POST',
          headers: { authorization: 'Bearer s3cr3t-value', accept: 'text/html' },
          body: 'pin=4711',
        },
      ],
    });
    const text = await backup(api, '?full');
    for (const secret of [BOT_TOKEN, 'hunter2', 's3cr3t-value', '4711']) {
      expect(text).not.toContain(secret);
    }
    expect(JSON.parse(text.split('\n')[0] ?? '').hosts[2].checks[0]).toMatchObject({
      headers: { accept: 'text/html' },
      withheld: [['headers', 'authorization'], ['body']],
    });
  });

  it('brings back timetables and tags; what lacks its secret waits, paused', async () => {
    const timed = {
      target: 'a.example:1',
      cron: '*/5 8-18 * * 1-5',
      zone: 'Europe/Berlin',
      tags: ['x'],
    };
    const guarded = {
      target: 'https://b.example/',
      auth: 'bearer',
      token: 'hunter2',
      invert: true,
    };
    await api.post('/hosts', { name: 'Two', checks: [timed, guarded] });
    const text = await backup(api);
    expect(text).not.toContain('hunter2');
    const restored = await restore(other, text);
    expect(restored.status).toBe(200);
    expect(restored.body.warnings).toEqual([expect.stringContaining('give it token again')]);
    const { checks } = (await other.get('/hosts/1')).body;
    expect(checks[0]).toMatchObject({ ...timed, paused: false });
    expect(checks[1]).toMatchObject({ auth: 'bearer', invert: true, paused: true });
    const resumed = await other.patch('/hosts/1', {
      checks: [{ id: checks[0].id }, { id: checks[1].id, paused: false }],
    });
    expect(errorsOf(resumed)).toEqual(['checks[1].token: is missing; "bearer" needs it']);
    expect(changesIn(await restore(api, text))).toEqual([]);
  });

  it('is the owner’s alone', async () => {
    const token = await api.token('write');
    for (const method of ['GET', 'POST']) {
      expect((await api.call(method, '/backup', undefined, { token })).status).toBe(403);
      expect((await api.call(method, '/backup', undefined, { token: null })).status).toBe(401);
    }
    expect((await api.call('PUT', '/backup')).headers.get('allow')).toBe('GET, POST');
  });

  it('is noted in the audit, and so is restoring it', async () => {
    await furnish(api);
    await restore(other, await backup(api));
    expect(await api.count('audit', `action = 'backup.download'`)).toBe(1);
    expect(await other.count('audit', `action = 'backup.restore'`)).toBe(1);
  });
});

describe('restored into an empty database, a backup', () => {
  it('gives the same hosts, checks, rules and settings under the same ids', async () => {
    await furnish(api);
    await api.delete('/hosts/2');
    await api.post('/hosts', { target: 'later.example' });
    const text = await backup(api);
    await other.runnerAt('Home', 'pi');
    expect((await restore(other, text)).status).toBe(200);
    expect(await backup(other)).toBe(text);
    const [hosts, restored] = [await api.get('/hosts'), await other.get('/hosts')];

    expect(restored.body).toEqual(hosts.body);
    expect((await other.get('/rules')).body.rules).toHaveLength(2);
  });

  it('says what it did, and the second time that nothing is left to do', async () => {
    await furnish(api);
    const text = await backup(api);
    const first = await restore(other, text);
    expect(changesIn(first)).toEqual([
      'setting changed title',
      'setting changed flush',
      'location created Home',
      'host created Web / Shop',
      'check created Web / Shop: https://shop.example/',
      'check created Web / Shop: shop.example:25',
      'host created Office / db.example',
      'check created Office / db.example: db.example',
      'channel created Ops',
      'rule created for Ops',
      'rule created for Ops',
    ]);
    const before = await other.tally();
    expect(changesIn(await restore(other, text))).toEqual([]);
    expect(await other.tally()).toBe(before);
  });

  it('switches a channel off whose secrets it does not have, and says so', async () => {
    await furnish(api);
    await api.patch('/channels/1', { enabled: true });
    const { body } = await restore(other, await backup(api));
    expect(body.warnings).toEqual([
      'The channel Ops is off: a backup has no secrets; give it its own again and switch it on',
    ]);
    expect((await other.get('/channels')).body.channels[0]).toMatchObject({
      enabled: false,
      hasSecrets: false,
    });
  });

  it('pauses a check that misses a credential, and takes it from the check that is there', async () => {
    const check = { target: 'https://guarded.example/', headers: { authorization: 'Bearer abc' } };
    await api.post('/hosts', { name: 'Guarded', checks: [check] });
    const text = await backup(api);
    const { body } = await restore(other, text);
    expect(body.warnings).toEqual([
      'Guarded: https://guarded.example/ is paused: a backup has no secrets; give it headers.authorization again',
    ]);
    expect((await other.get('/hosts/1')).body.checks[0].paused).toBe(true);
    await api.patch('/hosts/1', { checks: [{ id: 1, interval: '5m' }] });
    await restore(api, text);
    expect((await api.get('/hosts/1')).body.checks[0]).toMatchObject({
      interval: '1m',
      headers: { authorization: 'Bearer abc' },
      paused: false,
    });
  });

  it('waits for the runner that a check is bound to, and binds it once it has joined', async () => {
    await api.runnerAt('Home', 'pi');
    await api.post('/hosts', { target: 'script:load', name: 'Load' });
    const text = await backup(api);
    const { body } = await restore(other, text);
    expect(body.warnings[0]).toMatch(/^Load: script:load is paused: its runner "pi" is not here/);
    expect((await other.get('/hosts/1')).body.checks[0]).toMatchObject({
      paused: true,
      runner: null,
    });
    await other.runnerAt('Home', 'pi');
    expect(changesIn(await restore(other, text))).toEqual(['check changed Load: script:load']);
    expect((await other.get('/hosts/1')).body.checks[0]).toMatchObject({
      paused: false,
      runner: 'pi',
    });
  });
});

describe('restored into a database in use, a backup', () => {
  async function inUse(): Promise<string> {
    await furnish(api);
    const text = await backup(api);
    await other.runnerAt('Lab', 'mac');
    await other.post('/hosts', { target: 'mine.example' });
    await other.post('/hosts', {
      name: 'Shop',
      group: 'Web',
      checks: [
        { target: 'https://shop.example/', interval: '5m' },
        { target: 'http://only.here/' },
      ],
    });
    return text;
  }

  it('finds what is there by its name, changes it, and leaves what it does not know', async () => {
    const answer = await restore(other, await inUse());
    expect(changesIn(answer)).toEqual([
      'setting changed title',
      'setting changed flush',
      'location created Home',
      'check changed Web / Shop: https://shop.example/',
      'check created Web / Shop: shop.example:25',
      'host created Office / db.example',
      'check created Office / db.example: db.example',
      'channel created Ops',
      'rule created for Ops',
      'rule created for Ops',
    ]);
    const { hosts } = (await other.get('/hosts')).body;
    expect(hosts.map(({ name }: { name: string }) => name)).toEqual([
      'mine.example',
      'db.example',
      'Shop',
    ]);
    const shop = hosts[2];
    expect(shop.id).toBe(2);
    expect(shop.checks.map(({ target }: { target: string }) => target)).toEqual([
      'https://shop.example/',
      'http://only.here/',
      'shop.example:25',
    ]);
    expect(shop.checks[0]).toMatchObject({ id: 2, interval: '1m', locations: ['Home'] });
    expect((await other.get('/rules')).body.rules[1].match).toEqual({ hosts: [2] });
  });

  it('removes what it does not know only when asked to', async () => {
    const text = await inUse();
    const removed = changesIn(await restore(other, text, '?replace')).filter((each) =>
      each.includes('removed'),
    );
    expect(removed).toEqual([
      'check removed Web / Shop: http://only.here/',
      'host removed mine.example',
    ]);
    const { hosts } = JSON.parse(await backup(other));
    expect(hosts.map(({ name }: { name: string }) => name).sort()).toEqual(['Shop', 'db.example']);
    // Where a runner stands the location stays.
    expect((await other.get('/locations')).body.locations).toHaveLength(2);
  });

  it('says the same beforehand, and then has changed nothing', async () => {
    const text = await inUse();
    const [tally, before] = [await other.tally(), await backup(other)];
    const dry = await restore(other, text, '?dry-run&replace');
    expect(dry.body.dryRun).toBe(true);
    expect(await backup(other)).toBe(before);
    expect(await other.count('audit', `action <> 'backup.download'`)).toBe(
      Number(/audit (\d+)/.exec(tally)?.[1]),
    );
    const done = await restore(other, text, '?replace');
    expect(done.body.changes).toEqual(dry.body.changes);
  });

  it('changes all or nothing: a write that fails leaves everything as it was', async () => {
    const text = await inUse();
    const before = await backup(other);
    const { $client } = other.platform.db;
    const batch = $client.batch.bind($client);
    $client.batch = async (statements, mode) => {
      const broken = JSON.stringify(statements).includes('backup.restore');
      return batch(broken ? [...statements, 'insert into nowhere values (1)'] : statements, mode);
    };
    expect((await restore(other, text)).status).toBe(500);
    $client.batch = batch;
    expect(await backup(other)).toBe(before);
  });

  it('looks again when somebody changes a host meanwhile', async () => {
    const text = await inUse();
    const { $client } = other.platform.db;
    const batch = $client.batch.bind($client);
    let meddled = false;
    $client.batch = async (statements, mode) => {
      if (!meddled && JSON.stringify(statements).includes('backup.restore')) {
        meddled = true;
        await other.delete('/hosts/2');
      }
      return batch(statements, mode);
    };
    const answer = await restore(other, text);
    expect(meddled).toBe(true);
    expect(changesIn(answer)).toContain('host created Web / Shop');
    expect((await other.get('/hosts')).body.hosts).toHaveLength(3);
  });
});

describe('what is no backup', () => {
  it.each([
    ['', /^The backup does not begin with JSON/],
    ['hosts: []', /^The backup does not begin with JSON/],
  ])('is refused: %j', async (text, words) => {
    const answer = await restore(api, text || ' ');
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toMatch(words);
  });

  it.each([
    [{ version: 2 }, 'version: is 2; this Anyup reads 1: it was made by a newer one, update first'],
    [{ anyup: 'restore' }, 'anyup: is "restore"; it must be "backup"'],
    [{ host: [] }, 'host: is not a field here; did you mean hosts?'],
    [{ hosts: [{ id: 1, name: '', checks: [] }] }, 'hosts[0].name: is empty'],
    [
      {
        hosts: [{ id: 1, name: 'A', checks: [{ id: 1, target: 'a.example', interval: 'often' }] }],
      },
      'hosts[0].checks[0].interval: "often" is not a duration; write it like "30s", "5m" or "1h30m"',
    ],
    [
      {
        hosts: [
          { id: 1, name: 'A', checks: [{ id: 1, target: 'a.example', locations: ['Nowhere'] }] },
        ],
      },
      'hosts[0].checks[0].locations[0]: "Nowhere" is not a location; there is none yet',
    ],
    [
      { channels: [{ id: 1, name: 'Ops', kind: 'pigeon', settings: {} }] },
      'channels[0].kind: is "pigeon"; it must be one of "telegram", "email", "relay"',
    ],
    [
      {
        channels: [
          { id: 1, name: 'Ops', kind: 'telegram', settings: { token: BOT_TOKEN, chatId: '42' } },
        ],
      },
      'channels[0].settings.token: is not a field here',
    ],
    [
      { rules: [{ channelId: 7 }] },
      'rules[0].channelId: is 7; no channel of the backup has this id',
    ],
  ])('is refused with the field: %j', async (part, words) => {
    const text = JSON.stringify({ anyup: 'backup', version: 1, ...part });
    const before = await api.tally();
    const answer = await restore(api, text);
    expect(answer.status).toBe(400);
    expect(errorsOf(answer)[0]).toBe(words);
    expect(await api.tally()).toBe(before);
  });

  it('may be laid out over many lines by hand', async () => {
    await furnish(api);
    const text = JSON.stringify(JSON.parse(await backup(api)), null, 2);
    expect((await restore(other, text)).status).toBe(200);
    expect((await other.get('/hosts')).body.hosts).toHaveLength(2);
  });

  it('is refused when it is too long, while it streams in', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(1024 * 1024));
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1;
        controller.enqueue(chunk);
      },
    });
    const answer = await api.call('POST', '/backup', undefined, { raw: endless, duplex: 'half' });
    expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(25);
  });
});
