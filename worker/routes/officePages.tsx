// The pages of the back office: signing in, and everything under /admin.
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { except } from 'hono/combine';
import { identify, sameOrigin } from '#worker/auth/middleware.ts';
import type { Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { admin } from './pages/admin.tsx';
import { signInPages } from './pages/signIn.tsx';

const LARGEST_FORM = 256 * 1024;
const BACKUP_FORM = '/admin/backup';
const LARGEST_BACKUP = 8 * 1024 * 1024;

export const officePages = new Hono<Env>();

officePages.use(identify, sameOrigin);
officePages.use(except(BACKUP_FORM, limitTo(LARGEST_FORM)));
officePages.use(BACKUP_FORM, limitTo(LARGEST_BACKUP));
officePages.route('/', signInPages);
officePages.route('/admin', admin);

function limitTo(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new Problem('too_large', { detail: `At most ${maxSize / 1024} KiB are taken.` });
    },
  });
}
