import { beforeEach, describe, expect, it } from 'vitest';
import { type Api, errorsOf, withApi } from '#test/support/api.ts';
import { addHeartbeat, minutes, statusOf } from '#test/support/beats.ts';
import { flipsOf } from '#test/support/seed.ts';
import { tick } from '#worker/tick/tick.ts';

const api: Api = withApi();
let id: number;

beforeEach(async () => {
  await tick(api.platform);
  const { body } = await api.post('/hosts', { target: 'manual:front door' });
  id = body.host.checks[0].id;
});

describe('a check that is set by hand', () => {
  it('is unknown until somebody sets it, then what they set, with their note', async () => {
    expect((await statusOf(api, id)).status).toBe('unknown');
    const answer = await api.post(`/checks/${id}/status`, { status: 'down', note: 'lock broken' });
    expect(answer.status).toBe(204);
    expect(await statusOf(api, id)).toMatchObject({
      status: 'down',
      reason: { code: 'manual.set', text: 'lock broken' },
    });
    api.platform.advance(1000);
    await api.post(`/checks/${id}/status`, { status: 'down', note: 'locksmith called' });
    expect((await statusOf(api, id)).reason.text).toBe('locksmith called');
    api.platform.advance(1000);
    await api.post(`/checks/${id}/status`, { status: 'up' });
    expect(await flipsOf(api.platform, id)).toBe('unknown→down, down→up');
    const [audit] = await api.rows(`select after from audit where action = 'check.setStatus'`);
    expect(JSON.parse(String(audit?.after))).toEqual({ status: 'down', note: 'lock broken' });
  });

  it('stays so through a change of its name and for weeks', async () => {
    await api.post(`/checks/${id}/status`, { status: 'degraded' });
    const [row] = await api.rows('select host_id from check_');
    await api.patch(`/hosts/${row?.host_id}`, { checks: [{ id, target: 'manual:back door' }] });
    for (let week = 0; week < 5; week++) {
      api.platform.advance(7 * 86_400_000);
      await tick(api.platform);
      await minutes(api, 3);
    }
    expect((await statusOf(api, id)).status).toBe('degraded');
  });

  it('is not set by who may only read, nor can other checks be set', async () => {
    const token = await api.token('read');
    expect((await api.post(`/checks/${id}/status`, { status: 'up' }, { token })).status).toBe(403);
    const { checkId } = await addHeartbeat(api);
    const refused = await api.post(`/checks/${checkId}/status`, { status: 'up' });
    expect(refused.body.detail).toBe(`Check ${checkId} is not set by hand: it is heartbeat.`);
    const wrong = await api.post(`/checks/${id}/status`, { status: 'fine' });
    expect(errorsOf(wrong)).toEqual([
      'status: is "fine"; it must be one of "up", "degraded", "down"',
    ]);
  });
});
