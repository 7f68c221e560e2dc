import { location } from '#db/schema.ts';
import type { Built } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';

/** Makes a location of this name unless there is one; `fleetStatement` has to follow in the batch. */
export function ensureLocation({ db, now }: Platform, name: string): Built {
  return db
    .insert(location)
    .values({ name, createdAt: now() })
    .onConflictDoNothing({ target: location.name });
}
