// `npm run bench -- store [results]`: what the result store costs in rows, CPU and bytes (docs/performance.md).
import { measureSizes } from './store/bytes.ts';
import { measureEdge } from './store/edge.ts';
import { measureIngest } from './store/ingest.ts';
import { PARTS } from './store/ingestParts.ts';
import { measurePages } from './store/page.tsx';
import { measureRows } from './store/rows.ts';

export async function run([results = '10000000']: string[]): Promise<void> {
  const rows = await measureRows();
  console.log('rows written per 1,000 results, on the same sqld:');
  console.log(`  this store        ${rows.ours.toFixed(1)}`);
  console.log(`  a row per result  ${rows.rowPerResult} (row, index entry, deletion)`);
  console.log(`  ratio             1 : ${(rows.rowPerResult / rows.ours).toFixed(0)}`);
  for (const { days, ms, rows: read, points } of rows.charts) {
    console.log(`chart of ${days} d: ${read} rows read, ${points} points, ${ms.toFixed(0)} ms`);
  }
  console.log(
    'CPU of what a tick does at the edge, in workerd, 1,000 checks × 3 locations, ms (limit 10):',
  );
  for (const { what, ms, socketMs } of await measureEdge()) {
    const sockets = socketMs === null ? '' : `, of it sockets ${socketMs.toFixed(1)}`;
    console.log(`  ${what.padEnd(32)} ${ms.toFixed(1)}${sockets}`);
  }
  const ingest = await measureIngest();
  console.log('CPU of a post of 500 results, ms: workerd, Node');
  const sum = { workerdMs: 0, nodeMs: 0 };
  for (const part of PARTS) {
    const { workerdMs, nodeMs } = ingest[part];
    sum.workerdMs += workerdMs;
    sum.nodeMs += nodeMs;
    console.log(`  ${part.padEnd(8)} ${workerdMs.toFixed(2)}  ${nodeMs.toFixed(2)}`);
  }
  console.log(`  ${'in all'.padEnd(8)} ${sum.workerdMs.toFixed(2)}  ${sum.nodeMs.toFixed(2)}`);
  console.log('status page, CPU in Node: snapshot, HTML, days, its weight');
  for (const { hosts, snapshotMs, htmlMs, daysMs, bytes } of await measurePages()) {
    const weight = `${(bytes / 1024).toFixed(1)} KiB gzip`;
    console.log(
      `  ${hosts} hosts: ${[snapshotMs, htmlMs, daysMs].map((ms) => `${ms.toFixed(1)} ms`).join(', ')}, ${weight}`,
    );
  }
  const count = Number(results);
  console.log(`bytes, on ${count.toLocaleString('en')} generated results …`);
  const sizes = await measureSizes(count);
  console.log(`  arrivals  ${sizes.arrived.toFixed(3)} bytes a result (limit 3)`);
  console.log(`  chunks    ${sizes.chunks.toFixed(3)} bytes a result (limit 2.6)`);
  console.log(
    `  folding   ${sizes.foldUsPer1000.toFixed(0)} µs per 1,000 results (Node, fold and pack)`,
  );
}
