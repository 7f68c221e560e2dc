// What all kinds of checks can be told: when they are due, words to find them by, that they must not answer.
import { describe, expect, it } from 'vitest';
import { errorsOf, withApi } from '#test/support/api.ts';

const api = withApi();

async function hostWith(check: Record<string, unknown>) {
  const answer = await api.post('/hosts', {
    name: 'One',
    checks: [{ target: 'a.test:1', ...check }],
  });
  return { answer, host: answer.body.host, check: answer.body.host?.checks[0] };
}

async function row(id: number) {
  const [found] = await api.rows('select * from check_ where id = ?', [id]);
  return found as Record<string, unknown>;
}

describe('a check with a cron expression', () => {
  it('is kept with its zone, and speaks for its longest pause', async () => {
    const { check } = await hostWith({ cron: '*/5 8-18 * * 1-5', zone: 'Europe/Berlin' });
    expect(check).toMatchObject({ cron: '*/5 8-18 * * 1-5', zone: 'Europe/Berlin' });
    // From Friday 18:55 to Monday 8:00, and an hour more when clocks are put back.
    expect(check.interval).toBe('2d14h5m');
    expect(await row(check.id)).toMatchObject({ interval_ms: (62 * 60 + 5) * 60_000 });
  });

  it('can be written back as it was read, goes back to an interval, and the other way round', async () => {
    const { host, check } = await hostWith({ cron: '0 3 * * *' });
    const again = await api.patch(`/hosts/${host.id}`, { checks: [check] });
    expect(again.body.host.checks[0]).toEqual(check);
    const change = async (fields: Record<string, unknown>) => {
      const { body } = await api.patch(`/hosts/${host.id}`, {
        checks: [{ id: check.id, ...fields }],
      });
      return body.host.checks[0];
    };
    expect(await change({ name: 'nightly' })).toMatchObject({ cron: '0 3 * * *', interval: '1d' });
    const plain = await change({ interval: '30s' });
    expect(plain).toMatchObject({ interval: '30s' });
    expect(plain).not.toHaveProperty('cron');
    expect(await change({ cron: '*/2 * * * *' })).toMatchObject({ interval: '2m' });
    expect(await change({ cron: null })).toMatchObject({ interval: '1m' });
  });

  it('that is no expression, comes too seldom or names no zone is refused', async () => {
    const refused = async (fields: Record<string, unknown>) =>
      errorsOf((await hostWith(fields)).answer);
    expect(await refused({ cron: 'often' })).toEqual([
      'checks[0].cron: has 1 field; it must have five, like "30 2 * * 1-5"',
    ]);
    expect(await refused({ cron: '0 3 1 * *' })).toEqual([
      'checks[0].cron: leaves up to 31 days between two times; at most 8 days are allowed',
    ]);
    expect(await refused({ cron: '0 3 * * *', zone: 'Mars/Olympus' })).toEqual([
      'checks[0].zone: is not a time zone; write it like "Europe/Berlin" or "UTC"',
    ]);
    expect(await refused({ cron: '*/5 * * * *', timeout: '6m' })).toEqual([
      'checks[0].timeout: is 6m; it may not be longer than the interval (5m)',
    ]);
    expect(await refused({ interval: '2d' })).toEqual([
      'checks[0].interval: "2d" is out of range (1s to 1d)',
    ]);
  });

  it('reaches its runner with its times, and a change of them starts no view anew', async () => {
    const { host, check } = await hostWith({ cron: '*/5 * * * *' });
    const before = await row(check.id);
    await api.patch(`/hosts/${host.id}`, { checks: [{ id: check.id, cron: '*/10 * * * *' }] });
    const after = await row(check.id);
    expect(after.rev).toBe(before.rev);
    const runner = await api.runnerAt('local', 'one');
    const { checks } = await runner.assignments();
    expect(checks).toContainEqual(
      expect.objectContaining({ id: check.id, schedule: { cron: '*/10 * * * *', zone: 'UTC' } }),
    );
  });
});

describe('a check that must not answer', () => {
  it('says so to its runner, and starts anew when that changes', async () => {
    const { host, check } = await hostWith({ invert: true });
    expect(check).toMatchObject({ invert: true });
    const before = await row(check.id);
    expect(JSON.parse(String(before.config))).toMatchObject({ invert: true });
    await api.patch(`/hosts/${host.id}`, { checks: [{ id: check.id, invert: false }] });
    const after = await row(check.id);
    expect(after.rev).not.toBe(before.rev);
    expect(JSON.parse(String(after.config))).not.toHaveProperty('invert');
  });
});

describe('tags', () => {
  it('are kept on a check, and changing them concerns nobody', async () => {
    const { host, check } = await hostWith({ tags: ['Edge', 'tls'] });
    expect(check.tags).toEqual(['Edge', 'tls']);
    const { rev } = await row(check.id);
    const changed = await api.patch(`/hosts/${host.id}`, { checks: [{ id: check.id, tags: [] }] });
    expect(changed.body.host.checks[0].tags).toEqual([]);
    expect(await row(check.id)).toMatchObject({ rev });
  });
});

describe('the fields of an HTTP check', () => {
  const refused = async (fields: Record<string, unknown>) =>
    errorsOf((await hostWith({ target: 'https://example.test/', ...fields })).answer);

  it.each([
    [
      { jsonMatch: ['$.a == 1', '$.b = 2'] },
      /^checks\[0\]\.jsonMatch\[1\]: "\$\.b = 2", at character 5: "=" is no comparison/,
    ],
    [
      { headerMatch: ['age'] },
      /^checks\[0\]\.headerMatch\[0\]: "age", at character 4: a comparison is missing/,
    ],
    [
      { auth: 'oauth2', clientId: 'x', clientSecret: 'y' },
      /^checks\[0\]\.oauthUrl: is missing; "oauth2" needs it$/,
    ],
    [
      { auth: 'bearer', token: 't', headers: { authorization: 'x' } },
      /^checks\[0\]\.headers: hold Authorization already/,
    ],
    [{ clientCert: '-----BEGIN CERTIFICATE-----' }, /^checks\[0\]\.clientKey: is missing/],
    [{ clientKey: 'nonsense', clientCert: 'secret:cert' }, /^checks\[0\]\.clientKey: must be PEM/],
    [{ bodyType: 'json', body: '{' }, /^checks\[0\]\.body: is not JSON/],
    [{ proxy: 'ftp://x' }, /^checks\[0\]\.proxy: must be like "http:/],
    [{ bodyMatchNot: '(' }, /^checks\[0\]\.bodyMatchNot: is not a valid regular expression$/],
  ])('%o are refused with what is wrong', async (fields, message) => {
    const errors = await refused(fields);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(message);
  });

  it('are stored as they were written, defaults left out', async () => {
    const fields = {
      target: 'https://example.test/',
      query: { a: '1' },
      jsonMatch: ['$.status == "ok"'],
      expiryDegraded: '3d',
      expiryInfo: '30d',
      auth: 'basic',
      username: 'me',
      password: 'secret:pass',
    };
    const { check } = await hostWith(fields);
    expect(check).toMatchObject(fields);
    expect(check).not.toHaveProperty('cookies');
  });
});
