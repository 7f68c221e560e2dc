import { describe, expect, test } from 'vitest';
import { checkSpecSchema, inferTarget, isOwnMachine } from '#core/checks/index.ts';

describe('the kind follows from what a person types', () => {
  test.each([
    ['http://example.org', 'http', 'http://example.org'],
    ['https://example.org:8443/health?deep=1', 'http', 'https://example.org:8443/health?deep=1'],
    ['HTTPS://Example.org/', 'http', 'HTTPS://Example.org/'],
    ['http://[2001:db8::1]:8080/', 'http', 'http://[2001:db8::1]:8080/'],
    ['example.org:25', 'tcp', 'example.org:25'],
    ['tcp://example.org:25', 'tcp', 'example.org:25'],
    ['tcp://example.org:25/', 'tcp', 'example.org:25'],
    ['192.0.2.7:22', 'tcp', '192.0.2.7:22'],
    ['[2001:db8::1]:22', 'tcp', '[2001:db8::1]:22'],
    ['a:80', 'tcp', 'a:80'],
    ['http:80', 'tcp', 'http:80'],
    ['example.org', 'icmp', 'example.org'],
    ['  example.org  ', 'icmp', 'example.org'],
    ['icmp://example.org', 'icmp', 'example.org'],
    ['192.0.2.7', 'icmp', '192.0.2.7'],
    ['2001:db8::1', 'icmp', '2001:db8::1'],
    ['abcd:ef01::1', 'icmp', 'abcd:ef01::1'],
    ['[2001:db8::1]', 'icmp', '2001:db8::1'],
    ['fe80::1%eth0', 'icmp', 'fe80::1%eth0'],
    ['my_host', 'icmp', 'my_host'],
    ['dns:example.org', 'dns', 'dns:example.org'],
    ['DNS:_dmarc.example.org.', 'dns', 'dns:_dmarc.example.org.'],
    ['dns://192.0.2.53/example.org?type=MX', 'dns', 'dns://192.0.2.53/example.org?type=MX'],
    ['dns://[2001:db8::1]:5353/example.org', 'dns', 'dns://[2001:db8::1]:5353/example.org'],
    ['dns:53', 'tcp', 'dns:53'],
    ['tls:example.org', 'tls', 'example.org:443'],
    ['tls:mail.example.org:993', 'tls', 'mail.example.org:993'],
    ['tls://example.org:8443/', 'tls', 'example.org:8443'],
    ['tls:192.0.2.7:443', 'tls', '192.0.2.7:443'],
    ['tls://[2001:db8::1]:443', 'tls', '[2001:db8::1]:443'],
    ['tls://2001:db8::1', 'tls', '[2001:db8::1]:443'],
    ['tls:80', 'tcp', 'tls:80'],
    ['script:load', 'script', 'script:load'],
    ['Script:load', 'script', 'script:load'],
  ])('%j is %s %j', (text, kind, target) => {
    expect(inferTarget(text)).toEqual({ kind, target });
  });

  test.each([
    '',
    '   ',
    'bad host!',
    '[x',
    'ftp://example.org',
    'http://',
    'https://exa mple.org/',
    'example.org:0',
    'example.org:65536',
    'example.org:http',
    '[2001:db8::1',
    '1.2.3',
    '300.1.1.1',
    'dns://192.0.2.53',
    'dns://bad host/example.org',
    'dns:example.org?type=NONE',
    'dns:exa mple.org',
    'script:../../etc/passwd',
    'script:',
    'script:a b',
    `${'a'.repeat(64)}.org`,
    'a..b',
  ])('%j is none', (text) => {
    expect(inferTarget(text)).toBeNull();
  });

  test('what is inferred is accepted as that kind', () => {
    for (const text of [
      'https://example.org/',
      'a:80',
      'example.org',
      '::1',
      'tls:a:1',
      'script:load',
    ]) {
      const inferred = inferTarget(text);
      expect(checkSpecSchema.safeParse(inferred).success).toBe(true);
    }
  });
});

describe('a target that means another machine on every runner', () => {
  test.each([
    ['127.0.0.1', true],
    ['127.8.9.10:80', true],
    ['0.0.0.0', true],
    ['169.254.169.254', true],
    ['localhost', true],
    ['LOCALHOST.:80', true],
    ['db.localhost', true],
    ['::1', true],
    ['0:0:0:0:0:0:0:1', true],
    ['[::]:80', true],
    ['fe80::1%eth0', true],
    ['febf::1', true],
    ['::ffff:127.0.0.1', true],
    ['http://127.1/', true],
    ['http://[::1]:9999/', true],
    ['http://[::ffff:127.0.0.1]/', true],
    ['http://localhost:8787/healthz', true],
    ['script:load', true],
    ['dns://127.0.0.1/example.org', true],
    ['dns://192.0.2.53/example.org', false],
    ['dns:localhost', false],
    ['tls:localhost:443', true],
    ['192.0.2.7', false],
    ['10.0.0.1', false],
    ['localhost.example.org', false],
    ['fec0::1', false],
    ['fe8::1', false],
    ['::ffff:192.0.2.7', false],
    ['2001:db8::1', false],
    ['https://example.org/', false],
  ])('%j: %s', (text, own) => {
    expect(isOwnMachine(checkSpecSchema.parse(inferTarget(text)))).toBe(own);
  });
});
