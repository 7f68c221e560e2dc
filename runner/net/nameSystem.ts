// How this system turns names into addresses, as its files say (Linux): hosts(5), nsswitch.conf(5), resolv.conf(5).
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

export interface NameSystem {
  /** Found without any server being asked. */
  isLocal: (host: string) => boolean;
  /**
   * The names to ask servers for, one after the other: when they have none of them, nobody has. Null = only the system itself
   * knows how it would be found.
   */
  wordsFor: (host: string) => string[] | null;
  /** What resolvers have to be made anew for when it changes. */
  settings: string;
}

export interface NameFiles {
  hosts: string;
  nsswitch: string;
  resolv: string;
  hostname: string;
  platform: string;
}

const LOOK_MS = 60_000;
let known: { readAtMs: number; system: NameSystem } | undefined;

/** Read anew every minute. */
export function nameSystem(): NameSystem {
  const now = performance.now();
  if (!known || now - known.readAtMs > LOOK_MS) known = { readAtMs: now, system: read() };
  return known.system;
}

function read(): NameSystem {
  return nameSystemOf({
    hosts: textOf('/etc/hosts'),
    nsswitch: textOf('/etc/nsswitch.conf'),
    resolv: textOf('/etc/resolv.conf'),
    hostname: hostname(),
    platform: process.platform,
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function nameSystemOf(files: NameFiles): NameSystem {
  const names = namesIn(files.hosts);
  names.add(files.hostname.toLowerCase());
  const { search, ndots } = settingsIn(files.resolv);
  const isFollowed = files.platform === 'linux' && asksServers(files);
  return {
    settings: files.resolv,
    isLocal: (host) => {
      const name = host.toLowerCase().replace(/\.$/, '');
      return !name.includes('.') || /\.(localhost|local)$/.test(name) || names.has(name);
    },
    wordsFor: (host) => {
      if (!isFollowed) return null;
      const dots = host.split('.').length - 1;
      if (host.endsWith('.')) return [host];
      const searched = search.map((domain) => `${host}.${domain}`);
      return dots >= ndots ? [host, ...searched] : [...searched, host];
    },
  };
}

/** What systemd-resolved, and whoever asks it by its own way, is asked as by those servers. */
const STUBS = new Set(['127.0.0.53', '127.0.0.54']);
/** What knows no name that servers would be asked for. */
const BESIDE = /^(files|myhostname|mymachines|mdns\w*)$/;

/** Whether a name with a dot that is not in the hosts file is one for the servers in resolv.conf, and for nobody else. */
function asksServers({ nsswitch, resolv }: NameFiles): boolean {
  if (process.env.RES_OPTIONS || process.env.LOCALDOMAIN) return false;
  const line =
    /^\s*hosts:(.*)$/m.exec(nsswitch)?.[1]?.replace(/\[[^\]]*\]|#.*/g, ' ') ?? 'files dns';
  const services = line
    .trim()
    .split(/\s+/)
    .filter((service) => !BESIDE.test(service));
  const stubs = serversIn(resolv).every((server) => STUBS.has(server));
  const asked = services.filter((service) => service !== 'resolve' || !stubs);
  return services.length > 0 && asked.every((service) => service === 'dns');
}

function namesIn(hosts: string): Set<string> {
  const lines = hosts.toLowerCase().split('\n');
  return new Set(lines.flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1)));
}

/** The addresses of the name servers, as they are written. */
export function serversIn(resolv: string): string[] {
  return [...resolv.matchAll(/^nameserver\s+(\S+)/gm)].map(([, server = '']) => server);
}

/** Of several lines the last counts. */
function settingsIn(resolv: string): { search: string[]; ndots: number } {
  const domains = [...resolv.matchAll(/^(?:search|domain)\s+(.*)$/gm)].at(-1)?.[1] ?? '';
  const options = [...resolv.matchAll(/^options\s+(.*)$/gm)].map(([, words]) => words).join(' ');
  const ndots = Number(/\bndots:(\d+)/.exec(options)?.[1] ?? 1);
  return { search: domains.trim().split(/\s+/).filter(Boolean), ndots: Math.min(15, ndots) };
}
