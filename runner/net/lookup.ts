// The system looks names up on a handful of threads and cannot be called off: a few names whose servers are silent
// would keep all others waiting. So whatever has not been found before is first asked for over the network, which
// costs no thread; what nobody answers for there may take one thread at a time, and who has waited too long is let go.
import { lookup, Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { codeOf } from '../failure.ts';
import type { FamilyChoice } from './resolve.ts';

export type Found = Array<{ address: string; family: number }>;

/** As long as the system itself waits for a server. */
const ASK_MS = 5000;
const KEEP = 20_000;
const HOSTS_MS = 60_000;
/** An answer of a kind, whatever it says. */
const SILENCE = new Set(['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED', 'EDESTRUCTION', 'ESERVICE']);

/** Names that the system found the last time. */
const found = new Set<string>();
/** While a name is looked for, everybody waits for the same answer. */
const asking = new Map<string, Wanted>();

interface Wanted {
  answer: Promise<Found>;
  /** Nobody waits for it any longer than this (`performance.now()`). */
  untilMs: number;
}

/** All addresses the system knows of a name. Rejects as `dns.lookup` does, or with ETIMEOUT when its turn never came. */
export function lookUp(host: string, family: FamilyChoice, leftMs: number): Promise<Found> {
  const key = `${family} ${host}`;
  const untilMs = performance.now() + leftMs;
  const pending = asking.get(key);
  if (pending) {
    pending.untilMs = Math.max(pending.untilMs, untilMs);
    return pending.answer;
  }
  const wanted: Wanted = { answer: Promise.resolve([]), untilMs };
  wanted.answer = turnOf(key, host, family, wanted).finally(() => asking.delete(key));
  // Whoever waited may be gone when it fails.
  wanted.answer.catch(() => {});
  asking.set(key, wanted);
  return wanted.answer;
}

/** Nobody could wait for its answer: the next time it is asked for over the network first. */
export function wasLate(host: string, family: FamilyChoice): void {
  found.delete(`${family} ${host}`);
}

async function turnOf(key: string, host: string, family: FamilyChoice, wanted: Wanted) {
  const sure = found.has(key) || isLocal(host) || (await isAnsweredFor(host, family));
  const lane = sure ? SURE : DOUBTFUL;
  const ask = () => lookup(host, { all: true, family: family === 'any' ? 0 : Number(family) });
  try {
    const addresses = await lane.take(ask, wanted);
    if (found.size >= KEEP) found.clear();
    found.add(key);
    return addresses;
  } catch (error) {
    found.delete(key);
    throw error;
  }
}

class Lane {
  readonly #atOnce: number;
  readonly #waiting: Array<() => void> = [];
  #busy = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  take(ask: () => Promise<Found>, wanted: Wanted): Promise<Found> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        if (performance.now() >= wanted.untilMs) {
          reject(Object.assign(new Error('its turn never came'), { code: 'ETIMEOUT' }));
          return;
        }
        this.#busy++;
        ask()
          .then(resolve, reject)
          .finally(() => {
            this.#busy--;
            this.#next();
          });
      });
      this.#next();
    });
  }

  #next(): void {
    while (this.#busy < this.#atOnce) {
      const start = this.#waiting.shift();
      if (!start) return;
      start();
    }
  }
}

const SURE = new Lane(4);
const DOUBTFUL = new Lane(1);

let network: Resolver | undefined;

/** Whether any server says anything about a name. */
async function isAnsweredFor(host: string, family: FamilyChoice): Promise<boolean> {
  network ??= new Resolver({ timeout: ASK_MS, tries: 1 });
  try {
    await (family === '6' ? network.resolve6(host) : network.resolve4(host));
    return true;
  } catch (error) {
    return !SILENCE.has(codeOf(error));
  }
}

/** Names that no server is asked for. */
function isLocal(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return !name.includes('.') || /\.(localhost|local)$/.test(name) || hostsFile().has(name);
}

let hosts: { readAtMs: number; names: ReadonlySet<string> } | undefined;

function hostsFile(): ReadonlySet<string> {
  const now = performance.now();
  if (!hosts || now - hosts.readAtMs > HOSTS_MS) hosts = { readAtMs: now, names: readHosts() };
  return hosts.names;
}

function readHosts(): Set<string> {
  try {
    const lines = readFileSync('/etc/hosts', 'utf8').toLowerCase().split('\n');
    return new Set(lines.flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1)));
  } catch {
    return new Set();
  }
}
