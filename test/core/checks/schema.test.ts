import { describe, expect, test } from 'vitest';
import { dnsQuestion } from '#core/checks/dns.ts';
import { parseStatusRanges, statusExpected } from '#core/checks/http.ts';
import { checkSpecSchema, KIND_NAMES, KINDS } from '#core/checks/index.ts';
import { parsePin } from '#core/checks/tls.ts';

const issuesOf = (input: unknown) =>
  checkSpecSchema
    .safeParse(input)
    .error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? [];

describe('a check of each kind', () => {
  test('has defaults that work', () => {
    expect(checkSpecSchema.parse({ kind: 'http', target: 'https://example.org/' })).toMatchObject({
      method: 'GET',
      expectStatus: '200-399',
      followRedirects: 10,
      verifyTls: true,
      family: 'any',
    });
    expect(checkSpecSchema.parse({ kind: 'icmp', target: 'example.org' })).toMatchObject({
      count: 1,
    });
    expect(checkSpecSchema.parse({ kind: 'script', target: 'load' })).toMatchObject({
      target: 'script:load',
      protocol: 'vigil',
      args: [],
    });
  });

  test('writes durations as people do', () => {
    const tcp = { kind: 'tcp', target: 'example.org:25', degradedAfter: '500ms' };
    expect(checkSpecSchema.parse(tcp)).toMatchObject({ degradedAfter: 500 });
  });

  test('leaves out what a newer worker may add', () => {
    const tcp = checkSpecSchema.parse({ kind: 'tcp', target: 'example.org:25', glow: true });
    expect(tcp).not.toHaveProperty('glow');
  });

  test.each<[unknown, string, string]>([
    [{ kind: 'http', target: 'example.org' }, 'target', 'must be an address like "https:'],
    [{ kind: 'tcp', target: 'example.org' }, 'target', 'must be a host with a port'],
    [{ kind: 'icmp', target: 'bad host!' }, 'target', 'must be a name or an address'],
    [{ kind: 'tcp', target: 'a:1', send: 'a\\q' }, 'send', 'write a backslash as'],
    [{ kind: 'dns', target: 'dns://x' }, 'target', 'must be a name like'],
    [{ kind: 'dns', target: 'a', type: 'B' }, 'type', 'must be one of A, AAAA'],
    [{ kind: 'dns', target: 'a', resolver: 'ftp://x' }, 'resolver', 'must be like "192.0.2.53"'],
    [{ kind: 'dns', target: 'a', expectMatch: '(' }, 'expectMatch', 'is not a valid regular'],
    [{ kind: 'tls', target: 'a:0' }, 'target', 'must be a host'],
    [{ kind: 'tls', target: 'a', pins: ['abc'] }, 'pins.0', 'is not a SHA-256'],
    [{ kind: 'script', target: '../x' }, 'target', 'must be the name of a file'],
    [
      { kind: 'icmp', target: 'a', degradedAfter: '5 parsecs' },
      'degradedAfter',
      'is not a duration',
    ],
    [
      { kind: 'http', target: 'http://a/', expectStatus: '2xx' },
      'expectStatus',
      'must be statuses',
    ],
    [{ kind: 'http', target: 'http://a/', bodyMatch: '(' }, 'bodyMatch', 'is not a valid regular'],
    [{ kind: 'http', target: 'http://a/', headers: { 'a b': 'c' } }, 'headers.a b', 'header name'],
    [{ kind: 'http', target: 'http://a/', headers: { a: 'b\r\nc' } }, 'headers.a', 'control'],
    [{ kind: 'script', target: 'load', args: ['a\0b'] }, 'args.0', 'NUL'],
    [{ kind: 'carrier-pigeon', target: 'x' }, 'kind', ''],
    [{ target: 'x' }, 'kind', ''],
  ])('%j names %s', (input, path, message) => {
    expect(issuesOf(input)).toContainEqual([path, expect.stringContaining(message)]);
  });

  test('of DNS says what to ask and whom, in the target or beside it', () => {
    const questionOf = (fields: Record<string, unknown>) =>
      dnsQuestion(KINDS.dns.schema.parse({ target: 'example.org', ...fields }));
    const udp = { transport: 'udp', port: 53, path: '' };
    expect(questionOf({})).toEqual({ name: 'example.org', type: 'A', resolver: null });
    expect(questionOf({ type: 'mx', resolver: 'ns1.example.org' })).toEqual({
      ...{ name: 'example.org', type: 'MX' },
      resolver: { ...udp, host: 'ns1.example.org' },
    });
    expect(questionOf({ target: 'dns://[::1]:54/a.test?type=ns', resolver: '192.0.2.1' })).toEqual({
      ...{ name: 'a.test', type: 'NS' },
      resolver: { ...udp, host: '::1', port: 54 },
    });
    expect(questionOf({ resolver: 'tls://192.0.2.1' }).resolver?.port).toBe(853);
    expect(questionOf({ resolver: 'https://dns.test/q?x=1' }).resolver).toEqual({
      ...{ transport: 'https', host: 'dns.test', port: 443, path: '/q?x=1' },
    });
    expect(questionOf({ type: 'PTR', target: '192.0.2.7' }).name).toBe('7.2.0.192.in-addr.arpa');
    expect(questionOf({ type: 'PTR', target: '2001:db8::1' }).name).toBe(
      '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
    );
  });

  test('of TLS takes a pin as people write it', () => {
    const hex = '00'.repeat(31).concat('ff');
    const base64 = `${'A'.repeat(41)}P8=`;
    for (const text of [
      hex,
      hex.toUpperCase(),
      hex.replace(/..(?=.)/g, '$&:'),
      base64,
      `sha256//${base64}`,
    ]) {
      expect(parsePin(text), text).toBe(hex);
    }
  });

  test.each(['/', '//', '+', 'sha256'])(
    'of TLS takes a pin whose base64 begins with %s',
    (first) => {
      const bytes = Buffer.from(first.padEnd(43, 'A').concat('='), 'base64');
      const base64 = bytes.toString('base64');
      expect(base64.startsWith(first)).toBe(true);
      for (const prefix of ['', 'sha256//', 'sha256://', 'sha256/', 'sha256:']) {
        for (const digits of [base64, base64.slice(0, -1)]) {
          expect(parsePin(prefix + digits), prefix + digits).toBe(bytes.toString('hex'));
        }
      }
    },
  );

  test.each(['sha256//', 'sha256', 'A'.repeat(42), 'A'.repeat(45), `x${'00'.repeat(32)}`])(
    'of TLS takes no %j for a pin',
    (text) => expect(parsePin(text)).toBeNull(),
  );

  test('has a title, a target first among its fields, and says whom it is about', () => {
    for (const kind of KIND_NAMES) {
      expect(KINDS[kind].title).not.toBe('');
      expect(Object.keys(KINDS[kind].fields.shape)[0]).toBe('target');
    }
    const own = ['script', 'machine', 'process', 'service', 'file', 'log', 'report'];
    expect(KIND_NAMES.filter((kind) => KINDS[kind].subject === 'runner')).toEqual(own);
  });
});

describe('expected statuses', () => {
  test('are numbers and ranges', () => {
    expect(parseStatusRanges('200-299, 401')).toEqual([
      [200, 299],
      [401, 401],
    ]);
    expect([200, 299, 300, 401].map((status) => statusExpected('200-299,401', status))).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test.each(['', 'ok', '20', '200-', '600', '99', '300-200', '200,,300'])(
    '%j is refused',
    (text) => {
      expect(parseStatusRanges(text)).toBeNull();
    },
  );
});
