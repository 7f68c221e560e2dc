// `secret:name` in the fields of a check stands for a value that only this runner knows, and only sends where its
// owner said.
import { type CheckSpec, checkSpecSchema, type Kind, kindOf } from '#core/checks/index.ts';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import { Failure } from '../failure.ts';

export interface Secret {
  value: string;
  /** Names and addresses in lower case, "*.example.org" for all below it, or "script:name". */
  hosts: readonly string[];
  kinds: readonly Kind[];
}

type Config = AssignedCheck['config'];

const REFERENCE = /(?<![A-Za-z0-9_-])secret:([A-Za-z0-9][A-Za-z0-9_-]*)/g;
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/\S+$/i;

/** The secrets of one runner. */
export class Secrets {
  readonly #secrets: ReadonlyMap<string, Secret>;
  /** Configs as they came, so that each is looked through once. Whoever changes one makes a new object. */
  readonly #known = new WeakMap<object, Config | Failure>();

  constructor(secrets: ReadonlyMap<string, Secret>) {
    this.#secrets = secrets;
  }

  get size(): number {
    return this.#secrets.size;
  }

  /** What to keep out of every text. */
  values(): Map<string, string> {
    return new Map([...this.#secrets].map(([name, { value }]) => [name, value]));
  }

  /** The same config with every reference replaced, or why one may not be. */
  into(config: Config): Config | Failure {
    const before = this.#known.get(config);
    if (before) return before;
    const filled = this.#fill(config);
    this.#known.set(config, filled);
    return filled;
  }

  #fill(config: Config): Config | Failure {
    const names = referencesIn(config);
    if (names.size === 0) return config;
    const parsed = checkSpecSchema.safeParse(config);
    // What cannot be read is told by whoever reads it for the probe; nothing is filled in.
    if (!parsed.success) return config;
    const places = placesOf(parsed.data);
    for (const name of names) {
      const secret = this.#secrets.get(name);
      const refusal = secret ? refusalOf(secret, parsed.data.kind, places) : 'is not in the file';
      if (refusal) return new Failure('unable.secret', `secret:${name} ${refusal} of this runner`);
    }
    const filled = replaced(config, (name) => this.#secrets.get(name)?.value ?? '') as Config;
    const reads = checkSpecSchema.safeParse(filled);
    if (reads.success && placesOf(reads.data).join() !== places.join()) {
      return new Failure('unable.secret', 'a secret may not say where the probe goes');
    }
    return filled;
  }
}

function refusalOf(secret: Secret, kind: Kind, places: readonly string[]): string | null {
  if (!secret.kinds.includes(kind)) return `is not for checks of the kind "${kind}" by the file`;
  const other = places.find((place) => !secret.hosts.some((host) => isFor(host, place)));
  return other === undefined ? null : `is not for ${other} by the file`;
}

/** Everything that a check names as a place to talk to: its host, and any address beside it (a proxy, a login). */
function placesOf(spec: CheckSpec): string[] {
  const host = kindOf(spec.kind).addressOf(spec as never) ?? spec.target;
  const { kind: _, target: __, ...rest } = spec;
  const others = Object.values(rest).flatMap((value) =>
    typeof value === 'string' && ADDRESS.test(value) && URL.canParse(value)
      ? [new URL(value).hostname.replace(/^\[(.*)\]$/, '$1')]
      : [],
  );
  return [host, ...others].map((place) => place.toLowerCase().replace(/\.$/, ''));
}

function isFor(host: string, place: string): boolean {
  if (host === place) return true;
  return host.startsWith('*.') && place.endsWith(host.slice(1)) && place.length >= host.length;
}

function referencesIn(value: unknown, names = new Set<string>()): Set<string> {
  if (typeof value === 'string') {
    for (const [, name] of value.matchAll(REFERENCE)) names.add(name as string);
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) referencesIn(each, names);
  }
  return names;
}

/** In an address a value is percent-encoded, so that it stays the part that it is. */
function replaced(value: unknown, secretOf: (name: string) => string): unknown {
  if (typeof value === 'string') {
    const isAddress = ADDRESS.test(value);
    return value.replaceAll(REFERENCE, (_, name: string) =>
      isAddress ? encodeURIComponent(secretOf(name)) : secretOf(name),
    );
  }
  if (Array.isArray(value)) return value.map((each) => replaced(each, secretOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, replaced(each, secretOf)]),
  );
}
