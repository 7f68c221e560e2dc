// A refusal as a page, in the look of all others.
import { ProblemPage } from '#web/pages/problem.tsx';
import type { AppContext } from '#worker/platform.ts';
import type { Problem } from '#worker/problem.ts';
import { placeOf } from './context.ts';

/** Does the caller read HTML rather than problem details? */
export function wantsPage(c: AppContext): boolean {
  const accept = c.req.header('accept') ?? '';
  return accept.includes('text/html') && !c.req.path.startsWith('/api/');
}

/** The page for a refusal; it is shown even when the database is not there to ask. */
export async function problemPage(c: AppContext, problem: Problem): Promise<Response> {
  const { site } = await placeOf(c).catch(() => ({
    site: { title: 'Status', signedIn: false, url: c.env.config.url, refreshS: 120 },
  }));
  const { title } = (await problem.getResponse().json()) as { title: string };
  const signIn = problem.code === 'unauthenticated';
  const page = (
    <ProblemPage
      site={site}
      status={problem.status}
      title={title}
      detail={problem.detail ?? (fieldsIn(problem) || undefined)}
      requestId={problem.code === 'internal' ? c.var.requestId : undefined}
    >
      {signIn ? (
        <p>
          <a class="button" href="/sign-in">
            Sign in
          </a>
        </p>
      ) : undefined}
    </ProblemPage>
  );
  return c.html(page, problem.status, { 'cache-control': 'no-store', ...problem.headers });
}

function fieldsIn({ errors }: Problem): string {
  return errors.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
}
