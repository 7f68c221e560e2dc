// The JSON API as a program calls it: one function a call, the owner's access key unless told otherwise.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import { app } from '#worker/app.ts';
import type { Config } from '#worker/platform.ts';
import { FakeRunner, makeJoinCode } from './fakeRunner.ts';
import { type TestPlatform, testPlatform } from './platform.ts';

export const ACCESS_KEY = 'q7Zk2vN8xR4tY6wB1mC3pL';

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by tests of many shapes
  body: any;
  headers: Headers;
}

export interface CallOptions {
  /** A Bearer; null = none. */
  token?: string | null;
  headers?: Record<string, string>;
  /** Sent as it is, in place of a JSON body. */
  raw?: string | ReadableStream;
  duplex?: 'half';
}

export class Api {
  platform!: TestPlatform;

  async call(
    method: string,
    path: string,
    body?: unknown,
    { token = ACCESS_KEY, headers = {}, raw, duplex }: CallOptions = {},
  ): Promise<Answer> {
    const answer = await app.request(
      `/api/v1${path}`,
      {
        method,
        headers: {
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(raw !== undefined && { body: raw }),
        ...(duplex && { duplex }),
      },
      this.platform,
    );
    const text = await answer.text();
    return {
      status: answer.status,
      body: text === '' ? null : JSON.parse(text),
      headers: answer.headers,
    };
  }

  get = (path: string, options?: CallOptions) => this.call('GET', path, undefined, options);
  post = (path: string, body?: unknown, options?: CallOptions) =>
    this.call('POST', path, body, options);
  patch = (path: string, body: unknown, options?: CallOptions) =>
    this.call('PATCH', path, body, options);
  delete = (path: string, options?: CallOptions) => this.call('DELETE', path, undefined, options);

  /** A token made through the front door. */
  async token(scope: 'read' | 'write'): Promise<string> {
    const { body } = await this.post('/tokens', { name: `${scope}er`, scope });
    return String(body.token);
  }

  /** A runner enrolled in a location. */
  async runnerAt(location: string, name = `runner in ${location}`): Promise<FakeRunner> {
    const code = await makeJoinCode(this.platform, { location });
    const ask = (path: string, init?: RequestInit) =>
      Promise.resolve(app.request(path, init, this.platform));
    return FakeRunner.enrol(ask, { code, now: this.platform.now, name });
  }

  /** One row of a table, or all. */
  async rows(sql: string, args: Array<string | number | null> = []) {
    return (await this.platform.db.$client.execute({ sql, args })).rows;
  }

  async count(table: string, where = '1'): Promise<number> {
    const [row] = await this.rows(`select count(*) as n from ${table} where ${where}`);
    return Number(row?.n);
  }

  /** "hosts 1, checks 2, audit 3": what a refused call must leave as it was. */
  async tally(): Promise<string> {
    const tables = [
      'host',
      'check_',
      'channel',
      'rule',
      'token',
      'join_code',
      'location',
      'runner',
      'audit',
      'ask',
    ];
    const counts = await Promise.all(
      tables.map(async (each) => `${each} ${await this.count(each)}`),
    );
    const [version] = await this.rows(`select value from setting where key = 'config_version'`);
    return `${counts.join(', ')}, version ${version?.value ?? 0}`;
  }
}

/** For each test of a file a fresh platform with the access key set. */
export function withApi(config: Partial<Config> = {}): Api {
  const api = new Api();
  beforeEach(async () => {
    api.platform = await testPlatform({ accessKeyHash: hashOf(ACCESS_KEY), ...config });
  });
  afterEach(() => api.platform.close());
  return api;
}

/** "checks[0].interval: …" of every field error. */
export function errorsOf({ body }: Answer): string[] {
  return (body.errors ?? []).map(
    (each: { path: string; message: string }) => `${each.path}: ${each.message}`,
  );
}
