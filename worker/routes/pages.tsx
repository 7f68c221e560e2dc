// The pages: what anyone sees, and everything under /admin.
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { identify, sameOrigin } from '#worker/auth/middleware.ts';
import type { Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { admin } from './pages/admin.tsx';
import { front } from './pages/front.tsx';
import { publicPages } from './pages/public.tsx';
import { signInPages } from './pages/signIn.tsx';

const LARGEST_FORM = 256 * 1024;

export const pages = new Hono<Env>();

pages.route('/', front);
pages.use(identify, sameOrigin);
pages.use(
  bodyLimit({
    maxSize: LARGEST_FORM,
    onError: () => {
      throw new Problem('too_large');
    },
  }),
);
pages.route('/', publicPages);
pages.route('/', signInPages);
pages.route('/admin', admin);
