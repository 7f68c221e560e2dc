import { ERROR, isLevel } from '#core/level.ts';
import type { Measurement, Metric } from '#core/reading.ts';
import type { Exited, ReadExit } from './protocol.ts';
import { detailOf, firstLine, plain } from './text.ts';

/** Wigo's way: one JSON object on standard output; what is printed beside it harms nothing. */
export const readWigo: ReadExit = (exited) => {
  const { exitCode, stdout, stderr } = exited;
  if (exitCode !== 0) {
    const said = firstLine(stderr).line || firstLine(stdout).line;
    const text = `exit status ${exitCode}${said ? `: ${said}` : ''}`;
    return broken(exited, 'script.exit', text);
  }
  const report = parseReport(stdout);
  if (!report) {
    const why = exited.cut ? 'it printed more than 64 KiB' : 'it did not print one JSON object';
    return broken(exited, 'script.output', why);
  }
  return readReport(report, exited);
};

/** The fields of the one JSON object that the text is, by lower-case name; null when it is something else. */
export function parseReport(text: string): Map<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
    return new Map(Object.entries(parsed).map(([name, value]) => [name.toLowerCase(), value]));
  } catch {
    return null;
  }
}

/**
 * Whether a text can only be meant to be read as Wigo reads it: what many a server answers, {"status": 200, "message": "OK"},
 * is not. Wigo's own probes write "Status", "Version" and "Message".
 */
export function isReport(text: string): boolean {
  const report = parseReport(text);
  if (!report || !isLevel(report.get('status'))) return false;
  return /"Status"\s*:/.test(text) || (report.has('version') && report.has('message'));
}

function readReport(report: Map<string, unknown>, exited: Exited): Measurement {
  const status = report.get('status');
  if (!isLevel(status)) {
    const shown = status === undefined ? 'missing' : JSON.stringify(status).slice(0, 40);
    return broken(
      exited,
      'script.output',
      `Status is ${shown}; it must be an integer from 100 to 999`,
    );
  }
  const message = report.get('message');
  const detail = report.get('detail');
  const version = report.get('version');
  const metrics = readMetrics(report.get('metrics'));
  return {
    level: status,
    rttUs: exited.tookUs,
    code: status < 200 ? 'ok' : 'script.status',
    text: typeof message === 'string' ? plain(message) : '',
    ...(metrics.length > 0 && { metrics }),
    ...detailOf([
      pretty(detail),
      isSomething(version) ? `version ${String(version)}` : '',
      exited.stderr,
    ]),
  };
}

function broken(exited: Exited, code: 'script.exit' | 'script.output', text: string): Measurement {
  const { stdout, stderr, tookUs } = exited;
  return { level: ERROR, rttUs: tookUs, code, text, ...detailOf([stdout, stderr]) };
}

function isSomething(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

function pretty(detail: unknown): string {
  if (detail === undefined || detail === null) return '';
  if (typeof detail === 'string') return detail;
  const isEmpty = typeof detail === 'object' && Object.keys(detail).length === 0;
  return isEmpty ? '' : JSON.stringify(detail, null, 1);
}

/** Wigo's list of { Tags, Value }, our { Name, Value, Unit }, or a plain map of numbers. */
function readMetrics(value: unknown): Metric[] {
  if (typeof value !== 'object' || value === null) return [];
  if (!Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, each]) => metricOf(name, each, undefined));
  }
  return value.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const fields = new Map(Object.entries(entry).map(([key, each]) => [key.toLowerCase(), each]));
    return metricOf(nameOf(fields), fields.get('value'), fields.get('unit'));
  });
}

function nameOf(fields: Map<string, unknown>): string {
  const name = fields.get('name') ?? fields.get('metric');
  const tags = fields.get('tags');
  const labels =
    typeof tags === 'object' && tags !== null
      ? Object.entries(tags).map(([key, each]) => `${key}=${String(each)}`)
      : [];
  if (typeof name === 'string' && name !== '') return [name, ...labels].join(' ');
  return labels.length > 0 ? labels.join(' ') : 'value';
}

/** Perl prints some numbers as strings. */
function metricOf(name: string, value: unknown, unit: unknown): Metric[] {
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  const number = isNumeric ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) return [];
  return [{ name, value: number, ...(typeof unit === 'string' && unit !== '' && { unit }) }];
}
