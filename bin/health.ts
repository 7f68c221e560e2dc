// `anyup runner health`: 0 while the runner whose data folder this is still turns, 1 otherwise; for health checks.
import { isAlive, lifeAgeMs } from '#runner/alive.ts';
import { readConfig } from '#runner/config.ts';
import { nodeDisk } from '#runner/node/disk.ts';

export async function health(
  args: readonly string[],
  machine: { hostname: string; cwd: string },
): Promise<0 | 1> {
  const { dataFolder } = readConfig(args, process.env, machine);
  const ageMs = await lifeAgeMs(nodeDisk(dataFolder), Date.now());
  const said =
    ageMs === null ? 'no sign of life' : `last sign of life ${Math.round(ageMs / 1000)} s ago`;
  console.log(said);
  return isAlive(ageMs) ? 0 : 1;
}
