import type { LogSpec } from '#core/checks/log.ts';
import { humanDuration } from '#core/duration.ts';
import { CRITICAL, OK, WARNING } from '#core/level.ts';
import { codeOf, Failure } from '../failure.ts';
import { allowedFile } from '../files/allowed.ts';
import { type Grown, type Mark, readGrown } from '../files/follow.ts';
import { matchingLines } from '../http/match.ts';
import { Memo } from '../machine/memo.ts';
import { NOTHING_PERMITTED } from '../permits.ts';
import type { Probe } from '../probe.ts';
import { plain } from '../script/text.ts';
import { failed } from './answer.ts';

/** What was found in one look. */
interface Found {
  atMs: number;
  count: number;
}

interface Followed {
  mark: Mark;
  found: Found[];
  last: string;
}

/** Shown beside the count. */
const SHOWN_CHARS = 120;

const followed = new Memo<Followed>();
/** Checks being looked at: two looks at once would count lines twice. */
const looking = new Map<string, Promise<unknown>>();

/** Counts the lines that match among those written lately. The first look only notes where the log ends. */
export const log: Probe<'log'> = async (spec, { permits = NOTHING_PERMITTED }) => {
  const path = await allowedFile(spec.target.replace(/^log:/, ''), permits.files);
  if (path instanceof Failure) return failed(path);
  const identity = JSON.stringify(spec);
  await looking.get(identity);
  const look = follow(path, spec, identity);
  looking.set(identity, look);
  const now = await look;
  looking.delete(identity);
  if (now instanceof Failure) return failed(now);
  const count = now.found.reduce((sum, each) => sum + each.count, 0);
  const metrics = [{ name: 'lines', value: count }];
  const level = levelOf(count, spec);
  if (level === OK) return { level, rttUs: null, code: 'ok', text: '', metrics };
  const lines = `${count} ${count === 1 ? 'line' : 'lines'} within ${humanDuration(spec.within)}`;
  const text = `${lines}; the last: ${now.last.slice(0, SHOWN_CHARS)}`;
  return { level, rttUs: null, code: 'log.lines', text, metrics };
};

async function follow(path: string, spec: LogSpec, identity: string): Promise<Followed | Failure> {
  const before = followed.get(identity);
  let grown: Grown;
  try {
    grown = await readGrown(path, before?.mark ?? null);
  } catch (error) {
    return new Failure('unable.machine', `${path} cannot be read (${codeOf(error)})`);
  }
  const matching = linesOf(grown.lines, spec);
  if (matching === null)
    return new Failure('unable.machine', 'the pattern takes too long; make it simpler');
  const atMs = performance.now();
  const found = [...(before?.found ?? []), { atMs, count: matching.length }].filter(
    (each) => each.count > 0 && atMs - each.atMs <= spec.within,
  );
  const last = plain(matching.at(-1) ?? before?.last ?? '');
  const now = { mark: grown.mark, found, last };
  followed.set(identity, now);
  return now;
}

/** Null when looking took too long. */
function linesOf(lines: readonly string[], { match, except }: LogSpec): string[] | null {
  const found = matchingLines(match, lines);
  if (found === null || except === undefined) return found;
  const spared = matchingLines(except, found);
  if (spared === null) return null;
  const left = new Set(spared);
  return found.filter((line) => !left.has(line));
}

function levelOf(count: number, { degradedFrom, downFrom }: LogSpec) {
  if (downFrom !== undefined && count >= downFrom) return CRITICAL;
  return count >= degradedFrom ? WARNING : OK;
}
