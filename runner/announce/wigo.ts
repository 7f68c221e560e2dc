// A tree of probes as Wigo lays it out: probes/60/disk runs each minute. Added and removed files are noticed by looking again.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SCRIPT_NAME } from '#core/checks/script.ts';
import type { AnnouncedCheck } from '#core/wire/host.ts';
import { codeOf, Failure, messageOf } from '../failure.ts';
import { findInTree } from '../script/tree.ts';

const LONGEST_S = 86_400;
const INTERVAL = /^[1-9]\d{0,4}$/;

/** However little seems to have changed, every file is examined anew after this: rights are no entry of a folder. */
const EXAMINE_EVERY_MS = 60_000;
const SETTLED_MS = 2000;

/** As `wigoChecks`, but files are only examined when a folder of the tree changed, or a minute went by. */
export function wigoLook(
  folder: string,
  say: (line: string) => void,
): () => Promise<AnnouncedCheck[] | null> {
  let known: { state: string; atMs: number; checks: AnnouncedCheck[] } | null = null;
  return async () => {
    const state = await stateOf(folder).catch(() => '');
    const nowMs = performance.now();
    const isFresh = known?.state === state && nowMs - known.atMs < EXAMINE_EVERY_MS;
    if (known !== null && isFresh && state !== '') return known.checks;
    const checks = await wigoChecks(folder, say);
    known = checks && { state, atMs: nowMs, checks };
    return checks;
  };
}

/** Changes with every file that is added to the tree or removed from it; empty while it may be changing just now. */
async function stateOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => INTERVAL.test(name)).sort();
  const changedAt = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name))).mtimeMs),
  );
  // The clock of a file system is coarse: what changed a moment ago may change again under the same time.
  if (changedAt.some((at) => Math.abs(Date.now() - at) < SETTLED_MS)) return '';
  return JSON.stringify([names, changedAt]);
}

/** A check for every probe of the tree; null = the tree cannot be read now. `say` is told what is left out. */
export async function wigoChecks(
  folder: string,
  say: (line: string) => void,
): Promise<AnnouncedCheck[] | null> {
  try {
    const checks: AnnouncedCheck[] = [];
    for (const each of await intervalsOf(folder, say)) {
      for (const { name } of await entries(join(folder, each))) {
        const path = `${each}/${name}`;
        const found = SCRIPT_NAME.test(path)
          ? await findInTree(folder, path)
          : new Failure('unable.script', 'its name has characters that are not taken');
        if (found instanceof Failure) say(`${join(folder, path)} is left out: ${found.text}`);
        else checks.push(checkOf(Number(each), name, path));
      }
    }
    return checks;
  } catch (error) {
    say(`the probes in ${folder} cannot be listed (${codeOf(error) || messageOf(error)})`);
    return null;
  }
}

/** The folders that are named by seconds, the shortest first. */
async function intervalsOf(folder: string, say: (line: string) => void): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() && !entry.isSymbolicLink()) continue;
    const isInterval = INTERVAL.test(entry.name) && Number(entry.name) <= LONGEST_S;
    if (isInterval) names.push(entry.name);
    else if (entry.isDirectory() && /^\d+$/.test(entry.name)) {
      say(`${join(folder, entry.name)} is left out: an interval is from 1 to ${LONGEST_S} seconds`);
    }
  }
  return names.sort((a, b) => Number(a) - Number(b));
}

/** Folders within are not probes; links are followed when they are run. */
async function entries(folder: string): Promise<Dirent[]> {
  const all = await readdir(folder, { withFileTypes: true });
  return all.filter((entry) => !entry.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Wigo gives a probe its interval but a second, and believes one result. */
function checkOf(intervalS: number, name: string, path: string): AnnouncedCheck {
  const timeoutMs = intervalS > 2 ? (intervalS - 1) * 1000 : intervalS * 800;
  return {
    key: `wigo/${path}`,
    name,
    config: { kind: 'script', target: `script:${path}`, protocol: 'wigo' },
    interval: `${intervalS}s`,
    timeout: `${timeoutMs}ms`,
    failures: 1,
  };
}
