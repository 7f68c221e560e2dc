import { stat } from 'node:fs/promises';
import { humanDuration } from '#core/duration.ts';
import { OK } from '#core/level.ts';
import { codeOf, Failure } from '../failure.ts';
import { allowedFile } from '../files/allowed.ts';
import { NOTHING_PERMITTED } from '../permits.ts';
import type { Probe } from '../probe.ts';
import { failed } from './answer.ts';

/** Age and size of a file. */
export const file: Probe<'file'> = async (spec, { permits = NOTHING_PERMITTED }) => {
  const path = await allowedFile(spec.target.replace(/^file:/, ''), permits.files);
  if (path instanceof Failure) return failed(path);
  const found = await stat(path).catch((error: unknown) => codeOf(error));
  if (typeof found === 'string') return failed(new Failure('file.missing', `there is no ${path}`));
  const ageMs = Math.max(0, Date.now() - found.mtimeMs);
  const metrics = [
    { name: 'age', value: Math.round(ageMs / 1000), unit: 's' },
    { name: 'size', value: found.size, unit: 'B' },
  ];
  const { maxAge, minBytes, maxBytes } = spec;
  if (maxAge !== undefined && ageMs > maxAge) {
    const text = `written ${humanDuration(ageMs)} ago; at most ${humanDuration(maxAge)} are expected`;
    return failed(new Failure('file.age', text), { metrics });
  }
  if (minBytes !== undefined && found.size < minBytes) {
    const text = `has ${found.size} bytes; at least ${minBytes} are expected`;
    return failed(new Failure('file.size', text), { metrics });
  }
  if (maxBytes !== undefined && found.size > maxBytes) {
    const text = `has ${found.size} bytes; at most ${maxBytes} are expected`;
    return failed(new Failure('file.size', text), { metrics });
  }
  return { level: OK, rttUs: null, code: 'ok', text: '', metrics };
};
