import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { codeOf, Failure } from '../failure.ts';

const run = promisify(execFile);
const PROPERTIES = '--property=LoadState,ActiveState,SubState,Result,NRestarts';

/** What systemd says of a unit. */
export interface Unit {
  active: boolean;
  /** "active (running)", "failed (exit-code)". */
  words: string;
  restarts: number;
}

/** A unit by its name; ".service" is meant where nothing is said. */
export async function readUnit(name: string, timeoutMs: number): Promise<Unit | Failure> {
  const unit = /\.[a-z]+$/.test(name) ? name : `${name}.service`;
  let text: string;
  try {
    const env = { PATH: process.env.PATH, LANG: 'C.UTF-8' };
    const options = { timeout: timeoutMs, env, maxBuffer: 65_536 };
    ({ stdout: text } = await run('systemctl', ['show', PROPERTIES, '--', unit], options));
  } catch (error) {
    if (codeOf(error) === 'ENOENT')
      return new Failure('unable.machine', 'this machine has no systemd');
    const said = (error as { stderr?: string }).stderr?.trim().split('\n')[0];
    return new Failure(
      'unable.machine',
      `systemd does not answer: ${said || codeOf(error) || 'in time'}`,
    );
  }
  const property = (wanted: string) => new RegExp(`^${wanted}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  if (property('LoadState') === 'not-found') {
    return new Failure('service.state', `there is no service ${unit}`);
  }
  const state = property('ActiveState');
  const more = state === 'failed' ? property('Result') : property('SubState');
  return {
    active: state === 'active' || state === 'reloading',
    words: `${state} (${more})`,
    restarts: Number(property('NRestarts')) || 0,
  };
}
