import { expect, test } from 'vitest';
import { namesOf } from '#runner/tls/certificate.ts';

test.each([
  ['DNS:example.org', 'example.org'],
  ['DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1', 'localhost, 127.0.0.1, ::1'],
  [
    'DNS:a.test, DNS:b.test, DNS:c.test, DNS:d.test, DNS:e.test',
    'a.test, b.test, c.test and 2 more',
  ],
  ['email:a@example.org', 'email:a@example.org'],
  ['', ''],
])('%s reads as %s', (names, read) => {
  expect(namesOf(names)).toBe(read);
});
