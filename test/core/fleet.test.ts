import { describe, expect, test } from 'vitest';
import { type FleetState, isSilent, silentAfterMs, stepFleet } from '#core/fleet.ts';
import { T0 } from './arbitrary.ts';

const FLUSH_MS = 15_000;

function tick(before: FleetState, posts: Record<number, number>, second: number, deaf = false) {
  const runners = Object.entries(posts).map(([id, at]) => ({
    runnerId: Number(id),
    postedAt: at < 0 ? 0 : T0 + at * 1000,
  }));
  const heard = { judgedAt: T0 + second * 1000, deaf };
  const { fleet, events } = stepFleet(before, runners, heard, FLUSH_MS);
  const isMove = (type: string) => type === 'runner.away' || type === 'runner.returned';
  return {
    fleet,
    events: events.filter(({ type }) => !isMove(type)),
    moves: events.filter(({ type }) => isMove(type)),
  };
}

describe('a runner', () => {
  test('is silent after 90 s without a post, or four flushes when those are longer', () => {
    expect(silentAfterMs(15_000)).toBe(90_000);
    expect(silentAfterMs(60_000)).toBe(240_000);
    expect(isSilent(T0, T0 + 90_000, FLUSH_MS)).toBe(false);
    expect(isSilent(T0, T0 + 90_001, FLUSH_MS)).toBe(true);
  });

  test('that falls silent is told once, and once when it is back', () => {
    const gone = tick({}, { 1: 0, 2: 100 }, 120);
    expect(gone.events).toEqual([
      { type: 'runner.silent', runnerIds: [1], all: false, sinceAt: T0 },
    ]);
    expect(tick(gone.fleet, { 1: 0, 2: 160 }, 180).events).toEqual([]);
    expect(tick(gone.fleet, { 1: 200, 2: 220 }, 240).events).toEqual([
      { type: 'runner.back', runnerIds: [1] },
    ]);
  });

  test('that never posted is not called silent', () => {
    expect(tick({}, { 1: -1, 2: 100 }, 5000).events).toMatchObject([{ runnerIds: [2] }]);
  });

  test('is not called silent by a worker that was deaf', () => {
    expect(tick({}, { 1: 0 }, 5000, true).events).toEqual([]);
  });

  test('that was taken out of the fleet is forgotten', () => {
    const gone = tick({}, { 1: 0, 2: 100 }, 120);
    expect(Object.keys(tick(gone.fleet, { 2: 160 }, 180).fleet)).toEqual(['2']);
  });
});

describe('the checks of a runner', () => {
  test('go to its peers after three flushes without a post, and back when it posts again', () => {
    expect(tick({}, { 1: 0 }, 45).moves).toEqual([]);
    const away = tick({}, { 1: 0 }, 46);
    expect(away.moves).toEqual([{ type: 'runner.away', runnerIds: [1] }]);
    expect(away.events).toEqual([]);
    expect(tick(away.fleet, { 1: 0 }, 60).moves).toEqual([]);
    expect(tick(away.fleet, { 1: 60 }, 61).moves).toEqual([
      { type: 'runner.returned', runnerIds: [1] },
    ]);
  });

  test('stay where they are while the worker is deaf', () => {
    expect(tick({}, { 1: 0 }, 5000, true).moves).toEqual([]);
  });
});

describe('all of them', () => {
  test('silent in the same tick are one event, which says so', () => {
    expect(tick({}, { 1: 0, 2: 10, 3: -1 }, 200).events).toEqual([
      { type: 'runner.silent', runnerIds: [1, 2], all: true, sinceAt: T0 + 10_000 },
    ]);
  });

  test('silent one after the other: the last one makes it all', () => {
    const first = tick({}, { 1: 0, 2: 100 }, 120);
    expect(tick(first.fleet, { 1: 0, 2: 100 }, 240).events).toMatchObject([
      { runnerIds: [2], all: true },
    ]);
  });
});
