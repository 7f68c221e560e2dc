import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { codeOf, Failure } from '../failure.ts';

/** The file behind a path, all links followed, if it lies in a folder that checks may look into. */
export async function allowedFile(
  path: string,
  folders: readonly string[],
): Promise<string | Failure> {
  if (folders.length === 0) {
    return new Failure(
      'unable.files',
      'this runner lets checks read no files (--files, ANYUP_FILES)',
    );
  }
  // Before it is said whether a file is there: what lies elsewhere is nobody's business.
  if (!folders.some((folder) => isWithin(path, folder))) return outside(path, folders);
  try {
    const real = await realpath(path);
    const roots = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
    return roots.some((folder) => isWithin(real, folder)) ? real : outside(path, folders);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return new Failure('file.missing', `there is no ${path}`);
    return new Failure('unable.machine', `${path} cannot be looked at (${code})`);
  }
}

function isWithin(path: string, folder: string): boolean {
  if (path.split(/[\\/]/).includes('..')) return false;
  const root = folder.endsWith(sep) ? folder : folder + sep;
  return path === folder || path.startsWith(root);
}

function outside(path: string, folders: readonly string[]): Failure {
  return new Failure('unable.files', `${path} is not in ${folders.join(' or ')} (--files)`);
}
