import { describe, expect, it } from 'vitest';
import { errorsOf, withApi } from '#test/support/api.ts';
import { backup, changesIn, emptyApi, restore } from '#test/support/backups.ts';
import type { FakeRunner } from '#test/support/fakeRunner.ts';
import { result } from '#test/support/fakeRunner.ts';
import { BAD, foldAll, HOUR, MINUTE } from '#test/support/history.ts';
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';

const api = withApi();

interface World {
  runner: FakeRunner;
  hostId: number;
  checkId: number;
}

async function world(): Promise<World> {
  const runner = await api.runnerAt('Home');
  const { body } = await api.post('/hosts', {
    name: 'Shop',
    group: 'Web',
    checks: [{ target: 'https://shop.example/', interval: '1m', failures: 1 }],
  });
  const channel = await api.post('/channels', {
    name: 'Ops',
    kind: 'telegram',
    settings: { token: '123456789:AAtv81kd0Qx3HsTz7mWcLpJrYeUoBnGfVia', chatId: '42' },
  });
  expect(channel.status).toBe(201);
  // Nothing is to be sent: what is owed is looked at.
  api.platform.fetch = async () => new Response('', { status: 503 });
  await foldAll(api.platform);
  return { runner, hostId: body.host.id, checkId: body.host.checks[0].id };
}

/** A reading a minute, and a tick every so many. */
async function live(
  { runner, checkId }: World,
  minutes: number,
  bad = false,
  every = 1,
): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    api.platform.advance(MINUTE);
    const at = api.platform.now();
    await runner.post([result(checkId, at, bad ? BAD : { rttUs: 20_000 })]);
    if (minute % every === every - 1) await tick(api.platform);
    await api.platform.settle();
  }
}

const iso = (at: number) => new Date(at).toISOString();
const announce = (more: Record<string, unknown> = {}) => {
  const now = api.platform.now();
  return api.post('/maintenances', {
    title: 'New disks; all, of them',
    note: 'It may be slow.\nSorry.',
    from: iso(now),
    until: iso(now + HOUR),
    ...more,
  });
};
const owed = async () =>
  (await api.rows('select notice from delivery order by id'))
    .map(({ notice }) => JSON.parse(String(notice)))
    .filter(({ type }) => type === 'check')
    .map(({ to }) => to);
const status = async () => (await api.get('/status', { token: null })).body;
const page = async (path: string) => (await app.request(path, {}, api.platform)).text();
const uptime = async ({ checkId }: World, window: string) =>
  (await api.get(`/checks/${checkId}/uptime?window=${window}`)).body.uptime[0];

