// From a check to what is run, if the owner of this runner allows all of it.
import { createHash } from 'node:crypto';
import { chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ScriptSpec } from '#core/checks/script.ts';
import { codeOf, Failure } from '../failure.ts';
import { NOTHING_PERMITTED, type Permits } from '../permits.ts';
import type { ProbeContext } from '../probe.ts';
import { findScript } from './find.ts';
import { findInTree } from './tree.ts';

const WRITABLE_BY_OTHERS = 0o002;

/** A script ready to be run, but for the time it is given. */
export interface ScriptOrder {
  path: string;
  folder: string;
  /** Variables that are set for it, those of Wigo among them. */
  variables: Record<string, string>;
  /** Names of the runner's own variables that it sees. */
  allowed: readonly string[];
  as: User | null;
}

interface User {
  uid: number;
  gid: number;
}

/** What a check asks for, or why this runner does not do it. */
export async function orderOf(
  spec: ScriptSpec,
  { probesFolder, permits = NOTHING_PERMITTED }: ProbeContext,
): Promise<ScriptOrder | Failure> {
  const denied = Object.keys(spec.env).find((name) => !permits.env.includes(name));
  if (denied !== undefined) {
    return forbidden(`checks may not set ${denied} on this runner (--script-env)`);
  }
  const user = spec.user === undefined ? null : await userNamed(spec.user, permits);
  if (user instanceof Failure) return user;
  const path = await pathOf(spec, probesFolder, permits, user);
  if (path instanceof Failure) return path;
  const folder = spec.folder === undefined ? dirname(path) : await workingFolder(spec.folder);
  if (folder instanceof Failure) return folder;
  return {
    path,
    folder,
    as: user && { uid: user.uid, gid: user.gid },
    allowed: permits.env,
    variables: {
      ...(isOfTree(spec) && permits.wigo && { WIGO_PROBE_CONFIG_ROOT: permits.wigo.configRoot }),
      ...(user && { HOME: user.home, USER: spec.user ?? '', LOGNAME: spec.user ?? '' }),
      ...spec.env,
    },
  };
}

function isOfTree({ target }: ScriptSpec): boolean {
  return target.includes('/');
}

async function pathOf(
  spec: ScriptSpec,
  probesFolder: string | null,
  { wigo, remoteScripts }: Permits,
  user: User | null,
): Promise<string | Failure> {
  const name = spec.target.replace(/^script:/, '');
  if (spec.inline !== undefined) return keepRemote(spec.inline, remoteScripts, user);
  if (!isOfTree(spec)) return findScript(probesFolder, name);
  if (wigo !== null) return findInTree(wigo.folder, name);
  return new Failure(
    'unable.script',
    `this runner has no tree of probes (--wigo-probes) to find "${name}" in`,
  );
}

/** Kept as a file by what is in it: written once, run again and again, read by nobody but who runs it. */
async function keepRemote(
  text: string,
  folder: string | null,
  user: User | null,
): Promise<string | Failure> {
  if (folder === null) {
    return forbidden('this runner runs no scripts that come with a check (--allow-remote-scripts)');
  }
  const whole = `${text.startsWith('#!') ? '' : '#!/bin/sh\n'}${text.replaceAll('\r\n', '\n')}\n`;
  const name = createHash('sha256')
    .update(`${user?.uid ?? ''}\n${whole}`)
    .digest('hex');
  const path = join(folder, name.slice(0, 32));
  try {
    if ((await readFile(path, 'utf8').catch(() => '')) === whole) return path;
    await mkdir(folder, { recursive: true, mode: 0o711 });
    await writeFile(path, whole, { mode: 0o700 });
    if (user) await chown(path, user.uid, user.gid);
    return path;
  } catch (error) {
    return new Failure(
      'unable.script',
      `the script cannot be kept in ${folder} (${codeOf(error)})`,
    );
  }
}

async function workingFolder(folder: string): Promise<string | Failure> {
  const found = await stat(folder).catch(() => null);
  if (!found?.isDirectory()) return new Failure('unable.script', `there is no folder ${folder}`);
  if (!(found.mode & WRITABLE_BY_OTHERS)) return folder;
  return new Failure('unable.script', `scripts are not run in ${folder}: anybody may write there`);
}

async function userNamed(
  name: string,
  { users }: Permits,
): Promise<(User & { home: string }) | Failure> {
  if (!users.includes(name)) {
    return forbidden(`checks may not run scripts as ${name} on this runner (--script-users)`);
  }
  if (process.getuid?.() !== 0) {
    return forbidden(`only a runner that is root can run scripts as ${name}`);
  }
  const line = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .map((each) => each.split(':'))
    .find(([each]) => each === name);
  if (!line) return new Failure('unable.script', `there is no user ${name} on this machine`);
  return { uid: Number(line[2]), gid: Number(line[3]), home: line[5] ?? '/' };
}

function forbidden(text: string): Failure {
  return new Failure('unable.permit', text);
}
