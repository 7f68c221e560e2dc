import { beforeEach, describe, expect, it } from 'vitest';
import { type Api, errorsOf, withApi } from '#test/support/api.ts';
import { minutes, statusOf } from '#test/support/beats.ts';
import { type FakeRunner, result } from '#test/support/fakeRunner.ts';
import { flipsOf } from '#test/support/seed.ts';
import { tick } from '#worker/tick/tick.ts';

const api: Api = withApi();
const BAD = { level: 500, rttUs: null, code: 'connect.refused', text: 'refused' };
let home: FakeRunner;

beforeEach(async () => {
  await tick(api.platform);
  home = await api.runnerAt('Home');
});

async function addHost(name: string): Promise<{ hostId: number; checkId: number }> {
  const checks = [{ target: `https://${name}.example/`, failures: 1 }];
  const { body } = await api.post('/hosts', { name, checks });
  return { hostId: body.host.id, checkId: body.host.checks[0].id };
}

async function addGroup(name: string, fields: Record<string, unknown>): Promise<number> {
  const checks = [{ kind: 'group', target: name, ...fields }];
  const answer = await api.post('/hosts', { name, checks });
  expect(errorsOf(answer)).toEqual([]);
  await api.platform.settle();
  return answer.body.host.checks[0].id;
}

/** The runner says so now, and what follows is done. */
async function says(checkId: number, bad = false): Promise<void> {
  api.platform.advance(1000);
  await home.post([result(checkId, api.platform.now(), bad ? BAD : {})]);
  await api.platform.settle();
}

describe('a group of checks', () => {
  it('is as its worst member, follows it in the same request, and says who it is', async () => {
    const [web, mail] = [await addHost('web'), await addHost('mail')];
    const shop = await addGroup('Shop', {
      members: [`host:${web.hostId}`, `check:${mail.checkId}`],
    });
    expect((await statusOf(api, shop)).status).toBe('unknown');
    await says(web.checkId);
    expect((await statusOf(api, shop)).status).toBe('up');
    await says(mail.checkId);
    await says(mail.checkId, true);
    expect(await statusOf(api, shop)).toMatchObject({
      status: 'down',
      level: 500,
      sentence: 'down',
      reason: { code: 'group.members', text: '1 of 2 up; not up: mail' },
    });
    await says(mail.checkId);
    expect(await flipsOf(api.platform, shop)).toBe('unknown→up, up→down, down→up');
  });

  it('that needs one of two is up while one is, and weighs members as it is told', async () => {
    const [one, two] = [await addHost('one'), await addHost('two')];
    const members = [`host:${one.hostId}*3`, `host:${two.hostId}`];
    const any = await addGroup('Any', { members, rule: 'atLeast', needed: 1 });
    const heavy = await addGroup('Heavy', { members, rule: 'atLeast', needed: 3 });
    for (const { checkId } of [one, two]) await says(checkId);
    await says(one.checkId, true);
    expect((await statusOf(api, any)).status).toBe('up');
    expect((await statusOf(api, heavy)).status).toBe('down');
  });

  it('may be a member of another, which follows it', async () => {
    const web = await addHost('web');
    const inner = await addGroup('Inner', { members: [`host:${web.hostId}`] });
    const outer = await addGroup('Outer', { members: [`check:${inner}`], rule: 'best' });
    await says(web.checkId);
    await says(web.checkId, true);
    expect((await statusOf(api, outer)).status).toBe('down');
  });

  it('is unknown again when nobody can tell of its members, and counts none that is paused or gone', async () => {
    const [web, mail] = [await addHost('web'), await addHost('mail')];
    const group = await addGroup('Both', {
      members: [`host:${web.hostId}`, `host:${mail.hostId}`],
    });
    await says(web.checkId);
    await says(mail.checkId);
    await says(web.checkId, true);
    expect((await statusOf(api, group)).status).toBe('down');
    await api.patch(`/hosts/${web.hostId}`, { paused: true });
    await api.platform.settle();
    expect(await statusOf(api, group)).toMatchObject({
      status: 'up',
      reason: { text: '1 of 1 up' },
    });
    await api.delete(`/hosts/${mail.hostId}`);
    await api.platform.settle();
    expect(await statusOf(api, group)).toMatchObject({
      status: 'unknown',
      sentence: 'unknown: nobody can tell',
    });
  });

  it('keeps what it says for as long as nothing changes', async () => {
    const { body } = await api.post('/hosts', { target: 'manual:door' });
    await api.post(`/checks/${body.host.checks[0].id}/status`, { status: 'up' });
    const group = await addGroup('Shop', { members: [`host:${body.host.id}`] });
    await minutes(api, 140, 2);
    expect((await statusOf(api, group)).status).toBe('up');
    expect(await flipsOf(api.platform, group)).toBe('unknown→up');
    expect(await api.count('recent')).toBeGreaterThan(1);
  });

  it('cannot be made of itself, near or far: the way is named', async () => {
    const web = await addHost('web');
    const inner = await addGroup('Inner', { members: [`host:${web.hostId}`] });
    const outer = await addGroup('Outer', { members: [`check:${inner}`] });
    const [innerHost] = await api.rows('select host_id from check_ where id = ?', [inner]);
    const change = (members: string[]) =>
      api.patch(`/hosts/${innerHost?.host_id}`, { checks: [{ id: inner, members }] });
    expect(errorsOf(await change([`check:${outer}`]))).toEqual([
      'checks[0].members[0]: would make it a member of itself: Inner → Outer / Outer → Inner',
    ]);
    expect(errorsOf(await change([`host:${innerHost?.host_id}`]))).toEqual([
      'checks[0].members[0]: would make it a member of itself: Inner → Inner',
    ]);
    expect((await change([`check:${web.checkId}`])).status).toBe(200);
  });

  it('cannot be made of what is not there', async () => {
    const checks = [{ kind: 'group', target: 'x', members: ['check:77', 'host:88', 'web'] }];
    expect(errorsOf(await api.post('/hosts', { name: 'x', checks }))).toEqual([
      'checks[0].members[2]: must be "check:12" or "host:3", with a weight like "host:3*2"',
    ]);
    checks[0]?.members.pop();
    expect(errorsOf(await api.post('/hosts', { name: 'x', checks }))).toEqual([
      'checks[0].members[0]: there is no check 77; "host:…" takes all checks of a host',
      'checks[0].members[1]: there is no host 88 with a check; its id stands in the address of its page',
    ]);
  });
});
