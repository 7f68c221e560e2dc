// Hosts that show something true from the first minute: this machine and Anyup itself, made once.
import { createServer } from 'node:net';
import { eq } from 'drizzle-orm';
import { runner, setting } from '#db/schema.ts';
import { write } from '#db/write.ts';
import { createHost } from '#worker/actions/hosts/create.ts';
import type { Platform } from '#worker/platform.ts';
import { STARTUP } from './localRunner.ts';

const MADE = 'examples_made';

interface Sample {
  name: string;
  check: { kind: string; target: string } & Record<string, unknown>;
}

/** Makes the sample hosts for a runner on this machine, unless they were made before; gives how many it made. */
export async function makeExamples(
  platform: Platform,
  given: { runnerId: number; url: string },
): Promise<number> {
  const { db } = platform;
  if ((await db.select().from(setting).where(eq(setting.key, MADE))).length > 0) return 0;
  const samples = await samplesFor(platform, given);
  for (const { name, check } of samples) {
    const pinned = { ...check, interval: '20s', timeout: '5s', runner: given.runnerId };
    await createHost(platform, STARTUP, { name, group: 'Examples', checks: [pinned] });
  }
  await write(db, [db.insert(setting).values({ key: MADE, value: true }).onConflictDoNothing()]);
  return samples.length;
}

async function samplesFor(
  platform: Platform,
  { runnerId, url }: { runnerId: number; url: string },
): Promise<Sample[]> {
  const [row] = await platform.db
    .select({ capabilities: runner.capabilities })
    .from(runner)
    .where(eq(runner.id, runnerId));
  const can = row?.capabilities;
  const { host, hostname, port } = new URL(url);
  const address = port ? host : `${hostname}:80`;
  const samples: Sample[] = [];
  if (can?.icmp) {
    samples.push({ name: 'This machine', check: { kind: 'icmp', target: '127.0.0.1' } });
    if (await listensOn('::1')) {
      samples.push({ name: 'This machine, IPv6', check: { kind: 'icmp', target: '::1' } });
    }
  }
  samples.push(
    { name: 'Anyup, port', check: { kind: 'tcp', target: address } },
    { name: 'Anyup, health', check: { kind: 'http', target: `${url}/healthz` } },
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
