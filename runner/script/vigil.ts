import { INFO, levelOfVigilExit, OK } from '#core/level.ts';
import type { Exited, ReadExit } from './protocol.ts';
import { detailOf, firstLine } from './text.ts';
import { isReport } from './wigo.ts';

/** Vigil's way: 0 is healthy, 1 sick, anything else dead; what is printed is for people. */
export const readVigil: ReadExit = ({ exitCode, stdout, stderr, tookUs }: Exited) => {
  const level = levelOfVigilExit(exitCode);
  const { line, rest } = firstLine(stdout);
  const said = line || firstLine(stderr).line;
  if (level === OK && isReport(stdout)) {
    const text =
      "it printed a report of Wigo's, of which only the exit code counts: choose the protocol wigo";
    return {
      level: INFO,
      rttUs: tookUs,
      code: 'script.output',
      text,
      ...detailOf([stdout, stderr]),
    };
  }
  return {
    level,
    rttUs: tookUs,
    code: level === OK ? 'ok' : 'script.status',
    text: level === OK ? line : said || `exit status ${exitCode}`,
    ...detailOf([rest, stderr]),
  };
};
