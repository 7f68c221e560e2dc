// Restoring by a form: first what it would change, then, with a second post, that.
import { Hono } from 'hono';
import { RestorePreviewPage } from '#web/pages/admin/backup.tsx';
import { restore } from '#worker/backup/restore.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { actorOf, done, placeOf } from '../context.ts';
import { orAgain, readForm } from '../form.ts';
import { settingsPage } from './settings.tsx';

export const backupPages = new Hono<Env>();

const HERE = '/admin/settings#backup';

backupPages.get('/backup', (c) => c.redirect(HERE, 303));

backupPages.post('/backup', async (c) => {
  const form = await readForm(c);
  return orAgain(
    form,
    async () => {
      const document = form.values.document ?? (await fileIn(c));
      const replace = form.text('replace') !== undefined;
      const dryRun = form.text('sure') === undefined;
      const body = new Blob([document]).stream();
      const options = { dryRun, replace, from: 0 };
      const { changes, warnings } = await restore(c.env, actorOf(c), body, options);
      if (!dryRun) return done(c, HERE, 'backup.restored');
      const { site } = await placeOf(c);
      return c.html(<RestorePreviewPage {...{ site, document, replace, changes, warnings }} />);
    },
    (typed) => settingsPage(c, { typed, about: 'backup' }),
  );
});

/** What was set up, out of the file that was sent; history stays behind. */
async function fileIn(c: AppContext): Promise<string> {
  const { file } = await c.req.parseBody();
  const text = file instanceof File ? await file.text() : '';
  const end = text.indexOf('\n');
  const head = parsed(end < 0 ? text : text.slice(0, end)) ?? parsed(text);
  if (head === null) {
    throw new Problem('invalid_input', {
      errors: [{ path: 'file', message: 'is not a backup of Anyup: it does not begin with JSON' }],
    });
  }
  const { history: _, ...setUp } = head;
  return JSON.stringify(setUp);
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
