import { describe, expect, it } from 'vitest';
import { KIND_NAMES } from '#core/checks/index.ts';
import { errorsOf, withApi } from '#test/support/api.ts';
import { result } from '#test/support/fakeRunner.ts';

const api = withApi();

async function check(id: number) {
  const [row] = await api.rows('select * from check_ where id = ?', [id]);
  return row as Record<string, unknown>;
}

describe('adding a host by its target alone', () => {
  it.each([
    ['https://example.org/health', 'http', 'example.org'],
    ['HTTP://example.org:8080', 'http', 'example.org:8080'],
    ['example.org:25', 'tcp', 'example.org:25'],
    ['tcp://[2001:db8::1]:25', 'tcp', '[2001:db8::1]:25'],
    ['example.org', 'icmp', 'example.org'],
    ['192.0.2.7', 'icmp', '192.0.2.7'],
  ])('takes %s for %s and calls it %s', async (target, kind, name) => {
    const { status, body } = await api.post('/hosts', { target });
    expect(status).toBe(201);
    expect(body.host).toMatchObject({ name, group: '', paused: false });
    expect(body.host.checks).toHaveLength(1);
    expect(body.host.checks[0]).toMatchObject({
      kind,
      interval: '1m',
      timeout: '10s',
      retryAfter: '2s',
      failures: 2,
      successes: 1,
      policy: 'any',
      locations: 'all',
      runner: null,
    });
    expect(body.warnings).toEqual([]);
  });

  it('takes a script and pins it to the runner that is there', async () => {
    await api.runnerAt('local', 'this machine');
    const { status, body } = await api.post('/hosts', { target: 'script:load', name: 'Load' });
    expect(status).toBe(201);
    expect(body.host.checks[0]).toMatchObject({ kind: 'script', runner: 'this machine' });
  });

  it.each(['ftp://example.org/', 'two words', 'http://', '', ':80'])(
    'refuses %j and says what can be written',
    async (target) => {
      const before = await api.tally();
      const answer = await api.post('/hosts', { target });
      expect(answer.status).toBe(400);
      expect(answer.body.code).toBe('invalid_input');
      expect(errorsOf(answer)[0]).toMatch(/^target: .*(https:\/\/example\.org|is empty)/);
      expect(await api.tally()).toBe(before);
    },
  );

  it('refuses a host without a target', async () => {
    const answer = await api.post('/hosts', { name: 'Nothing' });
    expect(errorsOf(answer)).toEqual(['target: is missing; it must be text']);
  });
});

