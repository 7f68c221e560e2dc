// The two secrets of an installation on a machine: made once, kept in its data folder, readable by its owner only.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError } from '#worker/config.ts';

export interface Secrets {
  ANYUP_SECRET: string;
  ANYUP_ACCESS_KEY: string;
}

/** 256 and 192 random bits. */
export function makeSecrets(): Secrets {
  return {
    ANYUP_SECRET: randomBytes(32).toString('base64'),
    ANYUP_ACCESS_KEY: randomBytes(24).toString('base64url'),
  };
}

/** Reads `secrets.json` of a folder, or makes it. */
export function readOrMakeSecrets(folder: string): Secrets {
  const file = join(folder, 'secrets.json');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const secrets = makeSecrets();
    writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return secrets;
  }
  let held: Partial<Secrets>;
  try {
    held = JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>;
  } catch {
    throw new SettingsError(
      `${file} is not JSON; mend it, or move it away to have new secrets made (stored channel passwords are lost then)`,
    );
  }
  const { ANYUP_SECRET, ANYUP_ACCESS_KEY } = held;
  if (typeof ANYUP_SECRET === 'string' && typeof ANYUP_ACCESS_KEY === 'string') {
    return { ANYUP_SECRET, ANYUP_ACCESS_KEY };
  }
  throw new SettingsError(`${file} must hold ANYUP_SECRET and ANYUP_ACCESS_KEY, both texts`);
}
