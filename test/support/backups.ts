// Backups as people take and restore them.
import { app } from '#worker/app.ts';
import { ACCESS_KEY, type Answer, Api, hashOf } from './api.ts';
import { testPlatform } from './platform.ts';

/** The text of a backup. */
export async function backup(api: Api, query = ''): Promise<string> {
  const answer = await app.request(
    `/api/v1/backup${query}`,
    { headers: { authorization: `Bearer ${ACCESS_KEY}` } },
    api.platform,
  );
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(text);
  return text;
}

export function restore(api: Api, text: string, query = ''): Promise<Answer> {
  return api.call('POST', `/backup${query}`, undefined, { raw: text });
}

/** A database nothing was ever in, its clock where `like` stands. */
export async function emptyApi(like?: Api): Promise<Api> {
  const api = new Api();
  api.platform = await testPlatform({ accessKeyHash: hashOf(ACCESS_KEY) });
  if (like) api.platform.advance(like.platform.now() - api.platform.now());
  return api;
}

/** "host created Web / Shop", but for what is left. */
export function changesIn({ body }: Answer): string[] {
  const changes: Array<{ what: string; change: string; name: string }> = body.changes;
  return changes
    .filter(({ change }) => change !== 'left')
    .map(({ what, change, name }) => `${what} ${change} ${name}`);
}
