import { describe, expect, it } from 'vitest';
import { errorsOf, withApi } from '#test/support/api.ts';
import type { FakeRunner } from '#test/support/fakeRunner.ts';

const api = withApi();

async function answerAsk(runner: FakeRunner, id: string, measurement: unknown): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify({ measurement }));
  const headers = { 'content-type': 'application/json' };
  const answer = await runner.call('POST', `/api/v1/runner/asks/${id}`, body, { headers });
  expect(answer.ok).toBe(true);
}

const refused = {
  level: 500,
  rttUs: null,
  code: 'connect.refused',
  text: 'ECONNREFUSED 127.0.0.1:9999',
};

describe('trying a check that is not saved', () => {
  it('goes from waiting to taken to answered', async () => {
    const desk = await api.runnerAt('local', 'desk');
    const { status, body } = await api.post('/tries', {
      target: 'http://127.0.0.1:9999/',
      timeout: '3s',
    });
    expect(status).toBe(202);
    expect(body).toMatchObject({ runner: 'desk' });
    const path = `/tries/${body.askId}`;
    expect((await api.get(path)).body).toMatchObject({ state: 'waiting', status: null });

    const answer = (await (await desk.post([])).json()) as { asks: unknown };
    expect(answer.asks).toEqual([
      expect.objectContaining({
        id: body.askId,
        type: 'try',
        config: { kind: 'http', target: 'http://127.0.0.1:9999/' },
        timeoutMs: 3000,
      }),
    ]);
    expect((await api.get(path)).body).toMatchObject({ state: 'taken', words: 'desk is probing' });

    await answerAsk(desk, body.askId, refused);
    expect((await api.get(path)).body).toMatchObject({
      state: 'answered',
      status: 'down',
      words: 'down: connection refused (ECONNREFUSED 127.0.0.1:9999)',
      measurement: refused,
      pollAfterMs: null,
    });
  });

  it('says what the runner could not do, and how to mend it', async () => {
    const desk = await api.runnerAt('local', 'desk');
    const { body } = await api.post('/tries', { target: 'example.org' });
    await desk.post([]);
    const measurement = { level: null, rttUs: null, code: 'unable.icmp', text: '' };
    await answerAsk(desk, body.askId, measurement);
    const { words, status } = (await api.get(`/tries/${body.askId}`)).body;
    expect(status).toBe('unknown');
    expect(words).toMatch(/may not send ICMP\. Set net\.ipv4\.ping_group_range/);
  });

  it('expires when the runner does not come', async () => {
    await api.runnerAt('local', 'desk');
    const { body } = await api.post('/tries', { target: 'example.org', timeout: '5s' });
    api.platform.advance(65_001);
    expect((await api.get(`/tries/${body.askId}`)).body).toMatchObject({
      state: 'expired',
      words: 'desk did not answer in time; is it running?',
    });
  });

  it('goes to the runner that is named, or to one in the location that is', async () => {
    await api.runnerAt('local', 'here');
    await api.runnerAt('Office', 'desk');
    const named = await api.post('/tries', { target: 'example.org', runner: 'desk' });
    expect(named.body.runner).toBe('desk');
    const placed = await api.post('/tries', { target: 'example.org', locations: ['Office'] });
    expect(placed.body.runner).toBe('desk');
    expect((await api.post('/tries', { target: 'example.org' })).body.runner).toBe('here');
  });

  it('needs a runner, and a check that can be read', async () => {
    const before = await api.tally();
    expect(errorsOf(await api.post('/tries', { target: 'example.org' }))).toEqual([
      'runner: is needed: no runner that could try this is active',
    ]);
    await api.runnerAt('local', 'here');
    expect(errorsOf(await api.post('/tries', { target: 'example.org', count: 0 }))).toEqual([
      'count: is 0; it must be at least 1',
    ]);
    expect(await api.count('ask')).toBe(0);
    expect(before).toContain('ask 0');
  });

  it('is refused when a runner has twenty waiting', async () => {
    await api.runnerAt('local', 'here');
    for (let i = 0; i < 20; i++) await api.post('/tries', { target: 'example.org' });
    const answer = await api.post('/tries', { target: 'example.org' });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('10');
  });
});
