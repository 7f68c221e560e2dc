import { levelOfVigilExit, OK } from '#core/level.ts';
import type { Exited, ReadExit } from './protocol.ts';
import { detailOf, firstLine } from './text.ts';

/** Vigil's way: 0 is healthy, 1 sick, anything else dead; what is printed is for people. */
export const readVigil: ReadExit = ({ exitCode, stdout, stderr, tookUs }: Exited) => {
  const level = levelOfVigilExit(exitCode);
  const { line, rest } = firstLine(stdout);
  const said = line || firstLine(stderr).line;
  return {
    level,
    rttUs: tookUs,
    code: level === OK ? 'ok' : 'script.status',
    text: level === OK ? line : said || `exit status ${exitCode}`,
    ...detailOf([rest, stderr]),
  };
};
