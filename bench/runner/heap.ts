// Loaded into a runner before itself (`--import`): tells the bench on demand what its heap holds.
import { getHeapStatistics } from 'node:v8';

export interface Heap {
  usedMiB: number;
  totalMiB: number;
  outsideMiB: number;
}

const MIB = 1024 * 1024;

process.on('message', () => {
  const { heapUsed, heapTotal, external } = process.memoryUsage();
  const { malloced_memory: malloced } = getHeapStatistics();
  const heap: Heap = {
    usedMiB: heapUsed / MIB,
    totalMiB: heapTotal / MIB,
    outsideMiB: (external + malloced) / MIB,
  };
  process.send?.(heap);
});
// The channel to the bench keeps nobody alive.
process.channel?.unref();
