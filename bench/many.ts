// `npm run bench -- many [seconds] [seed]`: three workers behind a balancer, killed and started again, with and without a
// replica; ends with 1 when anything was lost or doubled.
import { type Lived, liveWithMany } from '#test/support/manyWorkers.ts';

export async function run([seconds = '120', seed = '1']: string[]): Promise<void> {
  for (const replica of [false, true]) {
    const lived = await liveWithMany({
      workers: 3,
      replica,
      seed: Number(seed),
      forMs: Number(seconds) * 1000,
      killEveryMs: 2500,
    });
    const faults = faultsOf(lived);
    console.log(`three workers, ${replica ? 'pages from a replica' : 'one sqld'}, seed ${seed}:`);
    const { posts, results, messages, pages } = lived;
    console.log(`  ${lived.rounds} rounds, ${lived.kills} workers killed`);
    console.log(`  posts taken ${posts.sent}, repeated ${posts.repeated}`);
    console.log(
      `  results posted ${results.posted}, kept ${results.kept}, lost ${results.lost}, doubled ${results.doubled}`,
    );
    const owed = lived.truth.reduce((sum, walk) => sum + walk.split(' ').length - 1, 0);
    console.log(
      `  messages owed ${owed}; doubled ${messages.doubled}, twice because the sender died ${messages.excused}`,
    );
    console.log(`  pages asked for ${pages.asked}, from the replica ${pages.fromReplica}`);
    console.log(faults.length === 0 ? '  nothing lost, nothing doubled' : `  WRONG: ${faults}`);
    if (faults.length > 0) process.exitCode = 1;
  }
}

function faultsOf(lived: Lived): string[] {
  const { truth, results, messages, folded } = lived;
  const same = (walks: string[]) => walks.join() === truth.join();
  const checks: Array<[string, boolean]> = [
    ['flips', same(lived.flips)],
    ['deliveries', same(lived.owed)],
    ['messages', same(lived.told) && messages.doubled === 0],
    ['results', results.lost + results.foreign + results.doubled === 0],
    ['the tick', lived.fleetEvents.join() === 'fleet.silent: no post from Attic'],
    ['folding', folded.here.length > 0 && folded.here.join() === folded.alone.join()],
    ['judging', lived.unjudged === 0],
    ['pages', lived.pages.failed === 0],
  ];
  return checks.filter(([, right]) => !right).map(([name]) => name);
}
