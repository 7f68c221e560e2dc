import { ERROR, OK } from '#core/level.ts';
import { Failure } from '../failure.ts';
import { libraryService } from '../machine/library.ts';
import { readUnit, type Unit } from '../machine/systemd.ts';
import type { Probe } from '../probe.ts';
import { failed } from './answer.ts';

/** The state of a service as systemd, or elsewhere the system's own manager, has it. */
export const service: Probe<'service'> = async ({ target, expect }, { timeoutMs }) => {
  const name = target.replace(/^service:/, '');
  const found =
    process.platform === 'linux' ? await readUnit(name, timeoutMs) : await elsewhere(name);
  if (found instanceof Failure) return failed(found);
  const metrics = [{ name: 'restarts', value: found.restarts }];
  if (found.active === (expect === 'running')) {
    return { level: OK, rttUs: null, code: 'ok', text: '', metrics };
  }
  const text = `${name} is ${found.words}; it should be ${expect}`;
  return failed(new Failure('service.state', text), { level: ERROR, metrics });
};

async function elsewhere(name: string): Promise<Unit | Failure> {
  const running = await libraryService(name);
  if (running === null) return new Failure('service.state', `there is no service ${name}`);
  return { active: running, words: running ? 'running' : 'stopped', restarts: 0 };
}
