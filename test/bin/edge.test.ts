import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Child, startNode } from '#test/support/children.ts';
import { type Shown, samplesAreGreen } from '#test/support/samples.ts';
import { until } from '#test/support/until.ts';

describe('npm run edge', () => {
  let folder: string;
  let edge: Child;
  let url: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'anyup-edge-'));
    edge = startNode('bin/edge.ts', { PORT: '0', ANYUP_DATA: folder });
    [, url = ''] = await edge.says(/Status page\s+(\S+)\//, 120_000);
    await edge.says(/^ready/m, 60_000);
  }, 200_000);
  afterAll(async () => {
    await edge?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is the same Anyup in workerd, green by itself, its cron struck', async () => {
    const look = async () => (await fetch(`${url}/api/v1/status`)).json() as Promise<Shown>;
    await until(look, samplesAreGreen, 90_000);
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ tick: 'ok' });
    expect((await fetch(`${url}/`)).headers.get('content-type')).toMatch(/^text\/html/);
  }, 120_000);

  it('lets its printed link sign in', async () => {
    const [, link = ''] = /Sign in once\s+\S+#(\S+)/.exec(edge.said()) ?? [];
    const body = new URLSearchParams({ link });
    const headers = { origin: url };
    const answer = await fetch(`${url}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body,
    });
    expect(answer.status).toBe(303);
  });

  it('hands the secrets over in a file of its owner alone', () => {
    expect(statSync(join(folder, 'edge/worker.env')).mode & 0o777).toBe(0o600);
  });

  it('stops with all it started', async () => {
    expect(await edge.stop('SIGINT')).toBe(0);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});
