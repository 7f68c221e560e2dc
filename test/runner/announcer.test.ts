import { beforeEach, describe, expect, it } from 'vitest';
import type { AnnouncedCheck, HostReply, HostRequest } from '#core/wire/host.ts';
import { Announcer, type Look } from '#runner/announcer.ts';
import type { Outcome } from '#runner/client.ts';
import { VirtualWorld } from '#test/support/virtualRunner.ts';

let world: VirtualWorld;
let told: string[];
let answer: Outcome<HostReply>;
const well: Outcome<HostReply> = {
  type: 'ok',
  answer: { hostId: 1, made: 1, changed: 0, removed: 0 },
};

beforeEach(() => {
  world = new VirtualWorld();
  told = [];
  answer = well;
});

const check = (key: string): AnnouncedCheck => ({
  key,
  name: key,
  config: { kind: 'script', target: `script:60/${key}` },
  interval: '60s',
});

async function start(look: Look | null): Promise<Announcer> {
  const client = {
    announce: async ({ checks }: HostRequest) => {
      told.push(checks.map(({ key }) => key).join('+'));
      return answer;
    },
  };
  const announcer = new Announcer({ platform: world.platform(), client, name: 'web-1', look });
  await announcer.start();
  return announcer;
}

describe('what there is on a machine', () => {
  it('is told once, and again when it changes', async () => {
    let there = ['disk'];
    await start(async () => there.map(check));
    await world.advance(60_000);
    expect(told).toEqual(['disk']);
    there = ['disk', 'load'];
    await world.advance(60_000);
    expect(told).toEqual(['disk', 'disk+load']);
  });

  it('stays as it was told while it cannot be looked at', async () => {
    let there: string[] | null = ['disk'];
    await start(async () => there?.map(check) ?? null);
    await world.advance(10_000);
    there = null;
    await world.advance(60_000);
    expect(told).toEqual(['disk']);
  });

  it('is told until the worker takes it, and its refusal is said once', async () => {
    answer = { type: 'later', why: 'no answer', afterMs: 0 };
    await start(async () => [check('disk')]);
    await world.advance(100_000);
    expect(told.length).toBeGreaterThan(2);
    expect(world.logs).toEqual(['warn: the worker does not know of this machine yet: no answer']);
    answer = well;
    await world.advance(60_000);
    const count = told.length;
    await world.advance(60_000);
    expect(told).toHaveLength(count);
  });

  it('is told to be nothing, once, by a runner that is started without it afterwards', async () => {
    const before = await start(async () => [check('disk')]);
    await world.advance(10_000);
    before.stop();
    await start(null);
    await world.advance(60_000);
    expect(told).toEqual(['disk', '']);
    await start(null);
    await world.advance(60_000);
    expect(told).toEqual(['disk', '']);
  });
});