describe('adding a host with checks', () => {
  it('keeps the fields of the kind as they were written, without the defaults', async () => {
    const { body, status } = await api.post('/hosts', {
      name: 'Shop',
      group: 'Web',
      checks: [
        {
          target: 'https://shop.example/',
          name: 'front',
          interval: '90s',
          timeout: '5s',
          method: 'GET',
          expectStatus: '200',
          degradedAfter: '1500ms',
          headers: { accept: 'text/html' },
        },
        { kind: 'tcp', target: 'shop.example:443', interval: '5s', policy: 'majority' },
      ],
    });
    expect(status).toBe(201);
    const [front, port] = body.host.checks;
    expect(front).toMatchObject({ interval: '1m30s', timeout: '5s', degradedAfter: '1s500ms' });
    expect(port).toMatchObject({ interval: '5s', timeout: '5s', policy: 'majority' });
    expect(JSON.parse(String((await check(front.id)).config))).toEqual({
      kind: 'http',
      target: 'https://shop.example/',
      headers: { accept: 'text/html' },
      expectStatus: '200',
      degradedAfter: '1s500ms',
    });
  });

  it.each([
    [{ intervall: '5s' }, 'checks[0].intervall: is not a field here; did you mean interval?'],
    [
      { interval: '5 parsecs' },
      'checks[0].interval: "5 parsecs" is not a duration; write it like "30s", "5m" or "1h30m"',
    ],
    [{ interval: '500ms' }, 'checks[0].interval: "500ms" is out of range (1s to 1d)'],
    [{ interval: '2d' }, 'checks[0].interval: "2d" is out of range (1s to 1d)'],
    [
      { interval: '5s', timeout: '6s' },
      'checks[0].timeout: is 6s; it may not be longer than the interval (5s)',
    ],
    [{ retryAfter: '1ms' }, 'checks[0].retryAfter: "1ms" is out of range (100ms to 10m)'],
    [{ failures: 0 }, 'checks[0].failures: is 0; it must be at least 1'],
    [{ paused: 'yes' }, 'checks[0].paused: is "yes"; it must be true or false'],
    [
      { kind: 'htp' },
      `checks[0].kind: is "htp"; it must be one of ${KIND_NAMES.map((kind) => `"${kind}"`).join(', ')}`,
    ],
    [
      { expectStatus: 'fine' },
      'checks[0].expectStatus: must be statuses and ranges, like "200-299,401"',
    ],
    [{ bodyMatch: '(' }, 'checks[0].bodyMatch: is not a valid regular expression'],
    [
      { method: 'FETCH' },
      'checks[0].method: is "FETCH"; it must be one of "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"',
    ],
    [{ headers: { 'bad name': 'x' } }, 'checks[0].headers.bad name: is not a header name'],
    [{ count: 3 }, 'checks[0].count: is not a field here'],
    [
      { locations: ['Mars'] },
      'checks[0].locations[0]: "Mars" is not a location; there is none yet',
    ],
    [{ runner: 'nobody' }, 'checks[0].runner: "nobody" is not a runner; there is none yet'],
    [
      { policy: { type: 'required', locations: ['Mars'] } },
      'checks[0].policy.locations[0]: "Mars" is not a location; there is none yet',
    ],
    [
      { policy: 'most' },
      'checks[0].policy: must be "any", "majority", "all", {"type": "atLeast", "n": 2} or {"type": "required", "locations": ["local"]}',
    ],
    [{ name: 'x'.repeat(101) }, 'checks[0].name: has 101 characters; at most 100 are allowed'],
  ])('refuses %j naming the field, and writes nothing', async (fault, error) => {
    const before = await api.tally();
    const answer = await api.post('/hosts', {
      name: 'Shop',
      checks: [{ target: 'https://shop.example/', ...fault }],
    });
    expect(answer.status).toBe(400);
    expect(errorsOf(answer)).toContain(error);
    expect(await api.tally()).toBe(before);
  });

  it('names every fault of every check at once', async () => {
    const answer = await api.post('/hosts', {
      nam: 'Shop',
      checks: [{ target: 'nope nope' }, { target: 'example.org', count: 99 }],
    });
    expect(errorsOf(answer).map((each) => each.split(': ')[0])).toEqual([
      'name',
      'checks[0].target',
      'checks[1].count',
      'nam',
    ]);
  });

  it('keeps the positions of two hosts added at the same moment apart', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => api.post('/hosts', { target: `host${i}.example` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    const rows = await api.rows('select distinct shard, position from check_');
    expect(rows).toHaveLength(8);
  });

  it('tells the runners: the version rises and the plan holds the check', async () => {
    const runner = await api.runnerAt('local');
    const { body } = await api.post('/hosts', { target: 'https://example.org/' });
    const id = body.host.checks[0].id;
    expect((await runner.assignments()).checks.map((each) => each.id)).toEqual([id]);
    await api.delete(`/hosts/${body.host.id}`);
    const { configVersion } = await runner.assignments();
    expect(configVersion).toBeGreaterThan(1);
  });

  it('puts the 1,001st check into the next shard, and refuses the 5,001st', async () => {
    const filled = (count: number) => `
      insert into check_ (host_id, kind, target, config, interval_ms, timeout_ms, retry_after_ms, failures, successes,
        policy, shard, position, changed_version, created_at)
      with recursive n(i) as (select 0 union all select i + 1 from n where i < ${count - 1})
      select 99, 'icmp', 'x', '{"kind":"icmp","target":"x"}', 60000, 10000, 2000, 2, 1, '{"type":"any"}',
        i / 1000, i % 1000, 1, 0 from n`;
    await api.rows(filled(1000));
    const { body } = await api.post('/hosts', { target: 'example.org' });
    expect(await check(body.host.checks[0].id)).toMatchObject({ shard: 1, position: 0 });
    await api.rows('delete from check_');
    await api.rows(filled(5000));
    const answer = await api.post('/hosts', { target: 'example.org' });
    expect(errorsOf(answer)).toEqual([
      'checks: would be more than the 5000 checks that are allowed; there are 5000',
    ]);
  });
});

describe('own-machine targets', () => {
  it('are pinned to the runner in "local", else to the first that is active', async () => {
    const office = await api.runnerAt('Office', 'desk');
    const first = await api.post('/hosts', { target: 'http://127.0.0.1:9999/' });
    expect(first.body.host.checks[0].runner).toBe('desk');
    await api.runnerAt('local', 'here');
    const second = await api.post('/hosts', { target: '[::1]:25' });
    expect(second.body.host.checks[0].runner).toBe('here');
    expect((await office.assignments()).checks).toHaveLength(1);
  });

  it('may be watched from several locations, with a warning', async () => {
    await api.runnerAt('Office');
    await api.runnerAt('local');
    const { body } = await api.post('/hosts', {
      name: 'Everywhere',
      checks: [{ target: 'http://localhost:80/', locations: ['Office', 'local'] }],
    });
    expect(body.host.checks[0]).toMatchObject({
      runner: null,
      locations: ['local', 'Office'].sort(),
    });
    expect(body.warnings).toEqual([expect.stringContaining("means the runner's own machine")]);
  });

  it('need a runner', async () => {
    const answer = await api.post('/hosts', { target: 'script:load' });
    expect(errorsOf(answer)).toEqual([
      "runner: is needed: script:load means the runner's own machine, and no runner is active",
    ]);
  });

  it('pin a script to one even when several locations are named', async () => {
    await api.runnerAt('Office');
    await api.runnerAt('local');
    const answer = await api.post('/hosts', {
      name: 'Load',
      checks: [{ target: 'script:load', locations: ['Office', 'local'] }],
    });
    expect(errorsOf(answer)).toEqual([
      'checks[0].locations: names several; this kind measures one machine: name its runner in "runner"',
    ]);
  });

  it('refuse a runner that does not stand in the locations named', async () => {
    await api.runnerAt('Office', 'desk');
    await api.runnerAt('local', 'here');
    const answer = await api.post('/hosts', {
      name: 'X',
      checks: [{ target: 'example.org', runner: 'desk', locations: ['local'] }],
    });
    expect(errorsOf(answer)[0]).toMatch(/^checks\[0\]\.runner: "desk" does not stand/);
  });
});

describe('changing a host', () => {
  async function shop() {
    const { body } = await api.post('/hosts', {
      name: 'Shop',
      checks: [
        { target: 'https://shop.example/', expectStatus: '200' },
        { target: 'shop.example' },
      ],
    });
    const [front, ping] = body.host.checks;
    return { id: body.host.id as number, front, ping };
  }

  it('renames and pauses without touching the checks', async () => {
    const { id, front, ping } = await shop();
    const { body, status } = await api.patch(`/hosts/${id}`, { name: 'Store', paused: true });
    expect(status).toBe(200);
    expect(body.host).toMatchObject({ name: 'Store', paused: true });
    expect(body.host.checks).toEqual([front, ping]);
    expect(await check(front.id)).toMatchObject({ rev: 1 });
  });

  it('takes away what is paused from its runners, and gives it back', async () => {
    const runner = await api.runnerAt('local');
    const { id } = await shop();
    expect((await runner.assignments()).checks).toHaveLength(2);
    await api.patch(`/hosts/${id}`, { paused: true });
    expect((await runner.assignments()).checks).toHaveLength(0);
    await api.patch(`/hosts/${id}`, { paused: false });
    expect((await runner.assignments()).checks).toHaveLength(2);
  });

  it.each([
    [{ interval: '5s' }, 1],
    [{ name: 'front page' }, 1],
    [{ failures: 5, retryAfter: '1s' }, 1],
    [{ locations: 'all' }, 1],
    [{ target: 'https://shop.example/other' }, 2],
    [{ expectStatus: '204' }, 2],
    [{ expectStatus: null }, 2],
    [{ degradedAfter: '1s' }, 2],
    [{ policy: 'all' }, 2],
    [{ kind: 'tcp', target: 'shop.example:443' }, 2],
    [{ target: 'shop.example:443' }, 2],
  ])('%j makes it revision %i', async (change, rev) => {
    const { id, front, ping } = await shop();
    const { status, body } = await api.patch(`/hosts/${id}`, {
      checks: [{ id: front.id, ...change }, { id: ping.id }],
    });
    expect({ status, errors: body.errors }).toEqual({ status: 200, errors: undefined });
    expect(await check(front.id)).toMatchObject({ rev });
    expect(await check(ping.id)).toMatchObject({ rev: 1 });
  });

  it('reads a new target for its kind, and lets go of the fields of the old one', async () => {
    const { id, front } = await shop();
    const { body } = await api.patch(`/hosts/${id}`, {
      checks: [{ id: front.id, target: 'shop.example:443' }],
    });
    expect(body.host.checks).toHaveLength(1);
    expect(body.host.checks[0]).toMatchObject({ id: front.id, kind: 'tcp' });
    expect(body.host.checks[0]).not.toHaveProperty('expectStatus');
  });

  it('takes back what it gave: the checks as they were read change nothing', async () => {
    const { id, front, ping } = await shop();
    const { status } = await api.patch(`/hosts/${id}`, { checks: [front, ping] });
    expect(status).toBe(200);
    expect(await check(front.id)).toMatchObject({ rev: 1 });
  });

  it('removes checks left out, adds those without an id', async () => {
    const { id, front, ping } = await shop();
    const { body } = await api.patch(`/hosts/${id}`, {
      checks: [{ id: ping.id }, { target: 'shop.example:22' }],
    });
    expect(body.host.checks.map((each: { kind: string }) => each.kind)).toEqual(['icmp', 'tcp']);
    expect((await check(front.id)).deleted_at).not.toBeNull();
  });

  it('refuses a check of another host, and an unknown field', async () => {
    const { id } = await shop();
    const other = await shop();
    const before = await api.tally();
    const answer = await api.patch(`/hosts/${id}`, { checks: [{ id: other.front.id }] });
    expect(errorsOf(answer)).toEqual([
      `checks[0].id: ${other.front.id} is not a check of this host`,
    ]);
    const second = await api.patch(`/hosts/${id}`, { pause: true });
    expect(errorsOf(second)).toEqual(['pause: is not a field here; did you mean paused?']);
    expect(await api.tally()).toBe(before);
  });

  it('answers 404 for a host that is not there', async () => {
    expect((await api.patch('/hosts/99', { name: 'x' })).status).toBe(404);
    expect((await api.get('/hosts/99')).body.code).toBe('not_found');
    expect((await api.delete('/hosts/99')).status).toBe(404);
  });
});

describe('removing a host', () => {
  it('leaves no check behind, even when one is added at the same moment', async () => {
    for (let round = 0; round < 10; round++) {
      const { body } = await api.post('/hosts', { target: 'one.example' });
      const [first] = body.host.checks;
      const path = `/hosts/${body.host.id}`;
      const checks = [{ id: first.id }, { target: 'two.example' }, { target: 'three.example' }];
      const [added, removed] = await Promise.all([api.patch(path, { checks }), api.delete(path)]);
      expect([200, 404, 409]).toContain(added.status);
      expect(removed.status).toBe(204);
    }
    const orphans = 'deleted_at is null and host_id not in (select id from host)';
    expect(await api.count('check_', orphans)).toBe(0);
  });

  it('leaves tombstones for the runners and frees the places', async () => {
    const runner = await api.runnerAt('local');
    const made = await api.post('/hosts', { target: 'https://example.org/' });
    const id = made.body.host.checks[0].id;
    const t = api.platform.now();
    await runner.post([result(id, t)]);
    expect((await api.delete(`/hosts/${made.body.host.id}`)).status).toBe(204);
    expect((await check(id)).deleted_at).toBe(t);
    expect((await api.get('/hosts')).body.hosts).toEqual([]);
    expect((await runner.assignments()).checks).toEqual([]);
    const [plan] = await api.rows('select plan from shard where id = 0');
    expect(plan?.plan).toBe('[]');
  });

  it('gives a new check in an old place a revision of its own, so that old views say nothing of it', async () => {
    const first = await api.post('/hosts', { target: 'one.example' });
    await api.delete(`/hosts/${first.body.host.id}`);
    const second = await api.post('/hosts', { target: 'two.example' });
    const row = await check(second.body.host.checks[0].id);
    expect(row).toMatchObject({ shard: 0, position: 0, rev: 2 });
  });

  it('closes the incidents of its checks', async () => {
    const { body } = await api.post('/hosts', { target: 'one.example' });
    const id = body.host.checks[0].id;
    await api.rows(
      `insert into incident (check_id, opened_at, worst, code, text) values (?, 1, 'down', 'timeout', '')`,
      [id],
    );
    expect((await api.get('/incidents?state=open')).body.incidents).toHaveLength(1);
    await api.delete(`/hosts/${body.host.id}`);
    expect((await api.get('/incidents?state=open')).body.incidents).toEqual([]);
    expect((await api.get('/incidents')).body.incidents[0]).toMatchObject({
      host: '',
      checkId: id,
    });
  });
});
