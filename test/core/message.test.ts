import { describe, expect, test } from 'vitest';
import type { LocationVerdict, Verdict } from '#core/merge.ts';
import { explainVerdict, renderDigest, renderNotice } from '#core/message.ts';
import { reportVerdict } from '#core/report.ts';
import {
  AT,
  checkNotice,
  disputedNotice,
  fleetNotice,
  MINUTE,
  testNotice,
  voice,
} from './notices.ts';

describe('a message about a check', () => {
  test('that went down says what, since when, who sees it, why, and where to read on', () => {
    expect(renderNotice(checkNotice())).toEqual({
      subject: 'shop is down',
      lines: [
        'Down since 2026-11-21 09:03:08 UTC.',
        'Down from everywhere it is watched: Home, Office.',
        'Reason: no answer to the connection attempt in time (after 5 s)',
        'Check: http https://shop.example/',
        'https://status.example/hosts/7',
      ],
      mood: 'down',
    });
  });

  test('that says its runner is silent names the hosts that are silent with it', () => {
    const reason = { code: 'silent', text: 'no report from shop' };
    const notice = checkNotice({ level: 999, voices: [], reason, withIt: ['db', 'mail'] });
    expect(renderNotice(notice).lines).toEqual([
      'Down since 2026-11-21 09:03:08 UTC.',
      'Reason: no report (no report from shop)',
      'With it: db, mail',
      'Check: http https://shop.example/',
      'https://status.example/hosts/7',
    ]);
  });

  test('that came up again says how long it was down and how quickly it answers', () => {
    const notice = checkNotice({
      from: 'down',
      to: 'up',
      level: 100,
      sinceAt: AT,
      incidentOpenedAt: AT - 200_000,
      reason: { code: 'ok', text: '' },
      voices: [voice('Home', 'up', { rttUs: 31_000 }), voice('Office', 'down')],
    });
    expect(renderNotice(notice)).toEqual({
      subject: 'shop is up again after 3 min 20 s',
      lines: [
        'Up again since 2026-11-21 09:03:20 UTC; was down for 3 min 20 s.',
        'Up, but not from Office.',
        'RTT: 31 ms from Home',
        'Check: http https://shop.example/',
        'https://status.example/hosts/7',
      ],
      mood: 'up',
    });
  });

  test('that recovers without an open incident claims no duration', () => {
    const notice = checkNotice({ from: 'down', to: 'up', incidentOpenedAt: null });
    expect(renderNotice(notice).subject).toBe('shop is up again');
    expect(renderNotice(notice).lines[0]).toBe('Up again since 2026-11-21 09:03:08 UTC.');
  });

  test('that is slow names the slow locations and the RTT', () => {
    const voices = [voice('Home', 'degraded', { rttUs: 1_200_000, text: '1.2 s, limit 500 ms' })];
    const { subject, lines, mood } = renderNotice(
      checkNotice({
        to: 'degraded',
        reason: { code: 'slow', text: '1.2 s, limit 500 ms' },
        voices,
      }),
    );
    expect([subject, mood]).toEqual(['shop is degraded', 'degraded']);
    expect(lines).toContain('Degraded from Home.');
    expect(lines).toContain('Reason: slower than the limit (1.2 s, limit 500 ms)');
    expect(lines).toContain('RTT: 1.20 s from Home');
  });

  test('that got better but not well says both', () => {
    const notice = checkNotice({ from: 'down', to: 'degraded', incidentOpenedAt: AT - 5 * MINUTE });
    expect(renderNotice(notice).subject).toBe('shop is degraded, no longer down');
    expect(renderNotice(notice).lines[0]).toBe(
      'Degraded since 2026-11-21 09:03:08 UTC; not up for 4 min 48 s.',
    );
  });

  test('names the check when the host has several, and who is missing with why', () => {
    const base = checkNotice();
    const notice = checkNotice({
      subject: { ...base.subject, checkName: 'login' },
      voices: [voice('Home', 'down'), voice('Attic', 'unknown', { missing: 'silent' })],
    });
    expect(renderNotice(notice).subject).toBe('shop / login is down');
    expect(renderNotice(notice).lines).toContain('Down from Home; Attic is silent.');
  });

  test('tells what other locations say when they give another reason', () => {
    const voices = [voice('Home', 'down'), voice('Office', 'down', { text: 'ECONNREFUSED' })];
    expect(renderNotice(checkNotice({ voices })).lines).toContain('Office: ECONNREFUSED');
  });

  test('is one line where it must be, whatever a name or a script holds', () => {
    const base = checkNotice();
    const { subject, lines } = renderNotice(
      checkNotice({
        subject: { ...base.subject, hostName: `a\r\nBcc: x${'y'.repeat(200)}` },
        reason: { code: 'script.status', text: 'first\nsecond\u2028third' },
      }),
    );
    expect(subject).toMatch(/^a Bcc: xy+… is down$/);
    expect(lines).toContain('Reason: the probe reports a problem (first second third)');
  });

  test('passes on the code of a newer runner that it has no words for', () => {
    const notice = checkNotice({ reason: { code: 'quic.refused', text: '' } });
    expect(renderNotice(notice).lines).toContain('Reason: quic.refused');
  });
});

