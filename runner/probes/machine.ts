import { OK } from '#core/level.ts';
import { Failure } from '../failure.ts';
import { FIGURES } from '../machine/figures.ts';
import { judgeLimits } from '../machine/limits.ts';
import type { Probe } from '../probe.ts';
import { failed } from './answer.ts';

/** Reads one figure of this machine and holds it against its limits. Nothing travels, so there is no RTT. */
export const machine: Probe<'machine'> = async (spec) => {
  const [, figure = '', which = ''] = /^machine:([a-z]+)(?::(.*))?$/s.exec(spec.target) ?? [];
  const read = FIGURES[figure];
  if (!read) return failed(new Failure('unable.kind', `this runner knows no figure "${figure}"`));
  const identity = JSON.stringify(spec);
  const found = await read(which, identity);
  if (found instanceof Failure) return failed(found);
  const { value, unit, metrics, say = (each: number) => `${each}${unit}` } = found;
  const { level, text } = judgeLimits(identity, value, spec, performance.now(), say);
  const code = level === OK ? 'ok' : 'machine.limit';
  const words = `${figure} ${say(value)}`;
  return { level, rttUs: null, code, text: text === '' ? words : `${words}, ${text}`, metrics };
};
