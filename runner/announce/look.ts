// What this runner tells the worker of its own machine: by --host, and of a tree of Wigo's.
import { type AnnouncedCheck, MAX_ANNOUNCED } from '#core/wire/host.ts';
import type { Look } from '../announcer.ts';
import type { Permits } from '../permits.ts';
import { hostChecks, REPORTS } from './host.ts';
import { wigoLook } from './wigo.ts';

/** Null when there is nothing to tell of at all. `say` is told once of each thing that is left out. */
export function lookAt(
  { host, permits }: { host: boolean; permits: Permits },
  say: (line: string) => void,
): Look | null {
  const { wigo } = permits;
  if (!host && wigo === null) return null;
  const said = new Set<string>();
  const sayOnce = (line: string) => {
    if (said.has(line)) return;
    said.add(line);
    say(line);
  };
  const probesOf = wigo === null ? null : wigoLook(wigo.folder, sayOnce);
  return async () => {
    const checks: AnnouncedCheck[] = [REPORTS, ...(host ? await hostChecks() : [])];
    if (probesOf !== null) {
      const probes = await probesOf();
      if (probes === null) return null;
      checks.push(...probes);
    }
    if (checks.length > MAX_ANNOUNCED) {
      sayOnce(
        `only the first ${MAX_ANNOUNCED} of ${checks.length} checks of this machine are told`,
      );
    }
    return checks.slice(0, MAX_ANNOUNCED);
  };
}
