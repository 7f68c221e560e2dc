// An Anyup worth attacking, and the two questions every attack is judged by: what came back, and what was written.
import { createHash } from 'node:crypto';
import { ACCESS_KEY, hashOf } from '#test/support/api.ts';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { TEST_START, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';
import type { Config } from '#worker/platform.ts';

export const ORIGIN = 'https://status.example';
export const EVIL = 'https://evil.example';

/** What came back, as short as a table can hold it: "401 bad_token". */
export interface Answer {
  status: number;
  /** The code of a problem; "" = none. */
  code: string;
  text: string;
  headers: Headers;
}

export interface Scene {
  platform: TestPlatform;
  /** Two runners of two locations. */
  home: FakeRunner;
  office: FakeRunner;
  /** A check of Home alone, known as up. */
  checkId: number;
  /** Of the owner, as a browser sends it. */
  cookie: string;
  readToken: string;
  writeToken: string;
  ask: (path: string, init?: RequestInit) => Promise<Answer>;
  /** Everything in every table, as one hash; only the meter's own figures apart. */
  witness: () => Promise<string>;
  close: () => void;
  /** The witness when it was set. */
  untouched: string;
}

let callers = 0;
let kept: Scene | null = null;

/** A scene nobody has changed: a new one, or the last one if its test left it as it was. */
export async function takeScene(): Promise<Scene> {
  const scene = kept ?? (await setScene());
  kept = null;
  return scene;
}

/** Setting a scene takes longer than most attacks. */
export async function leaveScene(scene: Scene): Promise<void> {
  const unharmed =
    scene.platform.now() === TEST_START && (await scene.witness()) === scene.untouched;
  if (unharmed) kept = scene;
  else scene.close();
}

/** After the last test of a file. */
export function strikeScene(): void {
  kept?.close();
  kept = null;
}

/** A scene on Cloudflare, every request of it from an address of its own unless one is named. */
export async function setScene(config: Partial<Config> = {}): Promise<Scene> {
  const platform = await testPlatform({
    url: ORIGIN,
    accessKeyHash: hashOf(ACCESS_KEY),
    cloudflare: true,
    ...config,
  });
  const send = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has('cf-connecting-ip')) {
      headers.set('cf-connecting-ip', `198.18.${(callers >> 8) & 255}.${callers++ & 255}`);
    }
    const url = path.startsWith('http') ? path : ORIGIN + path;
    return app.request(url, { ...init, headers }, platform);
  };
  const enrol = async (location: string) =>
    FakeRunner.enrol(send, {
      code: await makeJoinCode(platform, { location }),
      now: platform.now,
      name: `runner at ${location}`,
    });
  const home = await enrol('Home');
  const office = await enrol('Office');
  const [checkId = 0] = await seedChecks(platform, { locations: [1] });
  await home.post([result(checkId, platform.now())]);
  const signIn = await send('/sign-in', {
    method: 'POST',
    headers: { origin: ORIGIN },
    body: new URLSearchParams({ key: ACCESS_KEY }),
  });
  const bearer = { authorization: `Bearer ${ACCESS_KEY}`, 'content-type': 'application/json' };
  const token = async (scope: string) => {
    const body = JSON.stringify({ name: scope, scope });
    const answer = await send('/api/v1/tokens', { method: 'POST', headers: bearer, body });
    return ((await answer.json()) as { token: string }).token;
  };
  const scene = {
    platform,
    home,
    office,
    checkId,
    cookie: (signIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
    readToken: await token('read'),
    writeToken: await token('write'),
    ask: async (path: string, init?: RequestInit) => answerOf(await send(path, init)),
    witness: () => witness(platform),
    close: () => platform.close(),
  };
  await platform.settle();
  return { ...scene, untouched: await witness(platform) };
}

export async function answerOf(answer: Response): Promise<Answer> {
  const text = await answer.text();
  return { status: answer.status, code: codeIn(text), text, headers: answer.headers };
}

function codeIn(text: string): string {
  try {
    return (JSON.parse(text) as { code?: string }).code ?? '';
  } catch {
    return '';
  }
}

async function witness({ db }: TestPlatform): Promise<string> {
  const { rows } = await db.$client.execute(
    `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name <> 'usage' order by name`,
  );
  const seen = createHash('sha256');
  for (const { name } of rows) {
    const { rows: held } = await db.$client.execute(`select * from "${String(name)}"`);
    const lines = held.map((row) =>
      Object.values(row)
        .map((value) =>
          value instanceof ArrayBuffer ? Buffer.from(value).toString('hex') : String(value),
        )
        .join('|'),
    );
    seen.update(`${String(name)}\n${lines.sort().join('\n')}\n`);
  }
  return seen.digest('hex');
}
