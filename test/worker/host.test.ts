// A host that stands for a runner's own machine: it is made by what the runner announces, and its silence is a fact.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '#core/notice.ts';
import type { AnnouncedCheck } from '#core/wire/host.ts';
import { withApi } from '#test/support/api.ts';
import { type FakeRunner, result } from '#test/support/fakeRunner.ts';
import { heldStatus } from '#test/support/seed.ts';
import { tick } from '#worker/tick/tick.ts';

const api = withApi({ flushMs: 15_000 });
let runner: FakeRunner;

beforeEach(async () => {
  runner = await api.runnerAt('Office', 'web-1');
  await api.platform.db.$client.batch(
    [
      `insert into channel (id, name, kind, config, secrets, enabled, created_at) values (1, 'ops', 'none', '{}', '', 1, 0)`,
      `insert into rule (channel_id, match, from_status, fleet) values (1, '{}', 'down', 1)`,
    ],
    'write',
  );
  await tick(api.platform);
});

const REPORTS: AnnouncedCheck = {
  key: 'report',
  name: 'Reports',
  config: { kind: 'report', target: 'report:runner' },
  interval: '15s',
};
const CPU: AnnouncedCheck = {
  key: 'cpu',
  name: 'CPU',
  config: { kind: 'machine', target: 'machine:cpu', degradedAbove: 90 },
  interval: '20s',
};
const DISK: AnnouncedCheck = {
  key: 'wigo/60/disk',
  name: 'disk',
  config: { kind: 'script', target: 'script:60/disk', protocol: 'wigo' },
  interval: '60s',
  timeout: '59s',
};

async function announce(checks: unknown[], as = runner) {
  const body = new TextEncoder().encode(JSON.stringify({ name: as.name, checks }));
  const answer = await as.call('POST', '/api/v1/runner/host', body);
  // biome-ignore lint/suspicious/noExplicitAny: an answer of two shapes
  return { status: answer.status, body: (await answer.json()) as any };
}

async function hosts() {
  return (await api.get('/hosts')).body.hosts as Array<{
    id: number;
    name: string;
    checks: Array<Record<string, unknown> & { id: number; name: string }>;
  }>;
}

async function owed(): Promise<string[]> {
  const rows = await api.rows('select notice from delivery order by id');
  return rows.map((row) => {
    const notice = JSON.parse(String(row.notice)) as Notice;
    if (notice.type === 'fleet') return `${notice.event} ${notice.runners.map((r) => r.name)}`;
    if (notice.type !== 'check') return notice.type;
    const withIt = notice.withIt ? ` with ${notice.withIt.join('+')}` : '';
    return `${notice.subject.hostName} ${notice.to} ${notice.level}${withIt}: ${notice.reason.text}`;
  });
}

async function minutes(count: number, posting: readonly FakeRunner[] = []): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    for (let quarter = 0; quarter < 4; quarter++) {
      api.platform.advance(15_000);
      for (const each of posting) await each.post([]);
    }
    await tick(api.platform);
  }
}

describe('what a runner announces', () => {
  it('becomes a host with its checks, pinned to that runner', async () => {
    expect((await announce([REPORTS, CPU, DISK])).body).toMatchObject({ made: 3, removed: 0 });
    const [host] = await hosts();
    expect(host).toMatchObject({ name: 'web-1' });
    expect(host?.checks.map(({ name, runner: by }) => `${name} by ${by}`)).toEqual([
      'Reports by web-1',
      'CPU by web-1',
      'disk by web-1',
    ]);
    const { checks } = await runner.assignments();
    expect(checks.map(({ config, owner }) => [config.target, owner])).toEqual([
      ['report:runner', runner.id],
      ['machine:cpu', runner.id],
      ['script:60/disk', runner.id],
    ]);
    const [row] = await api.rows('select actor, action from audit order by id desc limit 1');
    expect({ ...row }).toMatchObject({ actor: `runner ${runner.id}`, action: 'host.announce' });
  });

  it('again changes nothing, and leaves what the owner changed', async () => {
    await announce([REPORTS, CPU]);
    const [host] = await hosts();
    const [reports, cpu] = host?.checks ?? [];
    const patch = [{ id: reports?.id }, { id: cpu?.id, degradedAbove: 50, interval: '5s' }];
    expect((await api.patch(`/hosts/${host?.id}`, { name: 'Shop', checks: patch })).status).toBe(
      200,
    );
    const before = await api.tally();
    expect((await announce([REPORTS, CPU])).body).toMatchObject({
      made: 0,
      changed: 0,
      removed: 0,
    });
    expect(await api.tally()).toBe(before);
    const [after] = await hosts();
    expect(after).toMatchObject({ name: 'Shop' });
    expect(after?.checks[1]).toMatchObject({ degradedAbove: 50, interval: '5s' });
    // Until the runner itself says something else of that check.
    const stricter = { ...CPU, config: { ...CPU.config, degradedAbove: 70 } };
    expect((await announce([REPORTS, stricter])).body).toMatchObject({ changed: 1 });
    expect((await hosts())[0]?.checks[1]).toMatchObject({ degradedAbove: 70 });
  });

  it('no more goes with its incident, and is the same check when it is there again', async () => {
    await announce([REPORTS, DISK]);
    const id = (await hosts())[0]?.checks[1]?.id ?? 0;
    const bad = { level: 500, code: 'script.status', text: 'full' };
    const at = api.platform.now();
    await runner.post([result(id, at - 1000, bad), result(id, at, bad)]);
    expect(await heldStatus(api.platform, id)).toBe('down');
    expect((await announce([REPORTS])).body).toMatchObject({ removed: 1 });
    expect((await hosts())[0]?.checks).toHaveLength(1);
    expect(await api.count('incident', 'closed_at is null')).toBe(0);
    expect((await announce([REPORTS, DISK])).body).toMatchObject({ made: 1 });
    expect((await hosts())[0]?.checks.map((each) => each.id)).toContain(id);
    expect((await runner.assignments()).checks.map((each) => each.id)).toContain(id);
  });

  it('that the owner removed stays removed, and what the owner added stays', async () => {
    await announce([REPORTS, CPU]);
    const [host] = await hosts();
    const own = { kind: 'machine', target: 'machine:load', runner: 'web-1' };
    await api.patch(`/hosts/${host?.id}`, { checks: [{ id: host?.checks[0]?.id }, own] });
    await announce([REPORTS, CPU]);
    const targets = async () => (await hosts())[0]?.checks.map(({ target }) => target);
    expect(await targets()).toEqual(['report:runner', 'machine:load']);
    // With nothing left of the runner's own, what the owner added keeps the host.
    await announce([]);
    expect(await targets()).toEqual(['machine:load']);
  });

  it('is nothing at last: the host goes too', async () => {
    await announce([REPORTS]);
    expect((await announce([])).body).toMatchObject({ hostId: null, removed: 1 });
    expect(await hosts()).toEqual([]);
    expect((await announce([])).body).toMatchObject({ hostId: null, removed: 0 });
  });

  it.each([
    [
      [{ ...CPU, config: { kind: 'http', target: 'https://example.org/' } }],
      'does not look at the runner itself',
    ],
    [[CPU, CPU], 'stands there twice'],
    [[{ ...CPU, interval: 'often' }], 'is not a duration'],
    [[{ ...CPU, config: { ...CPU.config, limit: 3 } }], 'is not a field here'],
  ])('is refused when it is wrong, and writes nothing', async (checks, why) => {
    const before = await api.tally();
    const { status, body } = await announce(checks);
    expect([status, JSON.stringify(body.errors)]).toEqual([400, expect.stringContaining(why)]);
    expect(await api.tally()).toBe(before);
  });
});

