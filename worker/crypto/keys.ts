// One key per use, all derived from ANYUP_SECRET by HKDF, so that no two uses can be played against each other.

export type KeyUse = 'cookie' | 'seal' | 'form';

/** 32 bytes for one use. */
export async function deriveKey(secret: Uint8Array, use: KeyUse): Promise<Uint8Array<ArrayBuffer>> {
  const base = await crypto.subtle.importKey('raw', new Uint8Array(secret), 'HKDF', false, [
    'deriveBits',
  ]);
  const bits = await crypto.subtle.deriveBits(
    {
      name: 'HKDF',
      hash: 'SHA-256',
      salt: new Uint8Array(32),
      info: new TextEncoder().encode(`anyup/v1/${use}`),
    },
    base,
    256,
  );
  return new Uint8Array(bits);
}
