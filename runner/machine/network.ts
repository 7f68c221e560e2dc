import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import { type ReadFigure, round } from './figure.ts';
import { libraryNetwork } from './library.ts';
import { Memo } from './memo.ts';

interface Counted {
  atMs: number;
  received: number;
  sent: number;
}

const FIRST_LOOK_MS = 500;
const last = new Memo<Counted>();

/** The busier direction since the last look, Mbit/s; of one interface, or of all but loopback. */
export const readNetwork: ReadFigure = async (which, identity) => {
  const first = await look(which);
  if (first === null) return new Failure('machine.missing', `there is no interface ${which}`);
  let before = last.get(identity);
  let now = first;
  if (before === undefined) {
    before = first;
    await pause(FIRST_LOOK_MS);
    now = (await look(which)) ?? first;
  }
  last.set(identity, now);
  const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1000);
  // A counter that fell was started anew.
  const rate = (from: number, to: number) => round((Math.max(0, to - from) * 8) / 1e6 / seconds);
  const received = rate(before.received, now.received);
  const sent = rate(before.sent, now.sent);
  return {
    value: Math.max(received, sent),
    unit: ' Mbit/s',
    metrics: [
      { name: 'received', value: received, unit: 'Mbit/s' },
      { name: 'sent', value: sent, unit: 'Mbit/s' },
    ],
  };
};

async function look(which: string): Promise<Counted | null> {
  const all = process.platform === 'linux' ? await networkOfLinux() : await libraryNetwork();
  const meant = [...all].filter(([name]) =>
    which === '' ? !/^lo\d*$/.test(name) : name === which,
  );
  if (which !== '' && meant.length === 0) return null;
  const sum = { atMs: performance.now(), received: 0, sent: 0 };
  for (const [, { received, sent }] of meant) {
    sum.received += received;
    sum.sent += sent;
  }
  return sum;
}

/** Bytes since the start, by interface. */
export async function networkOfLinux(): Promise<Map<string, { received: number; sent: number }>> {
  const lines = (await readFile('/proc/net/dev', 'latin1')).split('\n').slice(2);
  const found = new Map<string, { received: number; sent: number }>();
  for (const line of lines) {
    const [name = '', counters = ''] = line.split(/:(.*)/);
    const counts = counters.trim().split(/\s+/).map(Number);
    if (name.trim() === '' || counts.length < 9) continue;
    found.set(name.trim(), { received: counts[0] ?? 0, sent: counts[8] ?? 0 });
  }
  return found;
}
