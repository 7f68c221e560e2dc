// A process that does nothing but take readings, for a test that kills it: says which are on disk, one number a line.
import { nodeDisk } from '#runner/node/disk.ts';
import { Spool } from '#runner/spool/spool.ts';

const [folder = '', first = '1', boot = 'b'] = process.argv.slice(2);
const spool = new Spool({
  disk: nodeDisk(folder),
  log: () => {},
  setTimer: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  monotonicMs: () => performance.now(),
  now: () => Date.now(),
  boot,
  limits: { bytes: 1e9, memoryBytes: 1e6, ageMs: 1e9, segmentBytes: 4096 },
});
await spool.open(Number.POSITIVE_INFINITY);
for (let n = Number(first); ; n++) {
  await spool.append([
    {
      shard: 0,
      result: {
        checkId: n,
        rev: 1,
        at: Date.now(),
        level: 100,
        rttUs: n,
        code: 'ok',
        text: 'x'.repeat(n % 200),
      },
    },
  ]);
  process.stdout.write(`${n}\n`);
}