describe('other messages', () => {
  test('a dispute names the one that stands alone and what it may mean', () => {
    const { subject, lines, mood } = renderNotice(disputedNotice());
    expect([subject, mood]).toEqual(['shop is up, but only from Home', 'degraded']);
    expect(lines[0]).toBe('Home alone says up; Office and Attic cannot, though they could before.');
  });

  test.each([
    ['silent', {}, 'Runner pi (Attic) is silent', 'degraded'],
    ['all_silent', {}, 'No runner reaches Anyup', 'down'],
    ['back', {}, 'Runner pi (Attic) is back', 'up'],
    ['deaf', { untilAt: AT + 8 * MINUTE }, 'Anyup did not run for 10 min', 'info'],
    ['quarantined', {}, 'Runner pi (Attic) is quarantined', 'degraded'],
    ['trusted', {}, 'Runner pi (Attic) is trusted again', 'up'],
  ] as const)('about runners: %s', (event, more, subject, mood) => {
    const message = renderNotice(fleetNotice({ event, ...more }));
    expect(message).toMatchObject({ subject, mood });
    expect(message.lines.at(-1)).toBe('https://status.example/admin/runners');
  });

  test('several runners that fall silent together are counted and named', () => {
    const runners = ['pi', 'nuc', 'vps'].map((name) => ({ name, location: 'Attic' }));
    const { subject, lines } = renderNotice(fleetNotice({ runners }));
    expect(subject).toBe('3 runners are silent');
    expect(lines).toContain('Runners: pi (Attic), nuc (Attic), vps (Attic)');
    expect(lines[0]).toBe('Nothing heard since 2026-11-21 09:01:20 UTC (2 min).');
  });

  test('a test says that nothing is wrong', () => {
    const { subject, lines, mood } = renderNotice(testNotice);
    expect([subject, mood]).toEqual(['Test message for on call', 'info']);
    expect(lines[0]).toBe('Anyup can reach this channel. Nothing is wrong.');
  });
});

describe('a digest', () => {
  test('counts, then says each in a line, oldest first, in the mood of the worst', () => {
    const recovered = checkNotice({
      from: 'down',
      to: 'up',
      at: AT - 3000,
      incidentOpenedAt: null,
    });
    const digest = renderDigest([checkNotice(), recovered, fleetNotice({ at: AT - 1000 })]);
    expect(digest).toEqual({
      subject: '3 messages: 1 down, 1 up again, 1 about runners',
      lines: [
        'shop is up again (since 2026-11-21 09:03:08 UTC) https://status.example/hosts/7',
        'Runner pi (Attic) is silent https://status.example/admin/runners',
        'shop is down (since 2026-11-21 09:03:08 UTC, no answer to the connection attempt in time (after 5 s)) https://status.example/hosts/7',
      ],
      mood: 'down',
    });
  });

  test('of good news is good news', () => {
    const up = checkNotice({ from: 'down', to: 'up' });
    expect(renderDigest([up, up]).mood).toBe('up');
    expect(renderDigest([]).mood).toBe('info');
  });
});

