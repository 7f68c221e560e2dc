// A backup back into the database: what people set up in one write, then history in as many as it takes.
import type * as z from 'zod';
import { BusyError } from '#db/write.ts';
import { parseInput } from '#worker/actions/parse.ts';
import { permit } from '#worker/actions/permit.ts';
import { readKeeping } from '#worker/history/rings.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { fieldErrors, Problem } from '#worker/problem.ts';
import { forgetPage } from '#worker/snapshot/memory.ts';
import { BACKUP_VERSION, type BackupDocument, backupDocument } from './document.ts';
import { LINES, type Line, type TableName } from './history/lines.ts';
import { beginFolding, type Place, sumUpDays, type Target, WRITERS } from './history/write.ts';
import type { Change } from './match.ts';
import { planRestore, type RestorePlan, restoreDocument } from './plan.ts';
import { type Limits, linesOf, type TextLine } from './stream.ts';

export interface RestoreOptions {
  dryRun: boolean;
  /** Remove what the backup has not. */
  replace: boolean;
  /** Lines of history that are restored already, from an attempt that was cut off. */
  from: number;
}

export interface RestoreReport {
  dryRun: boolean;
  changes: Change[];
  warnings: string[];
  history: HistoryReport | null;
}

export interface HistoryReport {
  /** Lines read, those passed over among them. */
  lines: number;
  rows: Partial<Record<TableName, number>>;
  /** Of checks the document does not have. */
  skipped: number;
  /** Its last line was there. */
  complete: boolean;
}

const MIB = 1024 * 1024;
export const LIMITS: Limits = { first: 16 * MIB, line: MIB, total: 4096 * MIB };
const BATCH = 100;

/** Restores from a stream; with `dryRun` says what it would do, and writes nothing. */
export async function restore(
  platform: Platform,
  actor: Actor,
  body: ReadableStream<Uint8Array>,
  options: RestoreOptions,
): Promise<RestoreReport> {
  permit(actor, 'owner');
  const lines = linesOf(body, LIMITS);
  const document = await readHead(lines);
  const wish = { document, replace: options.replace };
  const plan = options.dryRun
    ? await planRestore(platform, actor, wish)
    : await restoreDocument(platform, actor, wish);
  if (!options.dryRun) forgetPage(platform);
  const history =
    document.history === true ? await restoreHistory(platform, plan, lines, options) : null;
  const { changes, warnings } = plan;
  const cut = history !== null && !history.complete;
  return {
    dryRun: options.dryRun,
    changes,
    warnings: cut ? [...warnings, 'the file ends before its history does'] : warnings,
    history,
  };
}

/** The document: the first line, or all of a file that is spread over many. */
async function readHead(lines: AsyncGenerator<TextLine>): Promise<BackupDocument> {
  let text = '';
  for (;;) {
    const { value, done } = await lines.next();
    if (done) break;
    text += `${value.text}\n`;
    if (text.length > LIMITS.first) throw new Problem('too_large');
    if (value.number === 1 && isWhole(value.text)) break;
  }
  return parseDocument(text);
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseDocument(text: string): BackupDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    throw new Problem('bad_request', {
      detail: `The backup does not begin with JSON: ${message.slice(0, 200)}.`,
    });
  }
  const { version } = (value ?? {}) as { version?: unknown };
  if (typeof version === 'number' && version > BACKUP_VERSION) {
    throw new Problem('invalid_input', {
      errors: [
        {
          path: 'version',
          message: `is ${version}; this Anyup reads ${BACKUP_VERSION}: it was made by a newer one, update first`,
        },
      ],
    });
  }
  return parseInput(backupDocument, value);
}

async function restoreHistory(
  platform: Platform,
  { checkIds }: RestorePlan,
  lines: AsyncGenerator<TextLine>,
  { dryRun, from }: RestoreOptions,
): Promise<HistoryReport> {
  const target = await targetOf(platform, new Set(checkIds.values()));
  if (!dryRun) await beginFolding(target);
  const report: HistoryReport = { lines: 0, rows: {}, skipped: 0, complete: false };
  let batch: Array<Line<TableName>> = [];
  let written = from;
  const flush = async () => {
    const [first] = batch;
    if (first && !dryRun) await WRITERS[first.table](target, batch as never);
    batch = [];
    written = Math.max(from, report.lines);
  };
  try {
    for await (const { text, number } of lines) {
      const line = parseLine(text, number);
      if (line.table === 'end') {
        await flush();
        if (!dryRun) await sumUpDays(target, line.days);
        report.complete = report.lines === line.lines;
        break;
      }
      if (batch.length === BATCH || (batch[0] && batch[0].table !== line.table)) await flush();
      report.lines += 1;
      if (report.lines <= from) continue;
      const mapped = mapLine(line, checkIds);
      if (mapped === null) report.skipped += 1;
      else {
        batch.push(mapped);
        report.rows[line.table] = (report.rows[line.table] ?? 0) + 1;
      }
    }
    await flush();
  } catch (error) {
    throw resumable(error, written);
  }
  return report;
}

async function targetOf(platform: Platform, wanted: ReadonlySet<number>): Promise<Target> {
  const [keeping, checks] = await platform.db.$client.batch(
    [readKeeping.sql, 'select id, host_id, shard, position from check_ where deleted_at is null'],
    'read',
  );
  const places = new Map<number, Place>();
  for (const row of checks?.rows ?? []) {
    const [id, shard, position] = [Number(row.id), Number(row.shard), Number(row.position)];
    if (wanted.has(id)) places.set(id, { shard, position, hostId: Number(row.host_id) });
  }
  return { platform, keeping: readKeeping.parse(keeping), places };
}

function parseLine(text: string, number: number): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuseLine(number, [{ path: '', message: 'is not JSON' }]);
  }
  const { table } = (value ?? {}) as { table?: unknown };
  if (typeof table !== 'string' || !Object.hasOwn(LINES, table)) {
    const is = typeof table === 'string' ? `is "${table.slice(0, 40)}"` : 'is missing';
    throw refuseLine(number, [
      { path: 'table', message: `${is}; it must be one of ${Object.keys(LINES).join(', ')}` },
    ]);
  }
  const schema: z.ZodType = LINES[table as keyof typeof LINES];
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refuseLine(number, fieldErrors(parsed.error));
  return parsed.data as Line;
}

function refuseLine(number: number, errors: Array<{ path: string; message: string }>): Problem {
  return new Problem('invalid_input', {
    errors: errors.map(({ path, message }) => ({
      path: path === '' ? `line ${number}` : `line ${number}: ${path}`,
      message,
    })),
  });
}

function mapLine(
  line: Exclude<Line, { table: 'end' }>,
  checks: ReadonlyMap<number, number>,
): Line<TableName> | null {
  if (!('check' in line)) return line;
  const check = checks.get(line.check);
  return check === undefined ? null : { ...line, check };
}

/** What stopped it says where to go on. */
function resumable(error: unknown, from: number): unknown {
  if (error instanceof BusyError) {
    return new Problem('busy', { headers: { 'retry-after': '2' }, extra: { from } });
  }
  if (!(error instanceof Problem)) return error;
  const { code, detail, errors, headers } = error;
  return new Problem(code, {
    errors,
    headers,
    extra: { ...error.extra, from },
    ...(detail !== undefined && { detail }),
  });
}
