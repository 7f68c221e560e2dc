import { ERROR, OK } from '#core/level.ts';
import { Failure } from '../failure.ts';
import { matches } from '../http/match.ts';
import { runningOf } from '../machine/processes.ts';
import type { Probe } from '../probe.ts';
import { failed } from './answer.ts';

/** How many processes of a program run. */
export const processes: Probe<'process'> = async ({ target, command, min, max }) => {
  const name = target.replace(/^process:/, '');
  const running = await runningOf(name);
  const meant =
    command === undefined ? running : running.filter((each) => matches(command, each.command));
  const count = meant.length;
  const metrics = [{ name: 'processes', value: count }];
  if (count >= min && (max === undefined || count <= max)) {
    return { level: OK, rttUs: null, code: 'ok', text: '', metrics };
  }
  const expected = count < min ? `at least ${min}` : `at most ${max}`;
  const which = command === undefined ? name : `${name} with a command line as wished`;
  const text = `${count === 0 ? 'no' : count} ${which} runs; ${expected} expected`;
  return failed(new Failure('processes.count', text), { level: ERROR, metrics });
};