describe('planned maintenance', { timeout: 90_000 }, () => {
  it('is shown over the status, which goes on beneath it, and does not make the page red', async () => {
    const here = await world();
    await live(here, 2);
    await announce({ hosts: [here.hostId] });
    await live(here, 3, true);
    api.platform.advance(20_000);
    const { hosts, status: overall, maintenances } = await status();
    expect(hosts[0]).toMatchObject({
      status: 'down',
      maintenance: { title: 'New disks; all, of them' },
    });
    expect(overall).toBe('unknown');
    expect(maintenances).toMatchObject([{ id: 1, hostIds: [here.hostId] }]);
    const html = await page('/');
    expect(html).toContain('data-status="maintenance"');
    expect(html).toContain('Maintenance: New disks; all, of them');
    expect(html).toContain('beneath it down');
    expect(await page(`/hosts/${here.hostId}`)).toContain('Beneath it the');
    expect(await page(`/badge/${here.hostId}.svg`)).toContain('maintenance');
    expect(await api.count('flip', `to_status = 'down'`)).toBe(1);
    expect(await api.count('incident')).toBe(1);
  });

  it('sends nobody a message for what begins and ends within it', async () => {
    const here = await world();
    await live(here, 2);
    await announce();
    await live(here, 10, true, 5);
    await live(here, 60, false, 10);
    expect(await owed()).toEqual([]);
    expect(await api.count('incident', 'closed_at is not null')).toBe(1);
  });

  it('owes the message once it is over and the host is still down', async () => {
    const here = await world();
    await live(here, 2);
    await announce();
    await live(here, 59, true, 10);
    expect(await owed()).toEqual([]);
    await live(here, 2, true);
    expect(await owed()).toEqual(['down']);
    await live(here, 2);
    expect(await owed()).toEqual(['down', 'up']);
  });

  it('owes the recovery of what was told before it, when it is over', async () => {
    const here = await world();
    await live(here, 2);
    await live(here, 2, true);
    expect(await owed()).toEqual(['down']);
    await announce();
    await live(here, 30, false, 10);
    expect(await owed()).toEqual(['down']);
    await live(here, 35, false, 5);
    expect(await owed()).toEqual(['down', 'up']);
  });

  it('taken back or ended early, lets what is still wrong be told within a tick', async () => {
    const here = await world();
    await live(here, 2);
    const { body } = await announce();
    await live(here, 5, true);
    expect((await api.delete(`/maintenances/${body.id}`)).status).toBe(204);
    await live(here, 1, true);
    expect(await owed()).toEqual(['down']);
  });

  it('for a group is for whoever is in it now', async () => {
    const here = await world();
    await live(here, 2);
    await announce({ groups: ['Web'] });
    expect((await api.get('/status')).body.hosts[0].maintenance).not.toBeNull();
    await api.patch(`/hosts/${here.hostId}`, { group: 'Office' });
    expect((await api.get('/status')).body.hosts[0].maintenance).toBeNull();
  });

  it('is left out of uptime, and shown as left out in figures, bars and charts', async () => {
    const here = await world();
    await live(here, 30, false, 30);
    await announce();
    await live(here, 40, true, 20);
    await live(here, 80, false, 20);
    const day = await uptime(here, '24h');
    expect(day).toMatchObject({ uptime: 100, downMs: 0, maintenanceMs: HOUR, incidents: 0 });
    const now = api.platform.now();
    const range = `from=${iso(now - 3 * HOUR)}&to=${iso(now)}`;
    const { merged } = (await api.get(`/checks/${here.checkId}/series?${range}&step=5m`)).body;
    const planned = merged.bands.filter((band: { status: string }) => band.status !== 'unknown');
    expect(planned.map((band: { status: string }) => band.status)).toEqual([
      'up',
      'maintenance',
      'up',
    ]);
    const sum = (key: string) =>
      merged.points.reduce(
        (all: number, point: Record<string, number>) => all + (point[key] ?? 0),
        0,
      );
    expect([sum('maintenanceMs'), sum('downMs')]).toEqual([HOUR, 0]);
    expect(await page(`/chart/${here.checkId}.svg?range=4h`)).toContain('Maintenance 1 h');
    await live(here, 60, false, 20);
    await foldAll(api.platform);
    api.platform.advance(70_000);
    await tick(api.platform);
    const html = await page(`/hosts/${here.hostId}`);
    expect(html).toContain('1 h maintenance');
    expect(html).toMatch(/data-days="[^"]*\dm?[^"]*,0,0,3600/);
  });

  it('announced afterwards is left out all the same, and taken back counts again', async () => {
    const here = await world();
    const from = api.platform.now();
    await live(here, 60, false, 30);
    await live(here, 30, true, 30);
    await live(here, 60, false, 30);
    // Into the next day, so that the day is summed up.
    for (let hour = 0; hour < 24; hour++) {
      api.platform.advance(HOUR);
      await foldAll(api.platform);
    }
    const before = await uptime(here, '7d');
    expect(before).toMatchObject({ downMs: 30 * MINUTE, maintenanceMs: 0, incidents: 1 });
    const late = await announce({ from: iso(from + HOUR), until: iso(from + 2 * HOUR) });
    expect(late.status).toBe(201);
    await foldAll(api.platform);
    expect(await uptime(here, '7d')).toMatchObject({
      uptime: 100,
      downMs: 0,
      maintenanceMs: HOUR,
      incidents: 0,
    });
    expect(await page(`/hosts/${here.hostId}`)).toContain('1 h maintenance');
    await api.delete(`/maintenances/${late.body.id}`);
    await foldAll(api.platform);
    expect(await uptime(here, '7d')).toEqual({ ...before, toAt: expect.any(String) });
  });

  it('is a calendar anyone may subscribe to', async () => {
    await world();
    await announce({ title: 'Ünlängliche Arbeiten; '.repeat(4).trim() });
    const answer = await app.request('/maintenance.ics', {}, api.platform);
    expect(answer.headers.get('content-type')).toBe('text/calendar; charset=UTF-8');
    const text = await answer.text();
    for (const line of text.split('\r\n')) {
      expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
    }
    const whole = text.replaceAll('\r\n ', '');
    expect(whole).toContain('SUMMARY:Ünlängliche Arbeiten\\; Ünlängliche');
    expect(whole).toContain('DESCRIPTION:It may be slow.\\nSorry.');
    expect(whole).toMatch(/DTSTART:\d{8}T\d{6}Z\r\n/);
    const tag = answer.headers.get('etag') ?? '';
    const again = await app.request(
      '/maintenance.ics',
      { headers: { 'if-none-match': tag } },
      api.platform,
    );
    expect(again.status).toBe(304);
  });

  it('says of each field what is wrong with it', async () => {
    const here = await world();
    const now = api.platform.now();
    const refused = async (more: Record<string, unknown>) => errorsOf(await announce(more));
    expect(await refused({ until: iso(now - 1) })).toEqual(['until: must be after from']);
    expect(await refused({ until: 'tomorrow' })).toEqual([
      'until: must be an instant like 2026-11-21T09:00:00Z',
    ]);
    expect(await refused({ hosts: [here.hostId, 99] })).toEqual(['hosts[1]: there is no host 99']);
    expect(await refused({ hosts: [] })).toEqual(['hosts: names no host; null means every host']);
    expect(await refused({ from: iso(now - 60 * 24 * HOUR) })).toEqual([
      expect.stringContaining('from: must be after 2026-10'),
    ]);
    expect(await refused({ title: ' ' })).toEqual([expect.stringContaining('title: ')]);
    expect(await api.count('maintenance')).toBe(0);
    const token = await api.token('read');
    expect((await api.post('/maintenances', {}, { token })).status).toBe(403);
    expect((await api.patch('/maintenances/7', { title: 'x' })).status).toBe(404);
  });

  it('leaves an audit row with before and after for every change', async () => {
    await world();
    const { body } = await announce();
    await api.patch(`/maintenances/${body.id}`, { title: 'Other disks' });
    await api.delete(`/maintenances/${body.id}`);
    const rows = await api.rows(
      `select action, subject from audit where action like 'maintenance%' order by id`,
    );
    expect(rows.map(({ action, subject }) => [action, subject])).toEqual([
      ['maintenance.create', 'maintenance 1 (New disks; all, of them)'],
      ['maintenance.update', 'maintenance 1 (Other disks)'],
      ['maintenance.remove', 'maintenance 1 (Other disks)'],
    ]);
  });

  it('comes back from a backup, for the same hosts, once', async () => {
    const here = await world();
    await announce({ hosts: [here.hostId] });
    await announce({ title: 'Everything', groups: ['Web'] });
    const text = await backup(api);
    const other = await emptyApi(api);
    expect(changesIn(await restore(other, text, '?dry-run'))).toContain(
      'maintenance created Everything',
    );
    await restore(other, text);
    const list = async () => (await other.get('/maintenances')).body;
    expect(await list()).toEqual((await api.get('/maintenances')).body);
    expect(changesIn(await restore(other, text))).toEqual([]);
    expect((await other.get('/status')).body.maintenances).toHaveLength(2);
    other.platform.close();
  });
});
