import type { InStatement } from '@libsql/client';
import type { Actor, Platform } from '#worker/platform.ts';
import { masked } from './masked.ts';

/** What is changed: null = did not exist, or does not any more. */
export interface Change {
  /** "host.create". */
  action: string;
  /** "host 12 (Shop)"; `newest` where the id is made in the same batch. */
  subject: string | { newest: 'host' | 'channel' | 'maintenance'; name: string };
  before: unknown;
  after: unknown;
}

/** The statement that records a change; give it in the batch that makes the change. */
export function auditRow(
  platform: Platform,
  actor: Pick<Actor, 'name'>,
  { action, subject, before, after }: Change,
): InStatement {
  const [subjectSql, words] =
    typeof subject === 'string'
      ? ['?', subject]
      : [
          `'${subject.newest} ' || (select max(id) from ${subject.newest}) || ?`,
          ` (${subject.name})`,
        ];
  return {
    sql: `insert into audit (at, actor, action, subject, before, after) values (?, ?, ?, ${subjectSql}, ?, ?)`,
    args: [platform.now(), actor.name, action, words, json(masked(before)), json(masked(after))],
  };
}

function json(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
