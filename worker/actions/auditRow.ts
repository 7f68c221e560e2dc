import type { SQL } from 'drizzle-orm';
import { audit } from '#db/schema.ts';
import type { Built } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { masked } from './masked.ts';

/** What is changed: null = did not exist, or does not any more. */
export interface Change {
  /** "host.create". */
  action: string;
  /** "host 12 (Shop)"; SQL where the id is made in the same batch. */
  subject: string | SQL<string>;
  before: unknown;
  after: unknown;
}

/** The statement that records a change; give it in the batch that makes the change. */
export function auditRow(
  platform: Platform,
  actor: Pick<Actor, 'name'>,
  { action, subject, before, after }: Change,
): Built {
  return platform.db.insert(audit).values({
    at: platform.now(),
    actor: actor.name,
    action,
    subject,
    before: masked(before) ?? null,
    after: masked(after) ?? null,
  });
}
