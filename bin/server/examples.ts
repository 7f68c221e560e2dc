// Hosts that show something true from the first minute: this machine and Anyup itself, made once.
import { createServer } from 'node:net';
import type { Capabilities } from '#core/wire/enroll.ts';
import { write } from '#db/write.ts';
import { createHost } from '#worker/actions/hosts/create.ts';
import { listHosts } from '#worker/actions/hosts/list.ts';
import { updateHost } from '#worker/actions/hosts/update.ts';
import type { Platform } from '#worker/platform.ts';
import { STARTUP } from './localRunner.ts';

/** The setting that remembers where Anyup was when they were made or last followed it. */
const MADE = 'examples_made';

interface Sample {
  name: string;
  check: { kind: string; target: string } & Record<string, unknown>;
}

/**
 * Makes the sample hosts for a runner on this machine, unless they were made before; gives how many it made. Those that
 * look at Anyup itself follow it when it moved to another port.
 */
export async function makeExamples(
  platform: Platform,
  given: { runnerId: number; url: string },
): Promise<number> {
  const { url } = given;
  const madeAt = await placeRemembered(platform);
  if (madeAt === url) return 0;
  const samples = madeAt === null ? await samplesFor(platform, given) : [];
  for (const { name, check } of samples) {
    const pinned = { ...check, interval: '20s', timeout: '5s', runner: given.runnerId };
    await createHost(platform, STARTUP, { name, group: 'Examples', checks: [pinned] });
  }
  if (madeAt !== null) await follow(platform, madeAt, url);
  await remember(platform, url);
  return samples.length;
}

async function placeRemembered({ db }: Platform): Promise<string | null> {
  const { rows } = await db.$client.execute({
    sql: `select value ->> '$' as url from setting where key = ?`,
    args: [MADE],
  });
  return rows[0] ? String(rows[0].url) : null;
}

async function remember({ db }: Platform, url: string): Promise<void> {
  await write(db, [
    {
      sql: 'insert into setting (key, value) values (?, ?) on conflict (key) do update set value = excluded.value',
      args: [MADE, JSON.stringify(url)],
    },
  ]);
}

/** What looks at Anyup itself: its port and its health. */
function ownTargets(url: string): { tcp: string; http: string } {
  const { host, hostname, port } = new URL(url);
  return { tcp: port ? host : `${hostname}:80`, http: `${url}/healthz` };
}

async function follow(platform: Platform, from: string, to: string): Promise<void> {
  const [was, is] = [ownTargets(from), ownTargets(to)];
  const moved = new Map([
    [was.tcp, is.tcp],
    [was.http, is.http],
  ]);
  for (const host of await listHosts(platform, STARTUP, {})) {
    const checks = host.checks.map(({ id, target }) => ({ id, target: moved.get(target) }));
    if (checks.every(({ target }) => target === undefined)) continue;
    const patch = checks.map(({ id, target }) => ({ id, ...(target && { target }) }));
    await updateHost(platform, STARTUP, { id: host.id, checks: patch });
  }
}

async function samplesFor(
  platform: Platform,
  { runnerId, url }: { runnerId: number; url: string },
): Promise<Sample[]> {
  const { rows } = await platform.db.$client.execute({
    sql: 'select capabilities from runner where id = ?',
    args: [runnerId],
  });
  const can = JSON.parse(String(rows[0]?.capabilities ?? null)) as Capabilities | null;
  const { tcp, http } = ownTargets(url);
  const samples: Sample[] = [];
  if (can?.icmp) {
    samples.push({ name: 'This machine', check: { kind: 'icmp', target: '127.0.0.1' } });
    if (await listensOn('::1')) {
      samples.push({ name: 'This machine, IPv6', check: { kind: 'icmp', target: '::1' } });
    }
  }
  samples.push(
    { name: 'Anyup, port', check: { kind: 'tcp', target: tcp } },
    { name: 'Anyup, health', check: { kind: 'http', target: http } },
  );
  if (can?.scripts.includes('load')) {
    samples.push({
      name: 'Load of this machine',
      check: { kind: 'script', target: 'script:load', protocol: 'wigo' },
    });
  }
  return samples;
}

/** Whether this machine has the address. */
function listensOn(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(0, address, () => server.close(() => resolve(true)));
  });
}
