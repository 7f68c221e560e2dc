// Joining: the runner's own key signs a request that carries a join code; the worker answers who the runner is.
import { createHash } from 'node:crypto';
import { backoffMs } from '#core/backoff.ts';
import type { Capabilities } from '#core/wire/enroll.ts';
import { Client } from './client.ts';
import { Clock } from './clock.ts';
import { type Identity, loadIdentity, type RunnerKey, saveIdentity } from './keys.ts';
import { type RunnerPlatform, random01 } from './platform.ts';

/** The worker will not have this runner; the message is for the person who started it. */
export class EnrolmentError extends Error {}

export interface EnrolmentRequest {
  url: string | null;
  join: string | null;
  name: string;
  location: string | null;
  version: string;
  capabilities: Capabilities;
}

/** Who this runner is: as it enrolled before, or by enrolling now. Waits as long as the worker cannot be reached. */
export async function enrol(
  platform: RunnerPlatform,
  key: RunnerKey,
  request: EnrolmentRequest,
): Promise<Identity> {
  const known = await loadIdentity(platform);
  const joinHash = request.join === null ? '' : hashOf(request.join);
  if (known !== null && (request.join === null || joinHash === known.joinHash)) {
    return { ...known, url: request.url ?? known.url };
  }
  const { join } = request;
  if (join === null && request.url === null) {
    throw new EnrolmentError(
      'This runner has not joined yet: give it ANYUP_URL and ANYUP_JOIN (or --url and --join), as the page "Runners" shows them.',
    );
  }
  const url = request.url ?? known?.url;
  if (url === undefined) {
    throw new EnrolmentError(
      'ANYUP_URL (or --url) is missing: the address of the Anyup to join, like "https://status.example.org".',
    );
  }
  const client = new Client({
    platform,
    clock: new Clock(platform),
    key,
    url,
    as: { iss: 'new', aud: url },
    boot: 'new',
  });
  for (let attempt = 1; ; attempt++) {
    const outcome = await client.enrol({
      ...(join !== null && { code: join }),
      publicKey: key.publicKey,
      name: request.name,
      ...(request.location !== null && { location: request.location }),
      version: request.version,
      capabilities: request.capabilities,
    });
    if (outcome.type === 'ok') {
      const { runnerId, aud, name, location } = outcome.answer;
      const identity = { runnerId, aud, name, location, url, joinHash };
      await saveIdentity(platform, identity);
      return identity;
    }
    if (outcome.type === 'refused' || outcome.type === 'unreadable') {
      throw new EnrolmentError(`${url} does not take this runner: ${outcome.why}`);
    }
    const why = outcome.type === 'sequence' ? '409' : outcome.why;
    const afterMs = outcome.type === 'later' ? outcome.afterMs : 0;
    const waitMs = Math.max(
      afterMs,
      backoffMs(attempt, { baseMs: 1000, maxMs: 60_000, random01: random01(platform) }),
    );
    platform.log(
      'warn',
      `cannot join at ${url} yet: ${why}; trying again in ${Math.ceil(waitMs / 1000)} s`,
    );
    await new Promise<void>((resolve) => platform.setTimer(waitMs, resolve));
  }
}

/** Codes are compared as people type them: case, spaces and dashes do not matter. */
function hashOf(code: string): string {
  const plain = code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return createHash('sha256').update(plain).digest('base64url');
}
