import { createContext, Script } from 'node:vm';

/** No more of a body than this is searched. */
export const MATCH_BYTES = 256 * 1024;
const MAX_MATCH_MS = 250;
/** Patterns without any of these cannot run away, whatever the text. */
const CAN_RUN_AWAY = /[*+?{(]/;

const search = new Script('pattern.test(text)');
const box: { pattern: RegExp | null; text: string } = { pattern: null, text: '' };
let sandbox: object | undefined;

/** Whether the pattern is found; null when looking for it took too long (it is then stopped). */
export function matches(source: string, text: string): boolean | null {
  const pattern = new RegExp(source, 'u');
  if (!CAN_RUN_AWAY.test(source)) return pattern.test(text);
  sandbox ??= createContext(box);
  Object.assign(box, { pattern, text });
  try {
    return search.runInContext(sandbox, { timeout: MAX_MATCH_MS }) === true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  } finally {
    Object.assign(box, { pattern: null, text: '' });
  }
}

const filter = new Script('lines.filter((line) => pattern.test(line))');

/** The lines in which the pattern is found; null when looking for it took too long (it is then stopped). */
export function matchingLines(source: string, lines: readonly string[]): string[] | null {
  const pattern = new RegExp(source, 'u');
  if (lines.length === 0) return [];
  if (!CAN_RUN_AWAY.test(source)) return lines.filter((line) => pattern.test(line));
  try {
    // One call for all: the watch over it costs more than most patterns do.
    const context = createContext({ pattern, lines });
    return filter.runInContext(context, { timeout: MAX_MATCH_MS }) as string[];
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  }
}
