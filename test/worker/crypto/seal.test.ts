import { afterEach, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { open, seal } from '#worker/crypto/seal.ts';
import { Problem } from '#worker/problem.ts';

const OLD = new Uint8Array(32).fill(1);
const NEW = new Uint8Array(32).fill(2);
const platforms: TestPlatform[] = [];

async function withSecrets(secret: Uint8Array | null, previousSecret: Uint8Array | null = null) {
  const platform = await testPlatform({ secret, previousSecret });
  platforms.push(platform);
  return platform;
}

afterEach(() => {
  for (const platform of platforms.splice(0)) platform.close();
});

test('what is sealed opens again and cannot be read without the secret', async () => {
  const platform = await withSecrets(NEW);
  const text = await seal(platform, { token: '123:secret' });
  expect(text).toMatch(/^v1\.[\w-]{8}\.[\w-]{16}\.[\w-]+$/);
  expect(text).not.toContain('secret');
  expect(await open(platform, text)).toEqual({ token: '123:secret' });
});

test('the same settings look different each time they are sealed', async () => {
  const platform = await withSecrets(NEW);
  expect(await seal(platform, { a: 1 })).not.toBe(await seal(platform, { a: 1 }));
});

test('while the secret is being replaced, what the previous one sealed still opens', async () => {
  const text = await seal(await withSecrets(OLD), { token: 'x' });
  const rotating = await withSecrets(NEW, OLD);
  expect(await open(rotating, text)).toEqual({ token: 'x' });
  expect(await open(await withSecrets(NEW), await seal(rotating, { token: 'y' }))).toEqual({
    token: 'y',
  });
});

test('after the previous secret is gone, the refusal says what to set', async () => {
  const text = await seal(await withSecrets(OLD), { token: 'x' });
  const refusal = await open(await withSecrets(NEW), text).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Problem);
  expect(refusal).toMatchObject({ code: 'not_configured' });
  expect((refusal as Problem).detail).toMatch(/ANYUP_SECRET_PREVIOUS/);
});

test('without a secret nothing is sealed and the refusal names ANYUP_SECRET', async () => {
  const platform = await withSecrets(null);
  const refusal = await seal(platform, { token: 'x' }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'not_configured' });
  expect((refusal as Problem).detail).toMatch(/ANYUP_SECRET/);
});

test('a sealed text that was tampered with does not open', async () => {
  const platform = await withSecrets(NEW);
  const [version, keyId, iv, ciphertext = ''] = (await seal(platform, { token: 'x' })).split('.');
  const changed = `${ciphertext[0] === 'A' ? 'B' : 'A'}${ciphertext.slice(1)}`;
  await expect(open(platform, [version, keyId, iv, changed].join('.'))).rejects.toThrow();
  await expect(open(platform, 'v2.a.b.c')).rejects.toThrow('not a sealed text');
  await expect(open(platform, 'plain')).rejects.toThrow('not a sealed text');
});
