// The whole runner on virtual time before a worker that checks every post.
import type { AssignedCheck } from '#core/wire/assignments.ts';
import { type Identity, loadKey } from '#runner/keys.ts';
import { Runner, type RunnerOptions } from '#runner/loop.ts';
import { FakeWorker } from './fakeWorker.ts';
import { VirtualWorld } from './virtualRunner.ts';

export const IDENTITY: Identity = {
  runnerId: '7',
  aud: 'http://anyup.test',
  name: 'attic',
  location: 'Home',
  url: 'http://worker.test',
  joinHash: '',
};

export interface Scene {
  world: VirtualWorld;
  worker: FakeWorker;
  /** Starts a runner on the world's disk as it is. */
  begin: () => Promise<Runner>;
}

export async function virtualScene(
  checks: AssignedCheck[],
  options: {
    flushMs?: number;
    canaries?: VirtualWorld['canaries'];
  } & Pick<RunnerOptions, 'deadman' | 'relay'> = {},
): Promise<Scene> {
  const world = new VirtualWorld();
  world.canaries = options.canaries ?? null;
  const worker = new FakeWorker(world.wall);
  worker.checks = checks;
  worker.flushMs = options.flushMs ?? 15_000;
  const key = await loadKey(world.platform(worker));
  worker.publicKey = key.publicKey.x;
  const begin = async () => {
    const runner = new Runner(world.platform(worker), {
      key,
      identity: IDENTITY,
      probesFolder: null,
      ...(options.deadman && { deadman: options.deadman }),
      ...(options.relay && { relay: options.relay }),
    });
    await runner.start();
    return runner;
  };
  return { world, worker, begin };
}

/** Stops a runner while time goes on. */
export async function stop(world: VirtualWorld, runner: Runner): Promise<void> {
  const stopped = runner.stop();
  await world.advance(2500);
  await stopped;
}
