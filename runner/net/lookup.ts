// The addresses of names. A runner of thousands of checks looks up hundreds a second, and the system does that on four
// threads: with a name server 10 ms away that is all there is. So names are asked for over the network, as the system's
// settings say (nameSystem.ts), which takes no thread; only what that does not find is left to the system.
import { Resolver } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { codeOf } from '../failure.ts';
import { DOUBTFUL, type Found, SURE, type Wanted } from './lanes.ts';
import { nameSystem } from './nameSystem.ts';
import type { FamilyChoice } from './resolve.ts';

export type { Found } from './lanes.ts';

/** A question may get lost: asked twice of each server, the second time for twice as long. */
const ASK = { timeout: 1500, tries: 2 };
/** Where one family has been answered, the other is not waited for any longer than this (RFC 8305, 3: 50 ms). */
const OTHER_FAMILY_MS = 250;
const KEEP = 20_000;
const LOOK_MS = 60_000;
/** An answer of a kind, whatever it says. */
const SILENCE = new Set(['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED', 'EDESTRUCTION', 'ESERVICE']);
const NONE = new Set(['ENODATA', 'ENOTFOUND']);

/** While a name is looked for, everybody waits for the same answer. */
const asking = new Map<string, { wanted: Wanted; answer: Promise<Found> }>();
/** What only the system can be asked for and it found the last time. */
const found = new Set<string>();

/** All addresses the system knows of a name. Rejects as `dns.lookup` does, or with ETIMEOUT when its turn never came. */
export function lookUp(host: string, family: FamilyChoice, leftMs: number): Promise<Found> {
  const key = `${family} ${host}`;
  const untilMs = performance.now() + leftMs;
  const pending = asking.get(key);
  if (pending) {
    pending.wanted.untilMs = Math.max(pending.wanted.untilMs, untilMs);
    return pending.answer;
  }
  const wanted: Wanted = { host, family, untilMs };
  const answer = findOut(key, wanted).finally(() => asking.delete(key));
  // Whoever waited may be gone when it fails.
  answer.catch(() => {});
  asking.set(key, { wanted, answer });
  return answer;
}

/** Nobody could wait for its answer: the next time it is asked for over the network first. */
export function wasLate(host: string, family: FamilyChoice): void {
  found.delete(`${family} ${host}`);
}

async function findOut(key: string, wanted: Wanted): Promise<Found> {
  const { host, family } = wanted;
  const system = nameSystem();
  if (system.isLocal(host)) return SURE.take(wanted);
  const words = system.wordsFor(host);
  if (words === null) return askSystem(key, wanted);
  const said = await askNetwork(words, family);
  if (typeof said !== 'string') return said;
  if (said === 'none') throw Object.assign(new Error('nobody has it'), { code: 'ENOTFOUND' });
  if (said === 'broken')
    throw Object.assign(new Error('its name servers fail (SERVFAIL)'), { code: 'ESERVFAIL' });
  return (said === 'silence' ? DOUBTFUL : SURE).take(wanted);
}

/** Here nobody but the system knows how names are found; the network only tells whether somebody answers for it. */
async function askSystem(key: string, wanted: Wanted): Promise<Found> {
  const isSure = found.has(key) || (await askNetwork([wanted.host], wanted.family)) !== 'silence';
  try {
    const addresses = await (isSure ? SURE : DOUBTFUL).take(wanted);
    if (found.size >= KEEP) found.clear();
    found.add(key);
    return addresses;
  } catch (error) {
    found.delete(key);
    throw error;
  }
}

/**
 * None: there is no such name, or it has no such address. Broken: its own servers do not tell. Trouble: somebody answers, but
 * not what was asked.
 */
type Said = Found | Saying;
type Saying = (typeof SAYINGS)[number];
const SAYINGS = ['none', 'broken', 'trouble', 'silence'] as const;

/** What is said of the first of some names that has addresses. */
async function askNetwork(words: readonly string[], family: FamilyChoice): Promise<Said> {
  let worst: Saying = 'none';
  for (const word of words) {
    const said = await (family === 'any' ? askAny(word) : askOne(word, Number(family)));
    if (typeof said !== 'string') return said;
    worst = worseOf(worst, said);
    if (worst === 'silence') break;
  }
  return worst;
}

function worseOf(one: Saying, other: Saying): Saying {
  return SAYINGS.indexOf(one) > SAYINGS.indexOf(other) ? one : other;
}

async function askOne(word: string, family: number): Promise<Said> {
  const resolver = currentResolver();
  try {
    const addresses = await (family === 6 ? resolver.resolve6(word) : resolver.resolve4(word));
    return addresses.map((address) => ({ address, family }));
  } catch (error) {
    const code = codeOf(error);
    if (NONE.has(code)) return 'none';
    if (code === 'ESERVFAIL') return 'broken';
    return SILENCE.has(code) ? 'silence' : 'trouble';
  }
}

/** Where this machine has no IPv6, addresses of it are of use only to say that there are no others. */
async function askAny(word: string): Promise<Said> {
  if (sixHere() !== 'none') return askBoth(word);
  const said = await askOne(word, 4);
  return said === 'none' ? askOne(word, 6) : said;
}

async function askBoth(word: string): Promise<Said> {
  const asked = [askOne(word, 4), askOne(word, 6)];
  const all = Promise.all(asked);
  const isFound = typeof (await Promise.race(asked)) !== 'string';
  await (isFound ? inTime(all) : all);
  const [of4 = 'silence', of6 = 'silence'] = await Promise.all(
    asked.map((said) => Promise.race([said, 'silence' as const])),
  );
  if (typeof of4 === 'string') return typeof of6 === 'string' ? worseOf(of4, of6) : of6;
  if (typeof of6 === 'string') return of4;
  return sixHere() === 'global' ? [...of6, ...of4] : [...of4, ...of6];
}

/** Waits no longer than one family waits for the other. */
async function inTime(both: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsOver = new Promise((done) => {
    timer = setTimeout(done, OTHER_FAMILY_MS);
  });
  await Promise.race([both, timeIsOver]);
  clearTimeout(timer);
}

let current: { resolver: Resolver; settings: string } | undefined;

/** One for all; a new one when the system's settings have changed, which it reads but once. */
function currentResolver(): Resolver {
  const { settings } = nameSystem();
  if (current?.settings !== settings) current = { resolver: new Resolver(ASK), settings };
  return current.resolver;
}

type Six = 'global' | 'some' | 'none';
let six: { lookedAtMs: number; here: Six } | undefined;

/**
 * Whether this machine has an address of the whole internet in IPv6, else the system would try IPv4 first (RFC 6724). None:
 * it has addresses, but of IPv4 only (as AI_ADDRCONFIG has it, RFC 3493).
 */
function sixHere(): Six {
  const now = performance.now();
  if (!six || now - six.lookedAtMs > LOOK_MS) six = { lookedAtMs: now, here: lookForSix() };
  return six.here;
}

function lookForSix(): Six {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outer = all.filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address));
  if (outer.some(({ family, address }) => family === 'IPv6' && /^[23]/.test(address)))
    return 'global';
  return outer.length === 0 || outer.some(({ family }) => family === 'IPv6') ? 'some' : 'none';
}