describe('the one sentence about a verdict', () => {
  const NAMES = ['?', 'A', 'B', 'C'];
  const nameOf = (id: number) => NAMES[id] ?? '?';

  const says = (locationId: number, what: string): LocationVerdict => {
    const level = what === 'up' ? 100 : what === 'degraded' ? 250 : what === 'down' ? 500 : null;
    const known = level !== null;
    return {
      locationId,
      status: known ? (what as 'up') : 'unknown',
      level,
      rttUs: null,
      at: AT,
      missing: known ? null : (what as 'silent'),
      code: '',
      text: '',
    };
  };

  const verdict = (
    status: Verdict['status'],
    rule: Verdict['rule'],
    said: string[],
    more: Partial<Verdict> = {},
  ): Verdict => ({
    status,
    level: null,
    rttUs: null,
    rule,
    sinceAt: null,
    locations: said.map((what, index) => says(index + 1, what)),
    witnesses: [],
    lone: null,
    code: '',
    text: '',
    ...more,
  });

  test.each<[string, Verdict]>([
    ['up everywhere', verdict('up', 'best', ['up', 'up'])],
    ['up from A', verdict('up', 'best', ['up'])],
    ['up, but not from B', verdict('up', 'best', ['up', 'down'])],
    ['up, but not from B and C', verdict('up', 'best', ['up', 'down', 'down'])],
    ['up, but degraded from B and not from C', verdict('up', 'best', ['up', 'degraded', 'down'])],
    ['up from A; B is silent', verdict('up', 'best', ['up', 'silent'])],
    ['up, but not from B; C has not reported yet', verdict('up', 'best', ['up', 'down', 'new'])],
    ['degraded everywhere', verdict('degraded', 'best', ['degraded', 'degraded'])],
    ['degraded from A, down from B', verdict('degraded', 'best', ['degraded', 'down'])],
    ['down everywhere', verdict('down', 'all_bad', ['down', 'down'])],
    ['down from A; B is quarantined', verdict('down', 'all_bad', ['down', 'quarantined'])],
    ['down from B and C, up from A', verdict('down', 'counted', ['up', 'down', 'down'])],
    ['unknown: no location watches it', verdict('unknown', 'no_location', [])],
    ['unknown: no location has reported yet', verdict('unknown', 'none_known', ['new', 'new'])],
    [
      'unknown: A is silent, B has not checked it lately',
      verdict('unknown', 'none_known', ['silent', 'stale']),
    ],
    ['unknown: A is not sure yet', verdict('unknown', 'none_known', ['unconfirmed'])],
    [
      'unknown: only B could reach it, and B is silent',
      verdict('unknown', 'witness_missing', ['down', 'silent'], { witnesses: [2] }),
    ],
    [
      'unknown: only B and C could reach it, and B is silent, C cannot trust its own network',
      verdict('unknown', 'witness_missing', ['down', 'silent', 'blind'], { witnesses: [2, 3] }),
    ],
    [
      'unknown: it hangs on C, and C is silent',
      verdict('unknown', 'could_change', ['up', 'down', 'silent']),
    ],
  ])('%s', (sentence, given) => {
    expect(explainVerdict(given, nameOf)).toBe(sentence);
  });

  test('a dispute is named once it has been called', () => {
    const lone = verdict('up', 'best', ['up', 'down', 'down'], { lone: 1 });
    expect(explainVerdict(lone, nameOf)).toBe('up, but not from B and C');
    expect(explainVerdict(lone, nameOf, true)).toBe(
      'up, but disputed: only A can reach it; B and C cannot',
    );
  });

  test('a host that must report says whether it does', () => {
    const of = (reportedAt: number) =>
      reportVerdict({ reportedAt, aliveTimeoutMs: 90_000, heard: { judgedAt: AT, deaf: false } });
    expect(explainVerdict(of(AT), nameOf)).toBe('up: it reports');
    expect(explainVerdict(of(AT - 2 * MINUTE), nameOf)).toBe(
      'down: no report since 2026-11-21 09:01:20 UTC',
    );
    expect(explainVerdict(of(0), nameOf)).toBe('unknown: no report has come yet');
  });
});
