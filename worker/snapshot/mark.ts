// By what one sees, in two rows, that a snapshot is out of date: the newest flip and the version of the configuration.
import type { InStatement } from '@libsql/client';
import { CONFIG_VERSION_SQL } from '#db/plan.ts';

/** SQL for the mark of this moment. */
export const MARK_SQL = `(select coalesce(max(id), 0) from flip) || ' ' || ${CONFIG_VERSION_SQL}`;

/** In a batch that changes what the mark does not show (title, what is revealed): nothing made before is served again. */
export const outdateSnapshot: InStatement = `update page_snapshot set at = 0, mark = '', body = ''`;
