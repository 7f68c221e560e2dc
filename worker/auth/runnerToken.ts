// Who posts: the EdDSA token a runner signs over each call (DESIGN §6, docs/protocol.md).
import * as jose from 'jose';
import {
  MAX_TOKEN_AGE_S,
  type RunnerClaims,
  resultClaimsSchema,
  runnerClaimsSchema,
} from '#core/wire/claims.ts';
import { sameText, sha256 } from '#worker/crypto/hash.ts';
import { fieldErrors, Problem } from '#worker/problem.ts';

const ALGORITHMS = ['EdDSA', 'Ed25519'];

/** The call as it arrived; `body` is the bytes as sent. */
export interface SignedCall {
  authorization: string | undefined;
  method: string;
  path: string;
  body: Uint8Array;
  now: number;
}

const keys = new Map<string, Promise<jose.CryptoKey>>();

/** Imported once per isolate: importing costs more than verifying. */
function importKey(x: string): Promise<jose.CryptoKey> {
  const known = keys.get(x);
  if (known) return known;
  if (keys.size > 1000) keys.clear();
  const key = jose.importJWK({ kty: 'OKP', crv: 'Ed25519', x }, 'EdDSA') as Promise<jose.CryptoKey>;
  keys.set(x, key);
  return key;
}

function bearer(authorization: string | undefined): string {
  const match = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization ?? '');
  if (!match || (match[1] as string).length > 4096) {
    throw new Problem('bad_token', {
      detail: 'Authorization must be "Bearer " and a signed token.',
    });
  }
  return match[1] as string;
}

/** The claims as they stand, not yet verified: only to find the key. */
export function peekClaims(authorization: string | undefined): RunnerClaims {
  const token = bearer(authorization);
  let payload: unknown;
  try {
    payload = jose.decodeJwt(token);
  } catch {
    throw new Problem('bad_token', { detail: 'The token cannot be decoded.' });
  }
  const parsed = runnerClaimsSchema.safeParse(payload);
  if (!parsed.success) throw new Problem('bad_token', { errors: fieldErrors(parsed.error) });
  return parsed.data;
}

/** Verifies signature, address, call, age and body; gives the claims or refuses. `aud` null: not yet enrolled. */
export async function verifyRunnerCall(
  call: SignedCall,
  publicKey: string,
  aud: string | null,
): Promise<RunnerClaims> {
  const token = bearer(call.authorization);
  try {
    await jose.compactVerify(token, await importKey(publicKey), { algorithms: ALGORITHMS });
  } catch {
    throw new Problem('bad_token', {
      detail: 'The signature does not match the key of this runner.',
    });
  }
  const claims = peekClaims(call.authorization);
  const refuse = (detail: string) => new Problem('bad_token', { detail });
  if (aud !== null && claims.aud !== aud)
    throw refuse('aud is not the address given at enrolment.');
  if (claims.htm !== call.method) throw refuse(`htm is not ${call.method}.`);
  if (claims.htu !== call.path) throw refuse(`htu is not ${call.path}.`);
  if (claims.exp - claims.iat > MAX_TOKEN_AGE_S || claims.exp <= claims.iat) {
    throw refuse(`exp must be within ${MAX_TOKEN_AGE_S} s after iat.`);
  }
  const nowS = call.now / 1000;
  if (claims.exp < nowS || claims.iat > nowS + MAX_TOKEN_AGE_S) {
    throw new Problem('clock_skew', {
      detail: 'Sign again with the time in `now`.',
      extra: { now: call.now },
    });
  }
  if (!sameText(claims.body, await sha256(call.body))) {
    throw refuse('body is not the SHA-256 of the bytes received.');
  }
  return claims;
}

/** The claims a post of results carries beside the common ones. */
export function resultClaims(claims: RunnerClaims) {
  const parsed = resultClaimsSchema.safeParse(claims);
  if (!parsed.success) throw new Problem('bad_token', { errors: fieldErrors(parsed.error) });
  return parsed.data;
}
