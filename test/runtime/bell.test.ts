// The instant channel on every runtime that can hold a connection: a runner that is connected is told at once.

import { WebSocket } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOOK, PING, PONG } from '#core/wire/channel.ts';
import { type Ask, FakeRunner, result, signCall } from '#test/support/fakeRunner.ts';
import { RUNTIMES, type RunningServer, workerdWithBell } from '#test/support/servers.ts';
import { until } from '#test/support/until.ts';

const PATH = '/api/v1/runner/channel';
const SERVERS = { node: RUNTIMES.node, bun: RUNTIMES.bun, workerd: workerdWithBell };

describe.each(Object.keys(SERVERS) as Array<keyof typeof SERVERS>)(
  'the instant channel on %s',
  (name) => {
    let server: RunningServer;
    let ask: Ask;
    beforeAll(async () => {
      server = await SERVERS[name]();
      ask = (path, init) => fetch(`${server.baseUrl}${path}`, init);
    });
    afterAll(() => server?.stop());

    async function call(method: string, path: string, body: unknown) {
      const answer = await ask(`/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${server.accessKey}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
      });
      return JSON.parse((await answer.text()) || 'null');
    }

    async function runnerAt(location: string): Promise<FakeRunner> {
      const { code } = await call('POST', '/join-codes', { location });
      return FakeRunner.enrol(ask, { code, name: `runner in ${location}` });
    }

    /** A line as a runner opens it, and all that was said on it. */
    async function connect(runner: FakeRunner, key = runner.key) {
      const signed = { method: 'GET', path: PATH, body: new Uint8Array(0), now: Date.now() };
      const token = await signCall(key, signed, { iss: runner.id, aud: runner.aud });
      const url = `${server.baseUrl.replace(/^http/, 'ws')}${PATH}`;
      const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
      const heard: string[] = [];
      socket.onmessage = ({ data }) => heard.push(String(data));
      const opened = await new Promise<boolean>((resolve) => {
        socket.onopen = () => resolve(true);
        socket.onclose = () => resolve(false);
      });
      return { socket, heard, opened };
    }

    it('is named in the answer to a post, and opens to a runner that signs', async () => {
      const runner = await runnerAt('Home');
      expect(await (await runner.post([])).json()).toMatchObject({ channel: true });
      const { socket, heard, opened } = await connect(runner);
      expect(opened).toBe(true);
      socket.send(PING);
      await until(() => heard.includes(PONG), Boolean);
      socket.close();
    });

    it('opens to nobody else', async () => {
      const runner = await runnerAt('Office');
      const other = await runnerAt('Elsewhere');
      expect((await connect(runner, other.key)).opened).toBe(false);
      const { status } = await ask(PATH, { headers: { authorization: 'Bearer a.b.c' } });
      expect([401, 404]).toContain(status);
    });

    it('rings when something is changed, and the other locations when one sees a check turn', async () => {
      const [one, two] = [await runnerAt('One'), await runnerAt('Two')];
      const { socket, heard } = await connect(two);
      const before = heard.length;
      const { host } = await call('POST', '/hosts', {
        name: `Rung on ${name}`,
        checks: [{ target: 'https://example.org/', locations: ['One', 'Two'] }],
      });
      await until(() => heard.length > before && heard.at(-1) === LOOK, Boolean);
      const id = Number(host.checks[0].id);
      await one.assignments();
      await one.post([result(id, Date.now() - 2000)]);
      const rung = heard.length;
      await one.post([result(id, Date.now() - 1000, { level: 500, code: 'timeout' })]);
      await until(() => heard.length > rung, Boolean);
      const { asks } = (await (await two.post([])).json()) as { asks: unknown[] };
      expect(asks).toMatchObject([{ type: 'confirm', checkIds: [id] }]);
      socket.close();
    });
  },
);
