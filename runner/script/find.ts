import { constants, type Stats } from 'node:fs';
import { access, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { SCRIPT_NAME } from '#core/checks/script.ts';
import { codeOf, Failure } from '../failure.ts';

const WRITABLE_BY_OTHERS = 0o002;

/** The file behind a script's name, all links followed, or why it may not be run. */
export async function findScript(folder: string | null, name: string): Promise<string | Failure> {
  if (folder === null) {
    return refusal(`this runner has no folder of probes (ANYUP_PROBES) to find "${name}" in`);
  }
  if (!SCRIPT_NAME.test(name)) return refusal(`"${name}" is not the name of a script`);
  try {
    const root = await realpath(folder);
    const path = await realpath(join(root, name));
    if (!path.startsWith(root + sep)) return refusal(`"${name}" leads out of the folder of probes`);
    const file = await stat(path);
    if (!file.isFile()) return refusal(`"${name}" is not a file`);
    const open = await openToOthers(path, file, root);
    if (open) return refusal(`"${name}" is not run: anybody may write to ${open}`);
    await access(path, constants.X_OK);
    return path;
  } catch (error) {
    return refusal(wordsFor(codeOf(error), name));
  }
}

/** Names in the folder that could be run, sorted; none when there is no folder. */
export async function listScripts(folder: string | null): Promise<string[]> {
  if (folder === null) return [];
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => (typeof (await findScript(folder, name)) === 'string' ? [name] : [])),
  );
  return found.flat().sort();
}

/** What others could change to have code of theirs run: the file, or a folder on the way to it. */
async function openToOthers(path: string, file: Stats, root: string): Promise<string | null> {
  if (file.mode & WRITABLE_BY_OTHERS) return 'it';
  for (let folder = dirname(path); folder.length >= root.length; folder = dirname(folder)) {
    if ((await stat(folder)).mode & WRITABLE_BY_OTHERS) return 'its folder';
  }
  return null;
}

function wordsFor(code: string, name: string): string {
  if (code === 'ENOENT') return `there is no "${name}" in the folder of probes`;
  if (code === 'EACCES') return `"${name}" is not executable`;
  return `"${name}" cannot be used (${code})`;
}

function refusal(text: string): Failure {
  return new Failure('unable.script', text);
}
