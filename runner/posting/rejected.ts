// Batches the worker cannot read are set aside, for people to look at, so that they never stop what comes after them.
import type { RunnerPlatform } from '#runner/platform.ts';
import type { Batch } from './batch.ts';

const FOLDER = 'rejected';
const MAX_KEPT = 20;

/** Keeps the newest few, each with the worker's words. */
export async function setAside(
  { disk, log }: Pick<RunnerPlatform, 'disk' | 'log'>,
  batch: Batch,
  about: { shard: number; stream: string; why: string; at: number },
): Promise<void> {
  const name = `${new Date(about.at).toISOString().replaceAll(/[:.]/g, '-')}-${about.shard}-${about.stream}.json`;
  log('error', `set ${batch.held.length} results aside in ${FOLDER}/${name}: ${about.why}`);
  const content = { ...about, results: batch.held.map(({ result }) => result) };
  try {
    await disk.replace(`${FOLDER}/${name}`, Buffer.from(JSON.stringify(content, null, 1)));
    const names = await disk.list(FOLDER);
    for (const old of names.slice(0, -MAX_KEPT)) await disk.remove(`${FOLDER}/${old}`);
  } catch (error) {
    log('warn', `cannot write ${FOLDER}/${name}: ${(error as Error).message}`);
  }
}
