import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, Failure } from '../failure.ts';

const WRITABLE_BY_OTHERS = 0o002;
/** In such a folder nobody may replace what is another's. */
const STICKY = 0o1000;

/**
 * The file behind a name in a tree of Wigo's ("60/disk"). Links may lead out of the tree, as Wigo's do; what anybody
 * may write to, or replace, is not run.
 */
export async function findInTree(root: string, name: string): Promise<string | Failure> {
  try {
    const path = await realpath(join(root, name));
    const file = await stat(path);
    if (!file.isFile()) return refusal(`"${name}" is not a file`);
    if (file.mode & WRITABLE_BY_OTHERS)
      return refusal(`"${name}" is not run: anybody may write to it`);
    const open = (await openFolder(dirname(path))) ?? (await openFolder(dirname(join(root, name))));
    if (open) return refusal(`"${name}" is not run: anybody may write to ${open}`);
    await access(path, constants.X_OK);
    return path;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EACCES') return refusal(`"${name}" is not executable`);
    return refusal(
      code === 'ENOENT' ? `there is no "${name}"` : `"${name}" cannot be used (${code})`,
    );
  }
}

/** The first folder on the way up in which others could put a file in another's place. */
async function openFolder(folder: string): Promise<string | null> {
  for (let each = folder; ; each = dirname(each)) {
    const { mode } = await stat(each);
    if (mode & WRITABLE_BY_OTHERS && !(mode & STICKY)) return each;
    if (dirname(each) === each) return null;
  }
}

function refusal(text: string): Failure {
  return new Failure('unable.script', text);
}
