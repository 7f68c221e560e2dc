import type { ScriptProtocol } from '#core/checks/script.ts';
import type { Measurement } from '#core/reading.ts';
import { readNagios } from './nagios.ts';
import type { Ended } from './run.ts';
import { readVigil } from './vigil.ts';
import { isReport, parseReport, readWigo } from './wigo.ts';

/** A script that ended by itself. */
export interface Exited extends Omit<Ended, 'how'> {
  exitCode: number;
}

export type ReadExit = (exited: Exited) => Measurement;

/** How exit code and output are read, by the protocol stored with the check. */
export const PROTOCOLS: Record<ScriptProtocol, ReadExit> = {
  vigil: readVigil,
  wigo: readWigo,
  nagios: readNagios,
};

/** The protocol that a script seems to speak, judged from one run. */
export function proposeProtocol(
  stored: ScriptProtocol,
  exitCode: number,
  stdout: string,
): ScriptProtocol {
  const isWigo = stored === 'wigo' ? parseReport(stdout)?.has('status') : isReport(stdout);
  if (isWigo) return 'wigo';
  const firstLine = stdout.trimStart().split(/\r?\n/, 1)[0] ?? '';
  const speaksNagios =
    /^[^|]*\|\s*\S+=/.test(firstLine) ||
    /^(?:\S+\s+){0,3}(?:OK|WARNING|CRITICAL|UNKNOWN)\b/.test(firstLine);
  return speaksNagios && exitCode <= 3 ? 'nagios' : 'vigil';
}
