// Notices for the tests of routing and of the words.
import type { CheckNotice, DisputedNotice, FleetNotice, TestNotice, Voice } from '#core/notice.ts';

export const AT = Date.UTC(2026, 10, 21, 9, 3, 20);
export const MINUTE = 60_000;

const subject = {
  hostId: 7,
  hostName: 'shop',
  group: 'web',
  checkId: 70,
  checkName: '',
  kind: 'http',
  target: 'https://shop.example/',
};

export const voice = (location: string, status: Voice['status'], more: Partial<Voice> = {}) => ({
  location,
  status,
  missing: null,
  rttUs: status === 'down' || status === 'unknown' ? null : 20_000,
  text: status === 'down' ? 'after 5 s' : '',
  ...more,
});

/** `worst` follows from `from` and `to` unless it is given. */
export const checkNotice = (more: Partial<CheckNotice> = {}): CheckNotice => ({
  type: 'check',
  worst: [more.from ?? 'up', more.to ?? 'down'].includes('down') ? 'down' : 'degraded',
  key: 'check 70 down',
  at: AT,
  url: 'https://status.example/hosts/7',
  subject,
  from: 'up',
  to: 'down',
  level: 500,
  sinceAt: AT - 12_000,
  incidentOpenedAt: AT - 12_000,
  reason: { code: 'connect.timeout', text: 'after 5 s' },
  voices: [voice('Home', 'down'), voice('Office', 'down')],
  ...more,
});

export const disputedNotice = (more: Partial<DisputedNotice> = {}): DisputedNotice => ({
  type: 'disputed',
  key: 'check 70 disputed',
  at: AT,
  url: 'https://status.example/hosts/7',
  subject,
  location: 'Home',
  voices: [voice('Home', 'up'), voice('Office', 'down'), voice('Attic', 'down')],
  ...more,
});

export const fleetNotice = (more: Partial<FleetNotice> = {}): FleetNotice => ({
  type: 'fleet',
  key: 'fleet 1',
  at: AT,
  url: 'https://status.example/admin/runners',
  event: 'silent',
  runners: [{ name: 'pi', location: 'Attic' }],
  sinceAt: AT - 2 * MINUTE,
  untilAt: null,
  ...more,
});

export const testNotice: TestNotice = {
  type: 'test',
  key: 'test 1',
  at: AT,
  url: 'https://status.example/admin/channels',
  channelName: 'on call',
};
