import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { withApi } from '#test/support/api.ts';
import { app } from '#worker/app.ts';
import { office } from '#worker/office.ts';

const api = withApi();

type Documented = Record<string, Record<string, { responses: Record<string, unknown> }>>;

async function paths(): Promise<Documented> {
  return (await api.get('/openapi.json', { token: null })).body.paths;
}

/** "GET /hosts/{id}" of every route below /api/v1 that is not for runners. */
function routes(): string[] {
  const own = [...app.routes, ...office.routes].filter(
    ({ path, method }) =>
      path.startsWith('/api/v1/') && !path.startsWith('/api/v1/runner/') && method !== 'ALL',
  );
  const names = own.map(
    ({ path, method }) => `${method} ${path.slice('/api/v1'.length).replace(/:(\w+)/g, '{$1}')}`,
  );
  return [...new Set(names)].filter((name) => !name.endsWith('/*')).sort();
}

describe('openapi.json', () => {
  it('documents every route, and every documented route exists', async () => {
    const documented = Object.entries(await paths()).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(routes());
    expect(documented.length).toBeGreaterThan(30);
  });

  it('says of a check what each kind takes, and that its kind may be left out', async () => {
    const post = (await paths())['/hosts']?.post as unknown as {
      requestBody: { content: { 'application/json': { schema: { anyOf: unknown[] } } } };
    };
    const text = JSON.stringify(post.requestBody.content['application/json'].schema);
    for (const field of ['bodyMatch', 'protocol', 'count', 'retryAfter']) {
      expect(text).toContain(`"${field}"`);
    }
    expect(text).toContain('"required":["target"],"additionalProperties":false');
    expect(text).not.toContain('"required":["kind"');
  });

  it('describes the answers as they are', async () => {
    await api.runnerAt('local');
    await api.post('/hosts', {
      name: 'Shop',
      checks: [{ target: 'https://shop.example/', policy: { type: 'atLeast', n: 2 } }],
    });
    await api.token('read');
    await api.post('/join-codes', {});
    const documented = await paths();
    for (const path of Object.keys(documented).filter((each) => !/[{]|openapi/.test(each))) {
      const get = documented[path]?.get;
      if (!get) continue;
      const ok = get.responses['200'] as {
        content: { 'application/json': { schema: z.core.JSONSchema.JSONSchema } };
      };
      if (!('application/json' in ok.content)) continue;
      const schema = z.fromJSONSchema(ok.content['application/json'].schema as never);
      const { body } = await api.get(path);
      const parsed = schema.safeParse(body);
      expect({ path, issues: parsed.error?.issues ?? [] }).toEqual({ path, issues: [] });
    }
  });
});
