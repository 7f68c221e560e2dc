// What page routes share: who asks, what the site is called, where to go next.
import type { Site } from '#web/models.ts';
import type { SaidCode } from '#web/said.ts';
import { saidWords } from '#web/said.ts';
import type { Actor, AppContext } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { readSettings } from '#worker/settings.ts';
import { forVisitors } from '#worker/visitors.ts';

/** An open page asks anew this often: seldom where each request is billed. */
const REFRESH_S = { edge: 120, elsewhere: 10 };

/** What anyone who is not signed in acts as: may read, and pages tell no more than settings reveal. */
export const ANYONE: Actor = { name: 'anyone', role: 'viewer', via: 'session' };

export interface Place {
  site: Site;
  /** Addresses and particulars may be shown. */
  reveal: boolean;
}

export async function placeOf(c: AppContext): Promise<Place> {
  const { title, revealDetails } = await readSettings(forVisitors(c));
  const signedIn = Boolean(c.var.actor);
  return { site: siteOf(c, title), reveal: signedIn || revealDetails };
}

/** The site under a title that is known already. */
export function siteOf({ env: { config }, var: { actor } }: AppContext, title: string): Site {
  const refreshS = config.runtime === 'edge' ? REFRESH_S.edge : REFRESH_S.elsewhere;
  return { title, signedIn: Boolean(actor), url: config.url, refreshS };
}

/** The one who is signed in; admin routes stand behind a guard that sends everyone else to sign in. */
export function actorOf(c: AppContext): Actor {
  const { actor } = c.var;
  if (!actor) throw new Problem('unauthenticated');
  return actor;
}

/** Done: on to a page that says so. */
export function done(c: AppContext, path: string, said: SaidCode): Response {
  const [address, fragment] = path.split('#');
  const joined = `${address}${address?.includes('?') ? '&' : '?'}said=${said}`;
  return c.redirect(fragment === undefined ? joined : `${joined}#${fragment}`, 303);
}

/** What the page before wanted to be said. */
export function saidIn(c: AppContext): string | null {
  return saidWords(c.req.query('said'));
}
