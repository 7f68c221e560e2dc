import { access, constants, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../failure.ts';
import { DataError, loadIdentity, loadKey } from '../keys.ts';
import { nodeDisk } from '../node/disk.ts';
import { type Exam, type Finding, fail, ok, warn } from './finding.ts';

const OTHERS = 0o077;
const MIN_FREE_BYTES = 256 * 1024 * 1024;

/** The key: there, readable as one, and nobody else's to read. */
export const key: Exam = async ({ dataFolder }) => {
  const file = join(dataFolder, 'key.json');
  const found = await stat(file).catch((error: unknown) => codeOf(error));
  if (found === 'ENOENT') {
    return warn('key', `none in ${dataFolder} yet`, 'It is made when the runner joins.');
  }
  if (typeof found === 'string') {
    const mend = `Run this as the user of the runner, or chown -R it ${dataFolder}.`;
    return fail('key', `${file} cannot be read (${found})`, mend);
  }
  if ((found.mode & OTHERS) !== 0) {
    const mend = `chmod 600 ${file}; if somebody may have read it, revoke the runner and join again.`;
    return warn('key', `${file} can be read by others`, mend);
  }
  try {
    await loadKey({ disk: nodeDisk(dataFolder), log: () => {} });
    return ok('key', 'an Ed25519 key that only its owner can read');
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return fail('key', error.message, 'Join again with a new code.');
  }
};

/** Has it joined, and as what? */
export const identity: Exam = async ({ dataFolder }) => {
  try {
    const known = await loadIdentity({ disk: nodeDisk(dataFolder) });
    if (known === null) {
      const mend = 'Start it once with --join and a code of the page "Runners".';
      return warn('identity', 'this runner has not joined yet', mend);
    }
    const where = known.location || 'no location yet';
    return ok('identity', `runner ${known.runnerId}, "${known.name}" in ${where}, of ${known.url}`);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return fail('identity', error.message, 'Join again with a new code.');
  }
};

/** May results be written here, is there room, and do some wait? */
export const spool: Exam = async ({ dataFolder }) => {
  const folder = join(dataFolder, 'spool');
  const there = await nearest(folder);
  try {
    await access(there, constants.W_OK);
  } catch (error) {
    const mend = `Let the user of the runner write to ${there}; until then results are kept in memory only.`;
    return fail('spool', `${there} takes no files (${codeOf(error)})`, mend);
  }
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.seg1'));
  const waiting = await Promise.all(
    files.map(async (name) => (await stat(join(folder, name))).size),
  );
  const bytes = waiting.reduce((sum, size) => sum + size, 0);
  const says = `${megabytes(free)} free, ${megabytes(bytes)} of results kept`;
  if (free >= MIN_FREE_BYTES) return ok('spool', says);
  return warn('spool', says, 'Make room: a full disk leaves results in memory only.');
};

/** Scripts: the folder is there, they may be run, and nobody else can change them. */
export const probes: Exam = async ({ probesFolder }) => {
  if (probesFolder === null) return ok('scripts', 'none: ANYUP_PROBES is not set');
  const found = await stat(probesFolder).catch((error: unknown) => codeOf(error));
  if (typeof found === 'string') {
    const mend = 'Make the folder, or correct ANYUP_PROBES.';
    return fail('scripts', `${probesFolder} cannot be read (${found})`, mend);
  }
  const { findScript } = await import('../script/find.ts');
  const names = (await readdir(probesFolder)).filter((name) => !name.startsWith('.')).sort();
  const refused: Finding[] = [];
  for (const name of names) {
    const path = await findScript(probesFolder, name);
    if (typeof path === 'string' || path.text.includes('is not a file')) continue;
    const mend = `chmod 755 ${join(probesFolder, name)}, and let only its owner write to it and to its folder.`;
    refused.push(warn('scripts', path.text, mend));
  }
  const fit = names.length - refused.length;
  return [ok('scripts', `${fit} in ${probesFolder}`), ...refused];
};

async function nearest(folder: string): Promise<string> {
  for (let there = folder; ; there = join(there, '..')) {
    if (await stat(there).catch(() => null)) return there;
    if (there === '/') return there;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MB`;
}
