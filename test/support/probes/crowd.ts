// A runner's agenda and prober with thousands of targets that swallow every packet, names that no server answers for,
// and a few that are well, in a network of its own. Prints what came of each.
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import { Agenda } from '#runner/agenda.ts';
import { Clock } from '#runner/clock.ts';
import { nodePlatform } from '#runner/node/platform.ts';
import { Prober } from '#runner/prober.ts';
import { runProbe } from '#runner/probes/index.ts';
import { startResolver } from './resolver.ts';
import { fullListener } from './servers.ts';

const { swallowed, silent, well, intervalMs, timeoutMs, turns } = JSON.parse(
  process.argv[2] ?? '',
) as CrowdOrder;

export interface CrowdOrder {
  /** How many targets of each sort. */
  swallowed: number;
  silent: number;
  well: number;
  intervalMs: number;
  timeoutMs: number;
  /** Intervals to run for. */
  turns: number;
}

export interface CrowdOutcome {
  /** Readings by sort and code. */
  codes: Record<string, Record<string, number>>;
  /** Slots left out because nothing came to them in time. */
  late: number;
  mostDescriptors: number;
  /** Of the process, above what it had before. */
  grownMiB: number;
}

const server = createServer((_, response) => response.end('well'));
await new Promise<void>((done) => server.listen(8080, '127.0.0.1', done));
const hole = await fullListener('0.0.0.0');
const known = Object.fromEntries(
  Array.from({ length: well }, (_, i) => [`well-${i}.test`, ['127.0.0.1']]),
);
const resolver = await startResolver((name) => known[name] ?? (name === '' ? 'empty' : 'silent'));

const sorts = new Map<number, string>();
const checks: AssignedCheck[] = [];
const add = (sort: string, target: string) => {
  const id = checks.length + 1;
  sorts.set(id, sort);
  checks.push({
    ...{ id, rev: 1, shard: 0, position: id, owner: 'me' },
    ...{ intervalMs, timeoutMs, retryAfterMs: 2000, failures: 2, successes: 1 },
    config: { kind: 'http', target },
  });
};
for (let i = 0; i < swallowed; i++) {
  add('swallowed', `http://127.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}:${hole.port}/`);
}
for (let i = 0; i < silent; i++) add('silent', `http://silent-${i}.test:8080/`);
for (let i = 0; i < well; i++) add('well', `http://well-${i}.test:8080/`);

const platform = nodePlatform({ folder: '/nowhere', probe: runProbe, log: () => {} });
const clock = new Clock(platform);
const codes: CrowdOutcome['codes'] = {};
const prober = new Prober({
  platform,
  clock,
  probesFolder: null,
  wanted: () => undefined,
  taken: (readings) => {
    for (const { check, result } of readings) {
      const sort = sorts.get(check.id) ?? '';
      codes[sort] ??= {};
      codes[sort][result.code] = (codes[sort][result.code] ?? 0) + 1;
    }
  },
});
const { setTimer } = platform;
const agenda = new Agenda({ clock, setTimer, wake: (due, at) => prober.run(due, at) });
const before = process.memoryUsage.rss();
let mostDescriptors = 0;
let mostBytes = 0;
const look = setInterval(() => {
  mostDescriptors = Math.max(mostDescriptors, readdirSync('/proc/self/fd').length);
  mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
}, 250);
agenda.start();
agenda.assign(checks);
// Full slots are spread over their second.
await new Promise((done) => setTimeout(done, intervalMs * turns + 1000));
agenda.stop();
// What is under way may end.
await new Promise((done) => setTimeout(done, timeoutMs + 500));
clearInterval(look);
prober.stop();
const outcome: CrowdOutcome = {
  codes,
  late: agenda.skipped,
  mostDescriptors,
  grownMiB: Math.round((mostBytes - before) / 2 ** 20),
};
console.log(JSON.stringify(outcome));
hole.close();
resolver.close();
server.close();
process.exit(0);
