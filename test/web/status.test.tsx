import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readable } from '#test/support/pages.ts';
import { asset } from '#web/assets.ts';
import type { DayRow } from '#web/chart/days.ts';
import type { CheckModel, HostModel, LocationModel, Site, StatusModel } from '#web/models.ts';
import { ProblemPage } from '#web/pages/problem.tsx';
import { StatusPage } from '#web/pages/status.tsx';
import { headline, whoSees } from '#web/words.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 0, 0);
const site: Site = { title: 'Status', signedIn: false, url: 'http://anyup.test', refreshS: 10 };

function location(name: string, overrides: Partial<LocationModel> = {}): LocationModel {
  return {
    location: name,
    status: 'up',
    level: 100,
    rttUs: 12_000,
    at: NOW - 20_000,
    missing: null,
    reason: { code: 'ok', text: '' },
    ...overrides,
  };
}

function check(overrides: Partial<CheckModel> = {}): CheckModel {
  return {
    id: 1,
    name: '',
    kind: 'http',
    target: '',
    status: 'up',
    level: 100,
    rttUs: 12_000,
    since: NOW - 3_600_000,
    reason: { code: 'ok', text: '' },
    sentence: 'up everywhere',
    disputed: false,
    paused: false,
    locations: ['Home', 'Office', 'Frankfurt'].map((name) => location(name)),
    ...overrides,
  };
}

function host(id: number, overrides: Partial<HostModel> = {}): HostModel {
  return {
    id,
    name: `host-${id}`,
    group: '',
    status: 'up',
    level: 100,
    since: NOW - 3_600_000 * id,
    paused: false,
    checks: [check({ id })],
    ...overrides,
  };
}

function model(hosts: HostModel[], overrides: Partial<StatusModel> = {}): StatusModel {
  return { status: 'up', asOf: NOW, hosts, runners: { active: 1, silent: 0 }, ...overrides };
}

const render = (given: StatusModel) => String(<StatusPage site={site} model={given} />);

describe('the headline', () => {
  it('says the whole page in one sentence', () => {
    const three = [host(1), host(2), host(3)];
    const one = host(4, { status: 'down', level: 500 });
    expect(headline(model(three))).toBe('All 3 hosts are up');
    expect(headline(model([host(1)]))).toBe('The host is up');
    expect(headline(model([...three, one], { status: 'down' }))).toBe('1 of 4 hosts is down');
    expect(headline(model([one], { status: 'down' }))).toBe('The host is down');
    expect(headline(model([]))).toBe('Nothing is watched yet');
  });

  it('does not call down what is only degraded, and names what is down first', () => {
    const slow = host(1, { name: 'slow', status: 'degraded', level: 250 });
    const dead = host(2, { name: 'dead', status: 'down', level: 500 });
    const given = model([slow, dead, host(3)], { status: 'down' });
    expect(headline(given)).toBe('1 of 3 hosts is down, 1 degraded');
    expect(readable(render(given))).toContain('1 degraded dead slow (degraded) As of');
  });

  it('does not count paused hosts, and counts unknown ones as not up', () => {
    const paused = host(2, { paused: true });
    const unknown = host(3, { status: 'unknown', level: null });
    expect(headline(model([host(1), paused]))).toBe('The host is up');
    expect(headline(model([host(1), host(2), unknown]))).toBe('2 of 3 hosts are up');
  });

  it('says that nobody can tell, and why, when every runner is silent', () => {
    const hosts = [host(1, { status: 'unknown', level: null })];
    const silent = model(hosts, { status: 'unknown', runners: { active: 2, silent: 2 } });
    expect(headline(silent)).toBe('Nobody can tell right now: no runner reaches Anyup');
  });
});

