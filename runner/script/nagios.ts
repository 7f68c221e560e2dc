import { levelOfNagios, OK } from '#core/level.ts';
import type { Metric } from '#core/reading.ts';
import type { ReasonCode } from '#core/reason.ts';
import type { ReadExit } from './protocol.ts';
import { detailOf, firstLine } from './text.ts';

/** The plugins' way: 0, 1, 2 and 3 for OK, WARNING, CRITICAL and UNKNOWN; text | perfdata. */
export const readNagios: ReadExit = ({ exitCode, stdout, stderr, tookUs }) => {
  const { line, rest } = firstLine(stdout);
  const [text = '', perfdata = ''] = splitOnce(line);
  const [more = '', morePerfdata = ''] = splitOnce(rest);
  const metrics = parsePerfdata(`${perfdata} ${morePerfdata}`);
  const said = text || firstLine(stderr).line || `exit status ${exitCode}`;
  return {
    level: levelOfNagios(exitCode),
    rttUs: tookUs,
    code: codeFor(exitCode),
    text: levelOfNagios(exitCode) === OK ? text : said,
    ...(metrics.length > 0 && { metrics }),
    ...detailOf([more, stderr]),
  };
};

function codeFor(exitCode: number): ReasonCode {
  if (exitCode === 0) return 'ok';
  if (exitCode === 3) return 'unable.probe';
  return exitCode === 1 || exitCode === 2 ? 'script.status' : 'script.exit';
}

function splitOnce(text: string): [before: string, after: string] {
  const bar = text.indexOf('|');
  return bar === -1 ? [text.trim(), ''] : [text.slice(0, bar).trim(), text.slice(bar + 1)];
}

/** "'/ used'=93%;80;90 time=0.05s" as numbers with units; limits are left out, "U" is no number. */
export function parsePerfdata(text: string): Metric[] {
  const metrics: Metric[] = [];
  for (const match of text.matchAll(/(?:'((?:[^']|'')+)'|([^\s'=]+))=([^\s;]*)\S*/g)) {
    const name = (match[1] ?? match[2] ?? '').replaceAll("''", "'");
    const number = /^([-+]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?)(.*)$/i.exec(match[3] ?? '');
    if (!number) continue;
    const unit = number[2] ?? '';
    const value = Number((number[1] ?? '').replace(',', '.'));
    metrics.push({ name, value, ...(unit !== '' && { unit }) });
  }
  return metrics;
}
