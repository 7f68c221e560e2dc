// The live view: admin pages that are open hold a line (server-sent events), and are told that something they show has
// changed; what it is they fetch as ever. Nothing depends on it.
import type { AppContext } from '#worker/platform.ts';

export interface Live {
  /** Something that admin pages show has changed. */
  changed: () => void;
  /** The line itself. It ends by itself when `mayListen` no longer holds; null = there are as many as there may be. */
  open: (
    c: AppContext,
    mayListen: () => Promise<boolean>,
  ) => Response | Promise<Response | null> | null;
}

export const LIVE_PATH = '/api/v1/live';
/** What is said first, and on each change. */
export const HELLO = 'hello';
export const CHANGED = 'changed';
/** How soon a browser comes back when its line is lost. */
export const RETRY_MS = 2000;
