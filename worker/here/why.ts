import type { Measurement } from '#core/reading.ts';
import { publicReason } from '#core/reason.ts';
import { NotAllowed, type Outside } from './outside.ts';
import { failed } from './probe.ts';

/** What a thrown error of the outside says of a target. */
export function failureOf(error: unknown, outside: Outside, target: string): Measurement {
  if (error instanceof NotAllowed) return failed('unable.not_public', error.message);
  const { code, text } = outside.explain(error);
  return failed(code, `${target}: ${publicReason(code)}${text === '' ? '' : ` (${text})`}`);
}
