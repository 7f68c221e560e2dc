import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode } from '#test/support/fakeRunner.ts';
import { signedIn, type Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';

let platform: TestPlatform;
let owner: Visitor;

beforeEach(async () => {
  platform = await testPlatform({ runtime: 'standalone', flushMs: 1000 });
  owner = await signedIn(platform);
});

afterEach(async () => {
  await platform.settle();
  platform.close();
});

function runnerIn(location: string): Promise<FakeRunner> {
  const ask = (path: string, init?: RequestInit) =>
    Promise.resolve(app.request(path, init, platform));
  return makeJoinCode(platform, { location }).then((code) =>
    FakeRunner.enrol(ask, { code, name: `${location}-1`, now: platform.now }),
  );
}

describe('adding a host', () => {
  it('takes an address alone and infers the rest', async () => {
    const page = await owner.postAndFollow('/admin/hosts', {
      target: 'https://example.org/',
      name: '',
      group: '',
    });
    expect(page.text).toContain('The host is saved.');
    expect(page.text).toContain('example.org HTTP(S) · https://example.org/');
  });

  it('shows the form again with what was typed and what is wrong', async () => {
    const page = await owner.post('/admin/hosts', {
      target: 'not an address',
      name: 'Shop',
      group: 'Web',
    });
    expect(page.status).toBe(400);
    expect(page.html).toContain('value="not an address"');
    expect(page.html).toContain('value="Shop"');
    expect(page.html).toContain('value="Web"');
    expect(page.html).toMatch(
      /id="f-target"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="f-target"/,
    );
    expect(page.text).toContain('"not an address" cannot be read; write an address like');
  });

  it('finds hosts by words in their names, addresses, tags and those of their checks', async () => {
    for (const name of ['shop', 'mail', 'wiki']) {
      await owner.postAndFollow('/admin/hosts', { target: `${name}.example`, name, group: 'Web' });
    }
    await owner.postAndFollow('/admin/hosts/2', { name: 'mail', group: 'Web', tags: 'Paid' });
    await owner.postAndFollow('/admin/hosts/3/checks/3', {
      kind: 'icmp',
      target: 'wiki.example',
      policy: 'any',
      where: 'all',
      tags: 'paid, internal',
    });
    const named = async (q: string) => {
      const { html } = await owner.get(`/admin/hosts?q=${encodeURIComponent(q)}`);
      return [...html.matchAll(/data-name="([^"]*)"/g)].map(([, name]) => name);
    };
    expect(await named('SHOP.ex')).toEqual(['shop']);
    expect(await named('paid')).toEqual(['mail', 'wiki']);
    expect(await named('paid ping internal')).toEqual(['wiki']);
    expect(await named('nowhere')).toEqual([]);
    expect(await named(' ')).toEqual(['mail', 'shop', 'wiki']);
  });

  it('shows a hostile name as text', async () => {
    const page = await owner.postAndFollow('/admin/hosts', {
      target: 'example.org',
      name: '<script>alert(1)</script>',
      group: '"><img src=x>',
    });
    expect(page.html).not.toMatch(/<script>alert|<img src=x/);
    expect(page.text).toContain('<script>alert(1)</script>');
  });
});

describe('trying before saving', () => {
  it('waits on a page that reloads itself, then shows the result with Save beside it', async () => {
    const runner = await runnerIn('Home');
    const target = 'http://127.0.0.1:9999/';
    const asked = await owner.post('/admin/tries', { target, name: 'Local', group: 'Dev' });
    expect(asked.status).toBe(303);
    const path = asked.location ?? '';
    const waiting = await owner.get(path);
    expect(waiting.html).toMatch(/<noscript><meta http-equiv="refresh" content="1"\/><\/noscript>/);
    expect(waiting.text).toContain('Asking Home-1');

    const { asks } = (await (await runner.post([])).json()) as { asks: Array<{ id: string }> };
    const measurement = {
      level: 500,
      rttUs: null,
      code: 'connect.refused',
      text: 'connection refused by 127.0.0.1:9999',
      phases: { connectUs: 800 },
    };
    await runner.call(
      'POST',
      `/api/v1/runner/asks/${asks[0]?.id}`,
      new TextEncoder().encode(JSON.stringify({ measurement })),
      { headers: { 'content-type': 'application/json' } },
    );

    const { html, text } = await owner.get(path);
    expect(html).not.toContain('http-equiv="refresh"');
    expect(text).toContain('Down from Home-1');
    expect(text).toContain('Connection refused by 127.0.0.1:9999');
    expect(text).toContain('Nothing listens on that port');
    expect(text).toContain('Connect 0.80 ms');
    expect(html).toMatch(/value="Local"/);
    const saved = await owner.postAndFollow('/admin/hosts', {
      target,
      name: 'Local',
      group: 'Dev',
    });
    expect(saved.text).toContain('Local HTTP(S) · http://127.0.0.1:9999/');
  });

  it('says at the field why nothing can be tried', async () => {
    await runnerIn('Home');
    const page = await owner.post('/admin/tries', { target: '???', name: '', group: '' });
    expect(page.status).toBe(400);
    expect(page.text).toContain('"???" cannot be read');
  });

  it('says so when no runner is there to try it', async () => {
    const page = await owner.post('/admin/tries', {
      target: 'https://example.org/',
      name: '',
      group: '',
    });
    expect(page.status).toBe(400);
    expect(page.text).toContain('no runner that could try this is active');
  });
});

describe('editing a host', () => {
  const check = {
    kind: 'http',
    target: 'https://example.org/',
    method: 'HEAD',
    headers: 'Accept: text/plain\r\nX-Team: ops',
    expectStatus: '200',
    followRedirects: '0',
    verifyTls: 'yes',
    interval: '30s',
    timeout: '5s',
    retryAfter: '2s',
    failures: '3',
    successes: '1',
    policy: 'any',
    where: 'all',
  };

  beforeEach(async () => {
    await owner.post('/admin/hosts', { target: 'https://example.org/', name: 'Shop', group: '' });
  });

  it('renames, groups, pauses, resumes and deletes', async () => {
    const renamed = await owner.postAndFollow('/admin/hosts/1', { name: 'Store', group: 'Web' });
    expect(renamed.text).toContain('Store');
    const paused = await owner.postAndFollow('/admin/hosts/1/pause', { paused: 'yes' });
    expect(paused.text).toContain('Paused');
    const resumed = await owner.postAndFollow('/admin/hosts/1/pause', { paused: '' });
    expect(resumed.text).toContain('The host is watched again.');
    const gone = await owner.postAndFollow('/admin/hosts/1/delete');
    expect(gone.text).toContain('Add the first host');
  });

  it('keeps every setting of a check that the form shows', async () => {
    await owner.postAndFollow('/admin/hosts/1/checks/1', check);
    const { html } = await owner.get('/admin/hosts/1/checks/1');
    expect(html).toMatch(/<option value="HEAD" selected/);
    expect(html).toContain('Accept: text/plain\nX-Team: ops</textarea>');
    expect(html).toMatch(/name="expectStatus"[^>]*value="200"/);
    expect(html).toMatch(/name="followRedirects"[^>]*value="0"/);
    expect(html).toMatch(/name="interval"[^>]*value="30s"/);
    expect(html).toMatch(/name="failures"[^>]*value="3"/);
  });

  it('takes an unticked box and an emptied field for what they say', async () => {
    await owner.postAndFollow('/admin/hosts/1/checks/1', { ...check, degradedAfter: '1s' });
    const { verifyTls: _, ...unticked } = check;
    await owner.postAndFollow('/admin/hosts/1/checks/1', {
      ...unticked,
      degradedAfter: '',
      expectStatus: '',
    });
    const { html } = await owner.get('/admin/hosts/1/checks/1');
    expect(html).not.toMatch(/name="verifyTls"[^>]*checked/);
    expect(html).toMatch(/name="degradedAfter"[^>]*value=""/);
    expect(html).toMatch(/name="expectStatus"[^>]*value="200-399"/);
  });

  it('tells each refused field in the form, which stays as typed', async () => {
    const page = await owner.post('/admin/hosts/1/checks/1', {
      ...check,
      interval: '5 parsecs',
      expectStatus: 'fine',
      headers: 'no colon here',
    });
    expect(page.status).toBe(400);
    expect(page.text).toContain('"5 parsecs" is not a duration');
    expect(page.text).toContain('Expected status must be statuses and ranges');
    expect(page.text).toContain('3 fields are not right');
    expect(page.html).toContain('value="5 parsecs"');
    expect(page.html).toContain('no colon here</textarea>');
    expect(page.html).toMatch(/<details class="fieldset" open[^>]*><summary>How often/);
  });

  it('adds a second check and deletes it again', async () => {
    const added = await owner.postAndFollow('/admin/hosts/1/checks/new', {
      kind: 'tcp',
      target: 'example.org:443',
      name: 'Port',
      policy: 'any',
      where: 'all',
    });
    expect(added.text).toContain('Port');
    const removed = await owner.postAndFollow('/admin/hosts/1/checks/2/delete');
    expect(removed.text).toContain('The check is deleted.');
    expect(removed.text).not.toContain('example.org:443');
  });

  it('lets locations be chosen and one of them be required', async () => {
    await runnerIn('Home');
    await runnerIn('Office');
    await owner.postAndFollow('/admin/hosts/1/checks/1', {
      ...check,
      where: 'some',
      locations: ['Home', 'Office'],
      policy: 'required',
      required: 'Home',
    });
    const { html } = await owner.get('/admin/hosts/1/checks/1');
    expect(html).toMatch(/name="where" value="some" checked/);
    expect(html).toMatch(/name="locations" value="Office" checked/);
    expect(html).toMatch(/name="required" value="Home" checked/);
    expect(html).not.toMatch(/name="required" value="Office" checked/);
  });

  it('warns that a loopback target is a different machine in each location', async () => {
    await runnerIn('Home');
    await runnerIn('Office');
    const page = await owner.postAndFollow('/admin/hosts/1/checks/1', {
      ...check,
      target: 'http://127.0.0.1/',
      where: 'some',
      locations: ['Home', 'Office'],
    });
    expect(page.text).toContain('so each location looks at a different one');
  });
});
