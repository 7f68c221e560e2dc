// Whether all name servers of a zone answer for it, and with the same version.
import { WARNING } from '#core/level.ts';
import type { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { leaveNothing } from '../guard/probing.ts';
import { type FamilyChoice, resolve } from '../net/resolve.ts';
import { ask, foremost } from './ask.ts';
import type { Fault } from './judge.ts';
import { makeQuery } from './message.ts';
import type { Told } from './servers.ts';

const MOST_SERVERS = 20;
const DNS = 53;

interface Answer {
  server: string;
  serial: number | Failure;
}

export interface Agreement {
  fault: Fault | null;
  /** The newest of them; null when nobody answered. */
  serial: number | null;
  /** A line for each server. */
  words: string;
}

/** Asks every address of every server of the zone for its SOA, without recursion. */
export async function agreementOn(
  zone: string,
  servers: Told | Failure,
  family: FamilyChoice,
  deadline: Deadline,
): Promise<Agreement | Failure> {
  if (servers instanceof Failure) return servers;
  const names = servers.reply.records.map(({ value }) => value).toSorted();
  if (names.length === 0) return new Failure('dns.no_records', `${zone} has no NS records`);
  const answers = (
    await Promise.all(
      names.slice(0, MOST_SERVERS).map((name) => askServer(zone, name, family, deadline)),
    )
  ).flat();
  const known = answers.flatMap(({ serial }) => (serial instanceof Failure ? [] : [serial]));
  const failures = answers.flatMap(({ serial }) => (serial instanceof Failure ? [serial] : []));
  if (known.length === 0) return foremost(failures);
  const serial = known.reduce((newest, each) => (isNewer(each, newest) ? each : newest));
  const words = answers
    .map(({ server, serial }) => `${server}: ${serial instanceof Failure ? serial.text : serial}`)
    .join('\n');
  return { fault: faultOf(zone, answers, serial), serial, words };
}

async function askServer(
  zone: string,
  name: string,
  family: FamilyChoice,
  deadline: Deadline,
): Promise<Answer[]> {
  const resolved = await resolve(name, family, deadline);
  leaveNothing();
  if (resolved instanceof Failure) return [{ server: name, serial: resolved }];
  const query = () => makeQuery({ name: zone, type: 'SOA', recursive: false });
  return Promise.all(
    resolved.addresses.map(async (address) => {
      const server = {
        transport: 'udp',
        host: name,
        port: DNS,
        path: '',
        addresses: [address],
      } as const;
      const asked = await ask(server, query(), deadline);
      const label = `${name} (${address.address})`;
      if (asked instanceof Failure) return { server: label, serial: asked };
      const { records, authoritative, rcode } = asked.reply;
      const serial = Number(records[0]?.value.split(' ')[2]);
      if (authoritative && Number.isInteger(serial)) return { server: label, serial };
      const why = rcode === 'NOERROR' ? 'is not authoritative' : `answers ${rcode}`;
      return { server: label, serial: new Failure('dns.lame', `${label} ${why} for ${zone}`) };
    }),
  );
}

/** The zone still resolves, so what is wrong here is a warning. */
function faultOf(zone: string, answers: readonly Answer[], newest: number): Fault | null {
  const behind = answers.filter(({ serial }) => typeof serial === 'number' && serial !== newest);
  if (behind.length > 0) {
    const laggards = behind.map(({ server, serial }) => `${server} has ${serial}`).join(', ');
    const text = `${zone} is at ${newest}, but ${laggards}`;
    return { failure: new Failure('dns.serial', text), level: WARNING };
  }
  const failure = answers
    .flatMap(({ serial }) => (serial instanceof Failure ? [serial] : []))
    .find(({ code }) => !code.startsWith('unable.'));
  return failure ? { failure, level: WARNING } : null;
}

/** Serial arithmetic (RFC 1982): they wrap around. */
function isNewer(a: number, b: number): boolean {
  return a !== b && (a - b) >>> 0 < 0x8000_0000;
}
