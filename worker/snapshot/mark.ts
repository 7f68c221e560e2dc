// By what one sees, in two rows, that a snapshot is out of date: the newest flip and the version of the configuration.
import type { InStatement } from '@libsql/client';
import { CONFIG_VERSION_SQL } from '#db/plan.ts';

/** SQL for the mark of this moment. */
export const MARK_SQL = `(select coalesce(max(id), 0) from flip) || ' ' || ${CONFIG_VERSION_SQL}`;

/**
 * In a batch that changes what the mark does not show (title, what is revealed, planned work): nothing made before is
 * served again. The days show nothing of it; they stand until they are made anew, which is due at once.
 */
export const outdateSnapshot: InStatement = `update page_snapshot set at = 0, mark = '',
  body = case when id = 1 then '' else body end`;

/** In a batch that may give hosts other numbers: nothing that was made before is shown again. */
export const dropSnapshot: InStatement = 'delete from page_snapshot';
