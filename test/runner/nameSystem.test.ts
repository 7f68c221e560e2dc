import { describe, expect, test } from 'vitest';
import { nameSystemOf } from '#runner/net/nameSystem.ts';

const files = {
  hosts: '127.0.0.1 localhost\n10.0.0.2 Db.Example.org db # not.this\n',
  nsswitch: 'passwd: files\nhosts: files mdns4_minimal [NOTFOUND=return] dns\n',
  resolv: 'nameserver 10.0.0.1\n',
  hostname: 'here.example.org',
  platform: 'linux',
};
const of = (changes: Partial<typeof files>) => nameSystemOf({ ...files, ...changes });

test.each([
  'localhost',
  'web',
  'a.localhost',
  'printer.local',
  'db.example.org',
  'DB.example.org.',
])('%s is found without a server', (host) => expect(of({}).isLocal(host)).toBe(true));

test('the machine itself is, and nobody else', () => {
  expect(of({}).isLocal('here.example.org')).toBe(true);
  for (const host of ['not.this', 'example.org', '10.0.0.2'])
    expect(of({}).isLocal(host)).toBe(false);
});

describe('servers are asked for the name', () => {
  test('as it is first, where it has dots enough', () => {
    const { wordsFor } = of({ resolv: 'search a.test b.test\nnameserver 10.0.0.1\n' });
    const searched = ['www.example.org.a.test', 'www.example.org.b.test'];
    expect(wordsFor('www.example.org')).toEqual(['www.example.org', ...searched]);
  });

  test('within the domains to search first, where it has not', () => {
    const { wordsFor } = of({ resolv: 'search a.test b.test\noptions edns0 ndots:5\n' });
    expect(wordsFor('web.prod')).toEqual(['web.prod.a.test', 'web.prod.b.test', 'web.prod']);
    expect(wordsFor('web.prod.')).toEqual(['web.prod.']);
  });

  test.each([
    ['hosts: files dns'],
    ['hosts: files myhostname resolve [!UNAVAIL=return] dns', 'nameserver 127.0.0.53'],
    ['hosts:\tmymachines files dns # ldap'],
    [''],
  ])('%s', (nsswitch, resolv = files.resolv) => {
    expect(of({ nsswitch, resolv }).wordsFor('a.test')).toEqual(['a.test']);
  });
});

describe('only the system knows how a name is found', () => {
  test.each([
    ['hosts: files ldap dns'],
    ['hosts: files dns ldap'],
    ['hosts: files'],
    ['hosts: files resolve [!UNAVAIL=return] dns', 'nameserver 10.0.0.1'],
  ])('%s', (nsswitch, resolv = files.resolv) => {
    expect(of({ nsswitch, resolv }).wordsFor('a.test')).toBeNull();
  });

  test.each(['darwin', 'win32'])('on %s', (platform) => {
    expect(of({ platform }).wordsFor('a.test')).toBeNull();
  });
});
