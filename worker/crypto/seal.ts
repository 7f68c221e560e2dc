// What must be read back but never shown (a bot's token) is kept encrypted: AES-256-GCM under a key derived from
// ANYUP_SECRET. The text names its key, so what the previous secret sealed still opens while secrets are rotated.
import { base64url as jose } from 'jose';
import type { Platform } from '../platform.ts';
import { Problem } from '../problem.ts';
import { base64url, sha256 } from './hash.ts';
import { deriveKey } from './keys.ts';

const VERSION = 'v1';
const IV_BYTES = 12;

/** Encrypts a JSON object to `v1.<keyId>.<iv>.<ciphertext>`. */
export async function seal(
  platform: Pick<Platform, 'config' | 'random'>,
  object: Record<string, unknown>,
): Promise<string> {
  const { secret } = platform.config;
  if (!secret) throw noSecret();
  const key = await sealKey(secret);
  const iv = platform.random(IV_BYTES);
  const ciphertext = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: context(key.id) },
    key.aes,
    new TextEncoder().encode(JSON.stringify(object)),
  );
  return [VERSION, key.id, base64url(iv), base64url(new Uint8Array(ciphertext))].join('.');
}

/** Decrypts what `seal` made, under the present secret or the previous one. */
export async function open(
  platform: Pick<Platform, 'config'>,
  text: string,
): Promise<Record<string, unknown>> {
  const [version, keyId = '', iv = '', ciphertext = '', ...rest] = text.split('.');
  if (version !== VERSION || !ciphertext || rest.length > 0) {
    throw new Error('not a sealed text of this version');
  }
  const { secret, previousSecret } = platform.config;
  if (!secret && !previousSecret) throw noSecret();
  for (const candidate of [secret, previousSecret]) {
    const key = candidate && (await sealKey(candidate));
    if (!key || key.id !== keyId) continue;
    const bytes = await crypto.subtle.decrypt(
      {
        name: 'AES-GCM',
        iv: new Uint8Array(jose.decode(iv)),
        additionalData: context(keyId),
      },
      key.aes,
      new Uint8Array(jose.decode(ciphertext)),
    );
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  }
  throw new Problem('not_configured', {
    detail:
      'These settings were sealed under another ANYUP_SECRET. Set ANYUP_SECRET_PREVIOUS to that one, or enter the secret settings again.',
  });
}

/** Whether a sealed text opens with the present secret alone. */
export async function isSealedByPresent(
  { config: { secret } }: Pick<Platform, 'config'>,
  text: string,
): Promise<boolean> {
  return secret !== null && text.split('.')[1] === (await sealKey(secret)).id;
}

function noSecret(): Problem {
  return new Problem('not_configured', {
    detail: 'ANYUP_SECRET is not set, so secret settings can be neither stored nor read.',
  });
}

async function sealKey(secret: Uint8Array) {
  const bytes = await deriveKey(secret, 'seal');
  const aes = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return { id: (await sha256(bytes)).slice(0, 8), aes };
}

function context(keyId: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`anyup/${VERSION}/${keyId}`);
}
