import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { signedIn, Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';

let platform: TestPlatform;
let anyone: Visitor;

beforeEach(async () => {
  platform = await testPlatform({ runtime: 'standalone', flushMs: 1000 });
  anyone = new Visitor(platform);
});

afterEach(async () => {
  await platform.settle();
  platform.close();
});

async function runnerIn(location: string): Promise<FakeRunner> {
  const ask = (path: string, init?: RequestInit) =>
    Promise.resolve(app.request(path, init, platform));
  const code = await makeJoinCode(platform, { location });
  return FakeRunner.enrol(ask, { code, name: location, now: platform.now });
}

const REFUSED = {
  level: 500,
  rttUs: null,
  code: 'connect.refused',
  text: 'connection refused by 192.0.2.80:443',
};

describe('the public pages', () => {
  it('say what to do on a fresh start', async () => {
    const { status, text } = await anyone.get('/');
    expect(status).toBe(200);
    expect(text).toContain('Nothing is watched yet');
    expect(text).toContain('Sign in to add the first host');
  });

  it('show who sees a host, without addresses to those who are not signed in', async () => {
    const home = await runnerIn('Home');
    const office = await runnerIn('Office');
    const [checkId = 0] = await seedChecks(platform, {
      host: 'Shop',
      target: 'https://shop.internal.example/',
    });
    for (let i = 0; i < 3; i++) {
      platform.advance(2000);
      await home.post([result(checkId, platform.now(), { rttUs: 41_000 })]);
      await office.post([result(checkId, platform.now(), REFUSED)]);
    }
    const page = await anyone.get('/');
    expect(page.text).toContain('The host is up');
    expect(page.text).toContain('up, but not from Office (connection refused)');
    expect(page.text).toContain('41 ms');
    const one = await anyone.get('/hosts/1');
    expect(one.text).toContain('Up, but not from Office (connection refused).');
    for (const { html } of [page, one]) {
      expect(html).not.toContain('192.0.2.80');
      expect(html).not.toContain('shop.internal.example');
    }
  });

  it('list an outage in the history, and how long it has lasted', async () => {
    const home = await runnerIn('Home');
    const [checkId = 0] = await seedChecks(platform, { host: 'Shop' });
    for (let i = 0; i < 4; i++) {
      platform.advance(2000);
      await home.post([result(checkId, platform.now(), REFUSED)]);
    }
    platform.advance(90_000);
    const { text } = await anyone.get('/history');
    expect(text).toMatch(/Shop down for 1 min \d+ s still open/);
    expect(text).toContain('connection refused');
    expect(text).not.toContain('192.0.2.80');
  });

  it('are whole pages: language, title, one heading, a main part and a way to skip to it', async () => {
    await seedChecks(platform, { host: 'Shop' });
    for (const path of ['/', '/hosts/1', '/history', '/sign-in']) {
      const { html, status } = await anyone.get(path);
      expect(status, path).toBe(200);
      expect(html, path).toMatch(/^<!DOCTYPE html><html lang="en">/);
      expect(html, path).toMatch(/<title>[^<]+<\/title>/);
      expect([...html.matchAll(/<h1[ >]/g)], path).toHaveLength(1);
      expect(html, path).toContain('<main id="main"');
      expect(html, path).toContain('href="#main"');
      expect(html, path).not.toMatch(/<script(?![^>]* src=)|\sstyle=|\son[a-z]+="/);
    }
  });

  it('answer 404 for a host that does not exist', async () => {
    expect((await anyone.get('/hosts/77')).status).toBe(404);
  });

  it('may be kept for a moment by caches at the edge, but never for the signed-in', async () => {
    const edge = await testPlatform({ runtime: 'edge' });
    const page = await new Visitor(edge).get('/');
    expect(page.headers.get('cache-control')).toContain('stale-if-error');
    expect(page.html).toContain('data-refresh="120"');
    edge.close();
    const owner = await signedIn(platform);
    expect((await owner.get('/')).headers.get('cache-control')).toBe('private, no-store');
  });
});
