// `npm run bench -- store [results]`: what the result store costs in bytes, rows and CPU (docs/performance.md).
import { measureSizes } from './store/bytes.ts';
import { measureSlice } from './store/edge.ts';

export async function run([results = '10000000']: string[]): Promise<void> {
  const slice = await measureSlice();
  const each = (slice.cpuMs * 1e6) / slice.results;
  console.log('CPU of a fold slice in workerd, reading from and writing to sqld and all:');
  console.log(
    `  ${slice.checks} checks, ${slice.results} results: ${slice.cpuMs.toFixed(1)} ms (limit 10)`,
  );
  console.log(
    `  of it reading ${slice.readMs.toFixed(1)} ms, folding ${slice.foldMs.toFixed(1)} ms`,
  );
  console.log(`  ${each.toFixed(0)} µs per 1,000 results`);
  const count = Number(results);
  console.log(`bytes, on ${count.toLocaleString('en')} generated results …`);
  const sizes = await measureSizes(count);
  console.log(`  arrivals  ${sizes.arrived.toFixed(3)} bytes a result (limit 3)`);
  console.log(`  chunks    ${sizes.chunks.toFixed(3)} bytes a result (limit 2.6)`);
  console.log(
    `  folding   ${sizes.foldUsPer1000.toFixed(0)} µs per 1,000 results (Node, fold and pack)`,
  );
}
