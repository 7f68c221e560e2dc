// What the runners look at: an HTTP server for each check, closed and opened again by lines like "down 17" and "up 17".
import { createServer, type Server } from 'node:http';
import { createInterface } from 'node:readline';

const [address = '', first = '', count = ''] = process.argv.slice(2);
const servers = new Map<number, Server>();

async function open(index: number): Promise<void> {
  const server = createServer((_, answer) => answer.end('here'));
  servers.set(index, server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(first) + index, address, resolve);
  });
}

for (let index = 0; index < Number(count); index++) await open(index);

createInterface({ input: process.stdin }).on('line', async (line) => {
  const [status, index] = line.split(' ');
  if (status === 'up') return open(Number(index));
  const server = servers.get(Number(index));
  server?.close();
  server?.closeAllConnections();
});
process.stdin.once('end', () => process.exit(0));
console.log('listening');
