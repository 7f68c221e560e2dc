// Where answers to visitors are read: from a copy of the database that may lag behind, where there is one.
import type { AppContext, Platform } from './platform.ts';

/** For reading only. Who is signed in reads the database itself, and so sees what they changed a moment ago. */
export function forVisitors({ env, var: { actor } }: AppContext): Platform {
  return env.copy && !actor ? { ...env, db: env.copy } : env;
}