describe('a host that must report', () => {
  let report = 0;
  let cpu = 0;
  beforeEach(async () => {
    await announce([REPORTS, CPU]);
    [report = 0, cpu = 0] = (await hosts())[0]?.checks.map(({ id }) => id) ?? [];
    const at = api.platform.now();
    await runner.post([result(report, at), result(cpu, at)]);
    await minutes(1, [runner]);
  });

  it('is 999 after 90 s of silence, its other checks unknown, in one message; back in one more', async () => {
    expect(await heldStatus(api.platform, report)).toBe('up');
    await minutes(3);
    expect(await owed()).toEqual(['web-1 down 999: no report from web-1']);
    const { hosts: seen } = (await api.get('/status')).body;
    expect(seen[0]).toMatchObject({ status: 'down', level: 999 });
    expect(seen[0].checks.map(({ status }: { status: string }) => status)).toEqual([
      'down',
      'unknown',
    ]);
    expect(seen[0].checks[0].sentence).toMatch(/^down: no report since 2026-11-21 09:01/);
    await minutes(5);
    await runner.post([]);
    expect(await heldStatus(api.platform, report)).toBe('up');
    await minutes(2, [runner]);
    expect(await owed()).toEqual(['web-1 down 999: no report from web-1', 'web-1 up 100: ']);
  });

  it('tells of all hosts that one runner reports for in one message', async () => {
    const own = { kind: 'report', target: 'report:runner', runner: 'web-1', interval: '15s' };
    for (const name of ['db', 'mail']) await api.post('/hosts', { name, checks: [own] });
    await minutes(1, [runner]);
    await minutes(3);
    expect(await owed()).toEqual(['web-1 down 999 with db+mail: no report from web-1']);
    await runner.post([]);
    await minutes(1, [runner]);
    expect((await owed()).slice(1)).toEqual(['web-1 up 100 with db+mail: ']);
  });

  it('is not called silent by a worker that was deaf', async () => {
    api.platform.advance(20 * 60_000);
    await tick(api.platform);
    await minutes(1);
    expect(await owed()).toEqual(['deaf ']);
    expect(await heldStatus(api.platform, report)).toBe('up');
    await minutes(3);
    expect((await owed()).at(-1)).toBe('web-1 down 999: no report from web-1');
  });

  it('has the time its owner gives it', async () => {
    const [host] = await hosts();
    const patch = [{ id: report, aliveTimeout: '10m' }, { id: cpu }];
    await api.patch(`/hosts/${host?.id}`, { checks: patch });
    await minutes(8);
    expect(await heldStatus(api.platform, report)).toBe('up');
    await minutes(3);
    expect(await heldStatus(api.platform, report)).toBe('down');
  });

  it('says nothing while it is paused: then the runner is told of as any other', async () => {
    const [host] = await hosts();
    await api.patch(`/hosts/${host?.id}`, { paused: true });
    await minutes(4);
    expect(await owed()).toEqual(['silent web-1']);
  });

  it('is nobody when its runner is revoked', async () => {
    await api.delete(`/runners/${runner.id}`);
    await minutes(4);
    expect(await heldStatus(api.platform, report)).toBe('unknown');
    expect(await owed()).toEqual([]);
  });
});
