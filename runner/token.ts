// Signs one call (docs/protocol.md). Node's own Ed25519 rather than jose: it is synchronous, so that a simulated
// runner does the same things in the same order each time, and it spares the process 16 MB.
import { createHash, sign } from 'node:crypto';
import type { RunnerClaims } from '#core/wire/claims.ts';
import type { RunnerKey } from './keys.ts';

/** Below the longest life the worker allows, so that a little skew does not make it too long. */
const LIFE_S = 55;

const HEADER = Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'JWT' })).toString('base64url');

/** What a call says beside its times. */
export type CallClaims = Omit<RunnerClaims, 'iat' | 'exp' | 'jti' | 'body'>;

/** base64url SHA-256, as the claim `body` carries it. */
export function bodyHash(body: Uint8Array | null): string {
  return createHash('sha256')
    .update(body ?? '')
    .digest('base64url');
}

/** A compact JWT over the claims, issued at `now` (epoch ms). */
export function signToken(
  key: RunnerKey,
  claims: CallClaims,
  call: { body: Uint8Array | null; now: number; jti: string },
): string {
  const iat = Math.floor(call.now / 1000);
  const whole: RunnerClaims = {
    ...claims,
    iat,
    exp: iat + LIFE_S,
    jti: call.jti,
    body: bodyHash(call.body),
  };
  const signed = `${HEADER}.${Buffer.from(JSON.stringify(whole)).toString('base64url')}`;
  const signature = sign(null, Buffer.from(signed), key.privateKey);
  return `${signed}.${signature.toString('base64url')}`;
}
