import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Change } from '#worker/backup/match.ts';
import { type HistoryReport, restore as restoreBackup } from '#worker/backup/restore.ts';
import { SettingsError } from '#worker/config.ts';
import { Problem } from '#worker/problem.ts';
import { OPERATOR } from './backup.ts';
import type { Command } from './commands.ts';
import { partsOf } from './parts.ts';

/** Restores a backup out of a file; says what it does, or with --dry-run what it would do. */
export const restore: Command['run'] = async (platform, say, args) => {
  const { flags, names } = partsOf(args, ['--dry-run', '--replace'], 1);
  const [file] = names;
  if (file === undefined) throw new SettingsError('name the file: anyup restore backup.json');
  const path = resolve(process.env.ANYUP_CALLER_CWD ?? '.', file);
  const handle = await open(path).catch((error: Error) => {
    throw new SettingsError(`${path} cannot be read: ${error.message}`);
  });
  const body = Readable.toWeb(handle.createReadStream()) as ReadableStream<Uint8Array>;
  const options = { dryRun: flags.has('--dry-run'), replace: flags.has('--replace'), from: 0 };
  try {
    const report = await restoreBackup(platform, OPERATOR, body, options);
    for (const change of report.changes) if (change.change !== 'left') say(changeWords(change));
    for (const warning of report.warnings) say(`note: ${warning}`);
    const left = report.changes.filter(({ change }) => change === 'left').length;
    if (left > 0) say(`left as it was: ${left}`);
    if (report.history) say(historyWords(report.history));
    say(report.dryRun ? 'nothing was written' : 'restored');
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const faults = error.errors.map(({ path, message }) => `${path}: ${message}`);
    throw new SettingsError([error.message, ...faults].join('\n'));
  }
};

function changeWords({ what, name, change, fields = [] }: Change): string {
  return `${change} ${what} ${name}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`;
}

function historyWords({ rows, complete }: HistoryReport): string {
  const counts = Object.entries(rows).map(([table, count]) => `${count} ${table}`);
  return `history: ${counts.join(', ') || 'none'}${complete ? '' : '; not complete'}`;
}
