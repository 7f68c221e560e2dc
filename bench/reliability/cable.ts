// A bad cable: a pair of TUN devices, and every packet that goes in at one end comes out at the other, late, never, or not
// while the cable is cut. It does to packets what `tc netem` does, on kernels that have none. Told by lines on its
// standard input: {"cable": 0, "loss": 0.3, "delayMs": 500, "cut": false}; its arguments are the names of the ends, in pairs.
import { openSync, read, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import koffi from 'koffi';

const TUNSETIFF = 0x400454ca;
const IFF_TUN_NO_PI = 0x1001;
const PACKET_BYTES = 2048;
/** More under way than this is dropped, as a real queue does. */
const QUEUE = 4000;

interface Weather {
  loss: number;
  delayMs: number;
  cut: boolean;
}

const ioctl = koffi.load(null).func('int ioctl(int, unsigned long, void *)') as (
  fd: number,
  request: number,
  argument: Buffer,
) => number;

function openEnd(name: string): number {
  const fd = openSync('/dev/net/tun', 'r+');
  const request = Buffer.alloc(40);
  request.write(name);
  request.writeUInt16LE(IFF_TUN_NO_PI, 16);
  if (ioctl(fd, TUNSETIFF, request) < 0) throw new Error(`no TUN device ${name}`);
  return fd;
}

const names = process.argv.slice(2);
const seed = Number(process.env.BENCH_SEED ?? 1);
const weathers: Weather[] = [];
const passed = { sent: 0, lost: 0 };

for (let index = 0; index < names.length; index += 2) {
  const weather: Weather = { loss: 0, delayMs: 0, cut: false };
  weathers.push(weather);
  const [left = '', right = ''] = names.slice(index, index + 2);
  const ends = [openEnd(left), openEnd(right)] as const;
  carry(ends[0], ends[1], weather, randomOf(seed + index));
  carry(ends[1], ends[0], weather, randomOf(seed + index + 1));
}

function carry(from: number, to: number, weather: Weather, random: () => number): void {
  let underWay = 0;
  const next = () => {
    const packet = Buffer.allocUnsafe(PACKET_BYTES);
    read(from, packet, 0, PACKET_BYTES, null, (error, bytes) => {
      if (error) return setTimeout(next, 50);
      const { cut, loss, delayMs } = weather;
      if (cut || random() < loss || underWay >= QUEUE) passed.lost += 1;
      else if (delayMs === 0) put(packet.subarray(0, bytes));
      else {
        underWay += 1;
        setTimeout(() => {
          underWay -= 1;
          put(packet.subarray(0, bytes));
        }, delayMs);
      }
      next();
    });
  };
  const put = (packet: Buffer) => {
    try {
      writeSync(to, packet);
      passed.sent += 1;
    } catch {
      // The other end is down: so is the cable.
      passed.lost += 1;
    }
  };
  next();
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { cable, ...weather } = JSON.parse(line) as Weather & { cable: number };
  Object.assign(weathers[cable] as Weather, weather);
});
process.stdin.once('end', () => process.exit(0));
process.once('SIGTERM', () => {
  console.log(JSON.stringify(passed));
  process.exit(0);
});
console.log('laid');

function randomOf(from: number): () => number {
  let state = (from * 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
