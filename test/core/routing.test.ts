import { describe, expect, test } from 'vitest';
import type { KnownStatus } from '#core/level.ts';
import { channelsFor, type Rule, routeNotice } from '#core/routing.ts';
import { checkNotice, disputedNotice, fleetNotice, testNotice } from './notices.ts';

const rule = (more: Partial<Rule> = {}): Rule => ({
  channelId: 1,
  match: {},
  from: 'down',
  fleet: true,
  ...more,
});

const reasonOf = (notice: Parameters<typeof routeNotice>[0], more: Partial<Rule> = {}) =>
  routeNotice(notice, [rule(more)])[0]?.reason;

describe('a check that changed reaches', () => {
  test.each<[KnownStatus | null, KnownStatus, Rule['from'], string]>([
    [null, 'down', 'down', 'matched'],
    [null, 'degraded', 'down', 'below_level'],
    [null, 'degraded', 'degraded', 'matched'],
    ['up', 'down', 'down', 'matched'],
    ['up', 'down', 'degraded', 'matched'],
    ['up', 'degraded', 'down', 'below_level'],
    ['up', 'degraded', 'degraded', 'matched'],
    ['degraded', 'down', 'down', 'matched'],
    ['degraded', 'down', 'degraded', 'matched'],
    ['down', 'degraded', 'down', 'matched'],
    ['down', 'degraded', 'degraded', 'matched'],
    ['down', 'up', 'down', 'matched'],
    ['down', 'up', 'degraded', 'matched'],
    ['degraded', 'up', 'down', 'below_level'],
    ['degraded', 'up', 'degraded', 'matched'],
  ])('from %s to %s, a rule from "%s": %s', (from, to, least, reason) => {
    expect(reasonOf(checkNotice({ from, to }), { from: least })).toBe(reason);
  });

  test('those who were told of the outage, though it was only degraded at the end', () => {
    const notice = checkNotice({ from: 'degraded', to: 'up', worst: 'down' });
    expect(reasonOf(notice, { from: 'down' })).toBe('matched');
    expect(reasonOf(notice, { from: 'degraded' })).toBe('matched');
  });

  test('a rule that names its group or its host, and says why another does not', () => {
    const notice = checkNotice();
    expect(reasonOf(notice, { match: { groups: ['web', 'mail'] } })).toBe('matched');
    expect(reasonOf(notice, { match: { groups: ['mail'] } })).toBe('other_group');
    expect(reasonOf(notice, { match: { hosts: [7] } })).toBe('matched');
    expect(reasonOf(notice, { match: { hosts: [8] } })).toBe('other_host');
    expect(reasonOf(notice, { match: { groups: ['mail'], hosts: [7] } })).toBe('matched');
    expect(reasonOf(notice, { match: { groups: ['mail'], hosts: [8] } })).toBe('other_host');
    expect(reasonOf(notice, { match: { groups: [], hosts: [] } })).toBe('matched');
  });
});

test('a dispute reaches whoever is told of that host at all', () => {
  expect(reasonOf(disputedNotice(), { from: 'down' })).toBe('matched');
  expect(reasonOf(disputedNotice(), { from: 'degraded' })).toBe('matched');
  expect(reasonOf(disputedNotice(), { match: { hosts: [8] } })).toBe('other_host');
});

test('news about runners reach the rules that want them, whatever hosts they name', () => {
  expect(reasonOf(fleetNotice(), { match: { hosts: [8] } })).toBe('matched');
  expect(reasonOf(fleetNotice(), { fleet: false })).toBe('fleet_off');
});

test('a test message is never routed by rules', () => {
  expect(reasonOf(testNotice)).toBe('by_hand');
});

test('every rule gets its reason, and a channel with several rules is owed one message', () => {
  const rules = [
    rule({ channelId: 1, from: 'degraded' }),
    rule({ channelId: 1, match: { hosts: [7] } }),
    rule({ channelId: 2, match: { groups: ['mail'] } }),
    rule({ channelId: 3 }),
  ];
  expect(routeNotice(checkNotice(), rules)).toEqual([
    { channelId: 1, reason: 'matched' },
    { channelId: 1, reason: 'matched' },
    { channelId: 2, reason: 'other_group' },
    { channelId: 3, reason: 'matched' },
  ]);
  expect(channelsFor(checkNotice(), rules)).toEqual([1, 3]);
});
