import { readFile } from 'node:fs/promises';
import { type Exam, ok, warn } from './finding.ts';

/** A probe takes one or two descriptors; thousands may be under way when much is down at once. */
const ENOUGH_FILES = 4096;

/** How many files and sockets this process may have open (Linux tells). */
export const files: Exam = async () => {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => null);
  const limit = /^Max open files\s+(\d+|unlimited)/m.exec(text ?? '')?.[1];
  if (limit === undefined) return ok('files', 'this system does not tell how many may be open');
  if (limit === 'unlimited' || Number(limit) >= ENOUGH_FILES)
    return ok('files', `${limit} may be open`);
  const mend = `Raise it: LimitNOFILE=${ENOUGH_FILES * 4} in the unit, --ulimit nofile=${ENOUGH_FILES * 4} for a container.`;
  return warn('files', `only ${limit} may be open`, mend);
};
