// Runners that join without a code, and keys that are replaced.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode, makeRunnerKey, result } from '#test/support/fakeRunner.ts';
import { signedIn, type Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { heldStatus, seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';

let platform: TestPlatform;
let owner: Visitor;
const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, platform));

beforeEach(async () => {
  platform = await testPlatform();
  owner = await signedIn(platform);
});
afterEach(async () => {
  await platform.settle().catch(() => undefined);
  platform.close();
});

const join = (name: string, location?: string) =>
  FakeRunner.enrol(ask, { name, now: platform.now, ...(location !== undefined && { location }) });

describe('a runner without a code', () => {
  it('is sent away while joining takes a code', async () => {
    await expect(join('stray')).rejects.toThrow(/403.*need a join code/);
  });

  it('waits for approval where it may ask: no work, no vote, until it is given a place', async () => {
    await owner.postAndFollow('/admin/runners/policy', { joinPolicy: 'ask' });
    const runner = await join('attic-1', 'Attic');
    const [id = 0] = await seedChecks(platform);
    const refused = await runner.post([result(id, platform.now())]);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: 'runner_disabled' });
    const { text, html } = await owner.get('/admin/runners');
    expect(text).toContain('Waits for approval');
    expect(html).toContain('value="Attic"');
    await owner.postAndFollow(`/admin/runners/${runner.id}/approve`, { location: 'Attic' });
    expect((await runner.assignments()).checks).toHaveLength(1);
    expect((await runner.post([result(id, platform.now())])).status).toBe(200);
    expect(await heldStatus(platform, id)).toBe('up');
  });

  it('joins at once where all may, and has no vote before it has a place', async () => {
    await owner.postAndFollow('/admin/runners/policy', { joinPolicy: 'auto' });
    const runner = await join('attic-1', 'Attic');
    const [id = 0] = await seedChecks(platform);
    expect((await runner.assignments()).checks).toEqual([]);
    const posted = await runner.post([result(id, platform.now())]);
    expect(await posted.json()).toMatchObject({ dropped: 1 });
    expect((await owner.get('/admin/runners')).text).toContain('Has no location yet');
    await owner.postAndFollow(`/admin/runners/${runner.id}`, {
      name: 'attic-1',
      location: 'Attic',
    });
    expect((await runner.assignments()).checks).toHaveLength(1);
  });

  it('finds the queue closed behind twenty others, and is asked to come again', async () => {
    await owner.postAndFollow('/admin/runners/policy', { joinPolicy: 'ask' });
    for (let n = 0; n < 20; n++) await join(`stray-${n}`);
    await expect(join('stray-20')).rejects.toThrow(/429.*20 runners wait/);
    await owner.postAndFollow('/admin/runners/1/revoke');
    await expect(join('stray-20')).resolves.toMatchObject({ name: 'stray-20' });
  });
});

describe('a runner that takes a new key', () => {
  async function rotated() {
    const code = await makeJoinCode(platform, { location: 'Home' });
    const runner = await FakeRunner.enrol(ask, { code, now: platform.now, name: 'home-1' });
    const next = await makeRunnerKey();
    const body = JSON.stringify({ publicKey: { kty: 'OKP', crv: 'Ed25519', x: next.x } });
    const rotate = (by: FakeRunner) =>
      by.call('POST', '/api/v1/runner/rotate', new TextEncoder().encode(body));
    const successor = runner.withKey(next);
    return { runner, successor, rotate };
  }

  it('is the same runner; the old key opens nothing from that moment', async () => {
    const { runner, successor, rotate } = await rotated();
    const [id = 0] = await seedChecks(platform);
    await runner.post([result(id, platform.now())]);
    expect((await rotate(runner)).status).toBe(200);
    const late = await runner.post([result(id, platform.now() + 1000)]);
    expect(await late.json()).toMatchObject({ code: 'bad_token' });
    // The results of the batch that was refused go on under the same numbers, signed anew.
    const again = await successor.post([result(id, platform.now() + 1000)], { seq: 2 });
    expect(again.status).toBe(200);
    expect((await owner.get('/admin/settings')).text).toContain('runner.rotateKey');
  });

  it('may repeat the call, with the new key when the answer was lost', async () => {
    const { runner, successor, rotate } = await rotated();
    expect((await rotate(runner)).status).toBe(200);
    expect((await rotate(successor)).status).toBe(200);
    expect((await rotate(runner)).status).toBe(401);
  });

  it('may not take the key of another', async () => {
    const { runner } = await rotated();
    const code = await makeJoinCode(platform, { location: 'Office' });
    const other = await FakeRunner.enrol(ask, { code, now: platform.now, name: 'office-1' });
    const body = JSON.stringify({ publicKey: { kty: 'OKP', crv: 'Ed25519', x: other.key.x } });
    const answer = await runner.call(
      'POST',
      '/api/v1/runner/rotate',
      new TextEncoder().encode(body),
    );
    expect(answer.status).toBe(400);
  });
});
