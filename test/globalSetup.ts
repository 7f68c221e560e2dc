// Before all tests: the pages name the assets they need, so those must lie where they are served from.
import { buildAssets } from '../bin/assets.ts';

export async function setup(): Promise<void> {
  await buildAssets();
}
