// `/sign-in`: by access key, or by the link that `npm start` and `anyup link` print.
import { Document } from '../document.tsx';
import { NOTHING_TYPED } from '../form/errors.ts';
import type { Site } from '../models.ts';
import { TextField } from '../parts/field.tsx';

export interface SignInPageProps {
  site: Site;
  said?: string | null;
  /** Why the last attempt was refused. */
  refused?: { by: 'key' | 'link'; message: string } | null;
  /** Where to go afterwards: a path of ours. */
  next?: string;
}

export function SignInPage({ site, said = null, refused = null, next = '' }: SignInPageProps) {
  const errors = (by: 'key' | 'link') =>
    refused?.by === by
      ? { values: {}, errors: [{ path: by, message: refused.message }] }
      : NOTHING_TYPED;
  return (
    <Document site={site} title="Sign in" area="plain" islands={['sign-in.js']}>
      <main id="main" class="narrow">
        {said !== null && (
          <p class="said good" role="status">
            {said}
          </p>
        )}
        <h1>Sign in</h1>
        {refused && (
          <p class="said bad" role="alert">
            {refused.message}
          </p>
        )}
        <form method="post" action="/sign-in" class="card form" id="by-link">
          <input type="hidden" name="next" value={next} />
          <h2>With a one-time link</h2>
          <p class="soft" data-when="typed">
            <code>npm start</code> prints one, <code>npm run anyup link</code> another. Open it, or
            paste it here.
          </p>
          <p class="soft" data-when="link" hidden>
            This link signs you in as the owner. It works once.
          </p>
          <div data-when="typed">
            <TextField
              name="link"
              title="Link"
              typed={errors('link')}
              placeholder={`${site.url}/sign-in#…`}
              required
            />
          </div>
          <button type="submit" class="primary">
            Sign in as owner
          </button>
        </form>
        <form method="post" action="/sign-in" class="card form" id="by-key">
          <input type="hidden" name="next" value={next} />
          <h2>With the access key</h2>
          <p class="soft">
            <code>npm run deploy</code> printed it once; standalone it is in{' '}
            <code>data/secrets.json</code>.
          </p>
          <TextField
            name="key"
            title="Access key"
            typed={errors('key')}
            type="password"
            autocomplete="current-password"
            required
          />
          <button type="submit">Sign in</button>
        </form>
      </main>
    </Document>
  );
}
