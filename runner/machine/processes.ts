import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { libraryProcesses, type RunningProcess } from './library.ts';

/** Of a program by its name: what runs of it, with whole command lines. */
export async function runningOf(name: string): Promise<RunningProcess[]> {
  if (process.platform !== 'linux') {
    const wanted = name.toLowerCase().replace(/\.exe$/, '');
    const all = await libraryProcesses();
    return all.filter((each) => each.name.toLowerCase().replace(/\.exe$/, '') === wanted);
  }
  const ids = (await readdir('/proc')).filter((each) => /^\d+$/.test(each));
  const found = await Promise.all(ids.map((id) => look(id, name)));
  return found.filter((each) => each !== null);
}

/** The kernel keeps 15 characters of a name; scripts have the name of their interpreter there, their own in the command. */
async function look(id: string, wanted: string): Promise<RunningProcess | null> {
  try {
    const name = (await readFile(`/proc/${id}/comm`, 'utf8')).trim();
    const short = wanted.slice(0, 15);
    const command = await readFile(`/proc/${id}/cmdline`, 'utf8');
    const words = command.split('\0').filter((word) => word !== '');
    const named = words.slice(0, 2).some((word) => basename(word) === wanted);
    if (named || (name === short && (wanted.length <= 15 || words.length === 0))) {
      return { name, command: words.join(' ') };
    }
    return null;
  } catch {
    return null; // it has ended meanwhile
  }
}
