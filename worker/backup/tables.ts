// Every table of the database, and whether a backup has it. A test holds this list against the schema.

/** In the document: what people set up. */
export const SET_UP = [
  'setting',
  'location',
  'host',
  'check_',
  'channel',
  'rule',
  'maintenance',
] as const;

interface HistoryTable {
  /** By which it is read in order. */
  key: string;
  /** What its lines are made of. */
  columns: readonly string[];
  /** Columns that lines do not have, and why. */
  leftOut?: Readonly<Record<string, string>>;
}

/** Of a full backup, in the order of its lines (worker/backup/history). */
export const HISTORY = {
  shard_state: {
    key: 'shard',
    columns: ['body'],
    leftOut: {
      version: 'guards writes here',
      write_id: 'guards writes here',
      due_at: 'judged anew after restoring',
    },
  },
  incident: {
    key: 'id',
    columns: [
      'check_id',
      'opened_at',
      'closed_at',
      'worst',
      'code',
      'text',
      'found_at',
      'began_at',
      'ended_at',
    ],
  },
  flip: {
    key: 'id',
    columns: [
      'check_id',
      'from_status',
      'to_status',
      'level',
      'at',
      'since_at',
      'rule',
      'code',
      'text',
      'voices',
    ],
  },
  event: { key: 'id', columns: ['at', 'kind', 'text', 'body'] },
  chunk: { key: 'k', columns: ['hour', 'body', 'carry'] },
  metric: { key: 'k', columns: ['hour', 'body'] },
  hours: { key: 'k', columns: ['week', 'body'] },
  days: { key: 'check_id', columns: ['body'] },
  bar: { key: 'k', columns: ['days', 'hours'] },
} as const satisfies Record<string, HistoryTable>;

/** Not in a backup, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  runner: 'keys stay with their runners; they join anew, and checks find them by name',
  join_code: 'opens a door, for a quarter of an hour',
  session: 'opens a door',
  sign_in_link: 'opens a door',
  token: 'opens a door',
  shard: 'follows from the checks',
  view: 'what a runner says now; it says it again',
  recent: 'results by runner: what is not folded yet is folded into the lines of chunk',
  answered: 'jobs call again and people set again; the hash of an address goes with its check',
  backfill: 'late results by runner: folded into chunks within minutes',
  recent_metric: 'as recent, into the lines of metric',
  folded: 'how far folding has come; restoring says what is to be summed up',
  page_snapshot: 'made anew from the rest',
  pulse: 'of the worker that runs',
  delivery: 'messages that were owed were owed by the other installation',
  audit: 'who changed what in the other installation',
  evidence:
    'what servers answered, for the days it takes to understand an incident; it may hold what is not for files',
  ask: 'asked of runners, for seconds',
  usage: 'what the other database was billed',
};
