import type { Actor, AppContext, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

/** Compares with the owner's access key and sets the session cookie; refuses with unauthenticated, too_many or not_configured. */
export async function signInWithKey(_c: AppContext, _key: string): Promise<Actor> {
  throw new Problem('internal', { detail: 'not written yet' });
}

/** Uses up a one-time link and sets the session cookie; refuses when it is wrong, used or expired. */
export async function signInWithLink(_c: AppContext, _secret: string): Promise<Actor> {
  throw new Problem('internal', { detail: 'not written yet' });
}

/** Ends the session and clears its cookie. */
export async function signOut(_c: AppContext): Promise<void> {}

/** A link that signs the owner in once within 15 minutes: `<url>/sign-in#<secret>`. */
export async function createSignInLink(_platform: Platform): Promise<{ url: string }> {
  throw new Problem('internal', { detail: 'not written yet' });
}
