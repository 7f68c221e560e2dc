// Tags: words to find hosts by, and places that checks name by what they bear.
import { describe, expect, it } from 'vitest';
import { errorsOf, withApi } from '#test/support/api.ts';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { signedIn } from '#test/support/pages.ts';
import { heldStatus } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';

const api = withApi();

const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, api.platform));

async function runnerAt(location: string): Promise<FakeRunner> {
  const code = await makeJoinCode(api.platform, { location });
  return FakeRunner.enrol(ask, { code, now: api.platform.now, name: location });
}

async function tag(location: string, tags: string[]): Promise<void> {
  const { body } = await api.get('/locations');
  const { id } = body.locations.find(({ name }: { name: string }) => name === location);
  expect((await api.patch(`/locations/${id}`, { tags })).status).toBe(200);
}

const targets = async (runner: FakeRunner) => {
  return (await runner.assignments()).checks.map(({ config }) => config.target);
};

describe('tags of a host', () => {
  it('are kept, each once, and changed', async () => {
    const made = await api.post('/hosts', { target: 'example.org', tags: ['eu', ' shop ', 'eu'] });
    expect(made.body.host.tags).toEqual(['eu', 'shop']);
    const { id } = made.body.host;
    await api.patch(`/hosts/${id}`, { group: 'Web' });
    expect((await api.get(`/hosts/${id}`)).body.tags).toEqual(['eu', 'shop']);
    await api.patch(`/hosts/${id}`, { tags: [] });
    expect((await api.get(`/hosts/${id}`)).body.tags).toEqual([]);
  });

  it('may not hold commas, which part them in the form', async () => {
    const answer = await api.post('/hosts', { target: 'example.org', tags: ['a,b'] });
    expect(errorsOf(answer)).toEqual(['tags[0]: may not hold commas or control characters']);
  });
});

describe('a check that names places by a tag', () => {
  it('is watched from the locations that bear it, and follows when they change', async () => {
    const home = await runnerAt('Home');
    const office = await runnerAt('Office');
    const made = await api.post('/hosts', {
      name: 'Shop',
      checks: [{ target: 'shop.example.org:443', locations: { tags: ['eu'] } }],
    });
    expect(made.body.warnings).toEqual([
      'No location bears one of these tags yet, so nobody looks at it.',
    ]);
    expect(made.body.host.checks[0].locations).toEqual({ tags: ['eu'] });
    expect([await targets(home), await targets(office)]).toEqual([[], []]);

    await tag('Office', ['eu', 'de']);
    expect([await targets(home), await targets(office)]).toEqual([[], ['shop.example.org:443']]);
    const checkId = made.body.host.checks[0].id;
    await home.post([result(checkId, api.platform.now())]);
    expect(await heldStatus(api.platform, checkId)).toBe('unknown');
    await office.post([result(checkId, api.platform.now())]);
    expect(await heldStatus(api.platform, checkId)).toBe('up');

    await tag('Home', ['eu']);
    await tag('Office', []);
    expect([await targets(home), await targets(office)]).toEqual([['shop.example.org:443'], []]);
  });

  it('is set up in the form, and keeps its tags when the form is saved again', async () => {
    await runnerAt('Home');
    const owner = await signedIn(api.platform);
    await owner.postAndFollow('/admin/locations/1/tags', { tags: 'eu, attic' });
    expect((await owner.get('/admin/runners')).html).toContain('value="eu, attic"');
    await api.post('/hosts', { target: 'shop.example.org:443' });
    const form = {
      target: 'shop.example.org:443',
      interval: '60s',
      where: 'tags',
      placeTags: 'eu',
    };
    await owner.postAndFollow('/admin/hosts/1/checks/1', { ...form, kind: 'tcp' });
    const { html } = await owner.get('/admin/hosts/1/checks/1');
    expect(html).toMatch(/value="tags" checked/);
    expect(html).toContain('value="eu"');
    expect((await api.get('/hosts/1')).body.checks[0].locations).toEqual({ tags: ['eu'] });
  });

  it('needs one tag at least', async () => {
    const checks = [{ target: 'shop.example.org:443', locations: { tags: [] } }];
    const [error] = errorsOf(await api.post('/hosts', { name: 'Shop', checks }));
    expect(error).toBe('checks[0].locations.tags: is empty; name one tag at least');
  });
});
