import { asc } from 'drizzle-orm';
import { token } from '#db/schema.ts';
import type { Platform } from '#worker/platform.ts';
import type { TokenModel } from './model.ts';

export function readTokens({ db }: Platform): Promise<TokenModel[]> {
  const { id, name, scope, createdAt, expiresAt } = token;
  return db.select({ id, name, scope, createdAt, expiresAt }).from(token).orderBy(asc(id));
}
