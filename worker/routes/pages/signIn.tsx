// Signing in and out.
import { Hono } from 'hono';
import { SignInPage } from '#web/pages/signIn.tsx';
import { requireConfigured } from '#worker/auth/middleware.ts';
import { signInWithKey, signInWithLink, signOut } from '#worker/auth/signIn.ts';
import type { Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { done, placeOf, saidIn } from './context.ts';
import { readForm } from './form.ts';

export const signInPages = new Hono<Env>();

signInPages.get('/sign-in', requireConfigured, async (c) => {
  const { site } = await placeOf(c);
  const next = ownPath(c.req.query('next'));
  c.header('cache-control', 'no-store');
  return c.html(<SignInPage site={site} said={saidIn(c)} next={next} />);
});

signInPages.post('/sign-in', async (c) => {
  const form = await readForm(c);
  const by = form.values.link === undefined ? 'key' : 'link';
  const next = ownPath(form.values.next);
  try {
    if (by === 'key') await signInWithKey(c, form.text('key') ?? '');
    else await signInWithLink(c, secretIn(form.text('link') ?? ''));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code !== 'unauthenticated' && error.code !== 'too_many') throw error;
    const { site } = await placeOf(c);
    const refused = { by, message: error.message } as const;
    return c.html(
      <SignInPage site={site} refused={refused} next={next} />,
      error.status,
      error.headers,
    );
  }
  return next === '' ? done(c, '/admin/hosts', 'signed.in') : c.redirect(next, 303);
});

signInPages.post('/sign-out', async (c) => {
  await signOut(c);
  return done(c, '/sign-in', 'signed.out');
});

/** A pasted link or its code. */
function secretIn(text: string): string {
  return text.slice(text.indexOf('#') + 1);
}

/** Only paths of ours are gone on to: "//evil.example" is none. */
function ownPath(text: string | undefined): string {
  return text !== undefined && /^\/admin(\/[\w/?=&-]*)?$/.test(text) ? text : '';
}
