import { describe, expect, test } from 'vitest';
import { askAnswerSchema, askSchema } from '#core/wire/ask.ts';
import { assignmentsAnswerSchema } from '#core/wire/assignments.ts';
import { resultClaimsSchema, runnerClaimsSchema } from '#core/wire/claims.ts';
import { enrollRequestSchema } from '#core/wire/enroll.ts';

const CLAIMS = {
  iss: '3',
  aud: 'https://status.example',
  htm: 'POST',
  htu: '/api/v1/runner/results',
  iat: 1,
  exp: 61,
  jti: 'abcdefgh',
  body: '',
};

describe('what a runner signs', () => {
  test('needs shard, stream, number and boot for results only', () => {
    expect(runnerClaimsSchema.safeParse(CLAIMS).success).toBe(true);
    const { error } = resultClaimsSchema.safeParse(CLAIMS);
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([
      'shard',
      'stream',
      'seq',
      'boot',
    ]);
    const complete = { ...CLAIMS, shard: 0, stream: 'late', seq: 4, boot: 'b1' };
    expect(resultClaimsSchema.parse(complete)).toEqual(complete);
  });

  test('knows two streams', () => {
    const other = { ...CLAIMS, shard: 0, stream: 'later', seq: 4, boot: 'b1' };
    expect(resultClaimsSchema.safeParse(other).success).toBe(false);
  });
});

describe('an enrolment', () => {
  const request = {
    code: 'abcdefghijklmnop',
    publicKey: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) },
    name: ' pi ',
    version: '1.0.0',
    capabilities: {},
  };

  test('takes a bare runner and fills in what it did not say', () => {
    expect(enrollRequestSchema.parse(request)).toMatchObject({
      name: 'pi',
      capabilities: { icmp: null, ipv6: false, scripts: [] },
    });
  });

  test.each([
    ['code', { code: 'short' }],
    ['publicKey.x', { publicKey: { ...request.publicKey, x: 'no' } }],
    ['publicKey.kty', { publicKey: { ...request.publicKey, kty: 'RSA' } }],
    ['name', { name: 'a\nb' }],
    ['name', { name: '   ' }],
    ['location', { location: '' }],
  ])('names %s when it is wrong', (path, wrong) => {
    const { error } = enrollRequestSchema.safeParse({ ...request, ...wrong });
    expect(error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});

test('assignments and asks are read back as they were written', () => {
  const assignments = {
    configVersion: 4,
    full: false,
    checks: [
      {
        id: 1,
        rev: 1,
        shard: 0,
        position: 0,
        config: { kind: 'tcp', target: 'a:80', degradedAfter: '500ms' },
        intervalMs: 60_000,
        timeoutMs: 5000,
        retryAfterMs: 2000,
        failures: 2,
        successes: 1,
        owner: '3',
      },
    ],
    removed: [9],
    next: null,
    flushMs: 15_000,
    name: 'pi',
    location: 'Attic',
  };
  expect(assignmentsAnswerSchema.parse(assignments)).toEqual(assignments);
  const ask = { id: 'x', type: 'reprobe', checkId: 4 };
  expect(askSchema.parse(ask)).toEqual(ask);
  expect(askSchema.safeParse({ id: 'x', type: 'dance' }).success).toBe(false);
  const measurement = { level: null, rttUs: null, code: 'unable.script', text: 'no such script' };
  expect(askAnswerSchema.parse({ measurement })).toEqual({ measurement });
});
