import { describe, expect, test } from 'vitest';
import { capital, shortened } from '#core/text.ts';

describe('the first letter of a sentence', () => {
  test.each([
    ['connection refused by 127.0.0.1:80', 'Connection refused by 127.0.0.1:80'],
    ['up', 'Up'],
    ['down. Nobody knows.', 'Down. Nobody knows.'],
    ['', ''],
  ])('is a capital: %s', (text, shown) => {
    expect(capital(text)).toBe(shown);
  });

  test.each([
    ['mail.example.org does not resolve'],
    ['mail.example.org: its name servers fail'],
    ['db:5432 is silent'],
    ['https://example.org/ leads back'],
    ['/var/log/app is missing'],
  ])('is left as it is where a name stands there: %s', (text) => {
    expect(capital(text)).toBe(text);
  });
});

test('what is cut says so, within its limit', () => {
  expect(shortened('certificate', 11)).toBe('certificate');
  expect(shortened('certificates', 11)).toBe('certificat…');
  expect(shortened('smile 😀 more', 8)).toBe('smile …');
});
