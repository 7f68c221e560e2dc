import type { Platform } from '#worker/platform.ts';
import type { TokenModel } from './model.ts';

export async function readTokens({ db }: Platform): Promise<TokenModel[]> {
  const { rows } = await db.$client.execute(
    'select id, name, scope, created_at, expires_at from token order by id',
  );
  return rows.map((row) => ({
    id: Number(row.id),
    name: String(row.name),
    scope: String(row.scope) as TokenModel['scope'],
    createdAt: Number(row.created_at),
    expiresAt: row.expires_at === null ? null : Number(row.expires_at),
  }));
}
