// What an examination of a runner's machine comes to.

export type Grade = 'ok' | 'warn' | 'fail';

export interface Finding {
  /** What was looked at: a stable word for scripts. */
  name: string;
  grade: Grade;
  /** What was found, in a sentence. */
  says: string;
  /** What to do about it; only beside `warn` and `fail`. */
  mend?: string;
}

/** Looks at one thing; never throws for what it finds. */
export type Exam = (subject: Subject) => Promise<Finding | Finding[]>;

/** Where and as what the runner is to run. */
export interface Subject {
  /** Absolute. */
  dataFolder: string;
  /** Null = no scripts. */
  probesFolder: string | null;
  /** Where the worker answers; null = neither set nor joined yet. */
  url: string | null;
  /** The runner's own file, absolute; only when named must it be there. */
  runnerFile: { path: string; isNamed: boolean };
  /** Null = where it always is. */
  telegramApiUrl: string | null;
  /** Sends a test message by each channel of the dead-man. */
  testDeadman: boolean;
}

export function ok(name: string, says: string): Finding {
  return { name, grade: 'ok', says };
}

export function warn(name: string, says: string, mend: string): Finding {
  return { name, grade: 'warn', says, mend };
}

export function fail(name: string, says: string, mend: string): Finding {
  return { name, grade: 'fail', says, mend };
}
