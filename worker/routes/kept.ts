// Answers that caches may keep: what is made from one page is made once, and says for how long it holds (DESIGN §10).
import { sha256 } from '#worker/crypto/hash.ts';
import type { AppContext } from '#worker/platform.ts';
import { paceOf } from '#worker/snapshot/memory.ts';
import type { Page } from '#worker/snapshot/page.ts';

interface Made {
  body: string;
  etag: string;
}

/** By page and by what was made of it. */
const made = new WeakMap<Page, Map<string, Made>>();

export interface Kind {
  name: string;
  type: string;
}

/** Answers with what `make` makes of a page; a page makes it once. */
export async function answerKept(
  c: AppContext,
  page: Page,
  { name, type }: Kind,
  make: () => string | Promise<string>,
): Promise<Response> {
  const kinds = made.get(page) ?? new Map<string, Made>();
  made.set(page, kinds);
  const { body, etag } = kinds.get(name) ?? (await tagged(make()));
  kinds.set(name, { body, etag });
  keepForAnyone(c, page.stale);
  return c.body(body, 200, { 'content-type': type, etag });
}

async function tagged(making: string | Promise<string>): Promise<Made> {
  const body = await making;
  return { body, etag: `W/"${(await sha256(body)).slice(0, 22)}"` };
}

/** For visitors: never `s-maxage`, which would switch off the two that follow it. */
export function keepForAnyone(c: AppContext, stale = false): void {
  const { keepMs } = paceOf(c.env.config);
  const seconds = stale ? Math.min(5, keepMs / 1000) : keepMs / 1000;
  const meanwhile = keepMs >= 15_000 && !stale ? ', stale-while-revalidate=60' : '';
  c.header('cache-control', `public, max-age=${seconds}${meanwhile}, stale-if-error=86400`);
  c.header('vary', 'Authorization, Cookie', { append: true });
}

/** For who is signed in: no cache keeps it, and none answers them. */
export function keepForNobody(c: AppContext): void {
  c.header('cache-control', 'private, no-store');
  c.header('vary', 'Authorization, Cookie', { append: true });
}
