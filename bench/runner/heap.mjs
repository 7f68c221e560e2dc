// Loaded into a runner before itself (`--import`): tells the bench on demand what its heap holds, MiB. Plain JavaScript,
// because what takes types away would be counted too.
const MIB = 1024 * 1024;

process.on('message', () => {
  const { heapUsed, heapTotal, external } = process.memoryUsage();
  process.send?.({
    usedMiB: heapUsed / MIB,
    totalMiB: heapTotal / MIB,
    outsideMiB: external / MIB,
  });
});
// The channel to the bench keeps nobody alive.
process.channel?.unref();
