import type { InStatement, ResultSet } from '@libsql/client';
import { freePlaces, isPlaceTaken, MAX_CHECKS, type Place } from '#db/place.ts';
import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { refuseField } from '../parse.ts';

const RACES = 12;

/** Writes a batch with `count` new checks in it; when somebody took one of their places meanwhile, looks for others. */
export async function writePlaced(
  platform: Platform,
  count: number,
  batch: (places: readonly Place[]) => readonly InStatement[],
): Promise<ResultSet[]> {
  for (let race = 1; ; race++) {
    const { places, taken } =
      count === 0 ? { places: [], taken: 0 } : await freePlaces(platform.db, count);
    if (taken + count > MAX_CHECKS) {
      throw refuseField(
        'checks',
        `would be more than the ${MAX_CHECKS} checks that are allowed; there are ${taken}`,
      );
    }
    try {
      return await write(platform.db, batch(places));
    } catch (error) {
      if (/NOT NULL constraint failed: check_\.host_id/.test((error as Error).message)) {
        throw new Problem('conflict', { detail: 'The host was removed meanwhile.' });
      }
      if (!isPlaceTaken(error) || race === RACES) throw error;
    }
  }
}
