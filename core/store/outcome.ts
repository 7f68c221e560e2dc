// What a result said beside its time and RTT. Nearly all say the same, so outcomes are numbered and told once.
import { isLevel, type Level, OK } from '../level.ts';
import type { BitReader, BitWriter } from './bits.ts';

export interface Outcome {
  /** Null = unable. */
  level: Level | null;
  code: string;
  blind: boolean;
  /** Measured under another revision of the check than the one in force at its arrival: no vote. */
  old: boolean;
  /** Asked for when another location saw the check turn: enough alone to settle a view. */
  asked: boolean;
}

export const PLAIN: Outcome = { level: OK, code: 'ok', blind: false, old: false, asked: false };

/** Numbers outcomes in the order they are met; 0 is the plain one. */
export class Outcomes {
  readonly list: Outcome[] = [PLAIN];
  readonly #ids = new Map<string, number>([[keyOf(PLAIN), 0]]);

  idOf(outcome: Outcome): number {
    const { level, code, blind, old, asked } = outcome;
    if (level === OK && code === 'ok' && !blind && !old && !asked) return 0;
    const key = keyOf(outcome);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.list.length);
    return this.list.push(outcome) - 1;
  }

  get(id: number): Outcome {
    const outcome = this.list[id];
    if (outcome === undefined) throw new RangeError('no such outcome');
    return outcome;
  }
}

/** Sorts outcomes the same way wherever they come from. */
export function keyOf({ level, code, blind, old, asked }: Outcome): string {
  const flags = [blind, old, asked].map((each) => (each ? 1 : 0)).join('');
  return `${String(level ?? 0).padStart(3, '0')} ${flags} ${code}`;
}

/** All outcomes but the plain one. */
export function writeOutcomes(out: BitWriter, list: readonly Outcome[]): void {
  out.small(list.length - 1);
  for (const { level, code, blind, old, asked } of list.slice(1)) {
    out.bits(level ?? 0, 10);
    out.bit(blind);
    out.bit(old);
    out.bit(asked);
    out.text(code);
  }
}

/** The list with the plain one first. */
/** `hasAsked`: written since there is `asked`; before that, nothing was. */
export function readOutcomes(input: BitReader, hasAsked: boolean): Outcome[] {
  const list = [PLAIN];
  for (let left = input.small(); left > 0; left--) {
    const level = input.bits(10);
    if (level !== 0 && !isLevel(level)) throw new RangeError('not a level');
    const [blind, old, asked] = [input.bit(), input.bit(), hasAsked && input.bit()];
    list.push({ level: level === 0 ? null : level, blind, old, asked, code: input.text() });
  }
  return list;
}
