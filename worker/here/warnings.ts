import { HERE } from '#core/assign.ts';
import type { Placing } from '#worker/actions/hosts/placing.ts';
import type { Platform } from '#worker/platform.ts';
import { readLookRoom, tooManyWords } from './room.ts';

/** After checks were saved: is the worker now asked for more looks than it has room for? */
export async function roomWarnings(
  platform: Platform,
  placings: ReadonlyArray<Pick<Placing, 'locations'>>,
): Promise<string[]> {
  const named = placings.some(
    ({ locations }) => Array.isArray(locations) && locations.includes(HERE),
  );
  const words = named ? tooManyWords(await readLookRoom(platform)) : null;
  return words === null ? [] : [words];
}