describe('a host on the status page', () => {
  it('says in words who sees it and why not', () => {
    const office = location('Office', {
      status: 'down',
      level: 500,
      rttUs: null,
      reason: { code: 'timeout', text: 'no complete answer in time' },
    });
    const seen = check({
      sentence: 'up, but not from Office',
      locations: [location('Home'), office],
    });
    expect(whoSees(host(1, { checks: [seen] }))).toBe(
      'up, but not from Office (no complete answer in time)',
    );
  });

  it('names the check that speaks when it has several', () => {
    const smtp = check({
      id: 2,
      name: 'SMTP',
      status: 'down',
      level: 500,
      sentence: 'down everywhere',
    });
    const both = host(1, { status: 'down', level: 500, checks: [check({ name: 'IMAP' }), smtp] });
    expect(whoSees(both)).toBe('SMTP: down everywhere');
    const agreeing = host(1, { checks: [check({ id: 1 }), check({ id: 2 })] });
    expect(whoSees(agreeing)).toBe('2 checks, up everywhere');
  });

  it('tells its status by a word and a shape, not by colour alone', () => {
    const html = render(model([host(1, { status: 'down', level: 500 })], { status: 'down' }));
    expect(html).toContain('href="#s-down"');
    expect(readable(html)).toContain('Down since 21 Nov 2026, 08:00 UTC');
  });

  it('shows a name as text, whatever it holds', () => {
    const html = render(model([host(1, { name: '<script>alert(1)</script>' })]));
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});

describe('the status page', () => {
  it('needs at most two requests and 20 KiB for 50 hosts seen from three locations', () => {
    const hosts = Array.from({ length: 50 }, (_, i) =>
      host(i + 1, {
        name: `server-${i}.dc${i % 4}.example.org`,
        group: `Data centre ${i % 5}`,
        since: NOW - i * 7_919_000,
        checks: [
          check({
            rttUs: 311 + i * 517,
            locations: ['Home', 'Office', 'Frankfurt'].map((name, k) =>
              location(name, { rttUs: ((i * 7919 + k * 104_729) % 90_000) + 200 }),
            ),
          }),
        ],
      }),
    );
    const html = render(model(hosts));
    const file = (name: 'app.css' | 'page.js') =>
      readFileSync(fileURLToPath(new URL(`../../web/dist${asset(name)}`, import.meta.url)));
    const needed = gzipSync(html).length + gzipSync(file('app.css')).length;
    expect(needed).toBeLessThan(20 * 1024);
    expect(needed + gzipSync(file('page.js')).length).toBeLessThan(20 * 1024);
    expect([...html.matchAll(/<link rel="stylesheet"/g)]).toHaveLength(1);
    expect(html).not.toMatch(/<style|\sstyle="|<img|@import/);
  });

  it('says what to do when nothing is watched yet', () => {
    expect(readable(render(model([], { status: 'unknown' })))).toContain(
      'Sign in to add the first host',
    );
  });

  it('folds groups without trouble once there are very many hosts', () => {
    const hosts = Array.from({ length: 80 }, (_, i) =>
      host(i + 1, {
        group: i < 79 ? 'calm' : 'odd',
        ...(i === 79 && { status: 'down', level: 500 }),
      }),
    );
    const html = render(model(hosts, { status: 'down' }));
    expect(html).toMatch(/<details class="group" id="group-calm">/);
    expect(html).toMatch(/<details class="group" id="group-odd" open/);
  });

  it('carries an absolute time that needs no JavaScript', () => {
    expect(readable(render(model([host(1)])))).toContain('As of 21 Nov 2026, 09:00 UTC');
  });
});

describe('a problem page', () => {
  it('says what went wrong and leads on', () => {
    const html = String(
      <ProblemPage site={site} status={404} title="Not found" detail="No such host." />,
    );
    expect(readable(html)).toContain('404 Not found No such host. To the status page');
    expect(html).toMatch(/<html lang="en">.*<title>Not found · Status<\/title>.*<h1>/s);
  });
});

/** Ninety days up, but for one of every tenth host. */
function daysOf(id: number): DayRow {
  return id % 10 === 0
    ? { from: '2026-08-24', days: '50 d97916,1800,1 39', uptime: 99.976 }
    : { from: '2026-08-24', days: '90', uptime: 100 };
}

describe('a page of many hosts', () => {
  const troubled = host(7, {
    status: 'down',
    level: 500,
    group: 'Group 0',
    checks: [check({ status: 'down', sentence: 'down everywhere' })],
  });
  const hosts = Array.from({ length: 1000 }, (_, i) =>
    i === 7 ? troubled : host(i, { group: `Group ${Math.floor(i / 20)}`, days: daysOf(i) }),
  );
  const html = render(model(hosts, { status: 'down' }));

  it('stays small', () => {
    expect(gzipSync(html).length).toBeLessThan(48 * 1024);
  });

  it('has the bars of every host, there once its group is opened, with no script', () => {
    expect(html.match(/<div class="strip" id="days-\d+" data-from="2026-08-24"/g)).toHaveLength(
      999,
    );
    expect(html).toContain('aria-label="Last 90 days: 99.976 % up, down on 1 day"');
  });

  it('tells a host that is well as a page of few does, but for who sees it', () => {
    const row = (page: string, id: number) =>
      new RegExp(`<li class="host" id="host-${id}".*?</li>`, 's').exec(page)?.[0] ?? '';
    const odd = { name: 'a <b> & "c"', maintenance: { title: 'x < y', until: NOW + 60_000 } };
    for (const more of [{}, { paused: true }, odd, { ...odd, status: 'down', level: 500 }]) {
      const one = host(3, { days: daysOf(3), ...more } as Partial<HostModel>);
      const alone = row(render(model([one])), 3).replace(/<details.*?<\/details>/s, '');
      const among = row(render(model([one, ...hosts.slice(8)])), 3);
      expect(readable(among)).toBe(readable(alone));
      expect(among.match(/<\w+/g)).toEqual(alone.match(/<\w+/g));
    }
  });

  it('opens the group with trouble, folds the others, and says what there is in each', () => {
    expect(html.match(/<details class="group"[^>]* open=""/g)).toHaveLength(1);
    expect(readable(html)).toContain('Group 0 20 hosts, 1 down');
    expect(readable(html)).toContain('Group 49 20 hosts');
  });

  it('tells who sees the host in trouble, and of the others that they are well', () => {
    expect(html.match(/class="says"/g)).toHaveLength(1);
    expect(html.match(/<li class="host"/g)).toHaveLength(1000);
    expect(html).toContain('<details id="more-7"');
  });
});
