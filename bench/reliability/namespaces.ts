// Five network namespaces: a hub, to which runners A and B and the worker W are joined by cables that can be bad, and a
// chat T by a veth pair that never is. Nothing leads out of them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const JSX = pathToFileURL(`${ROOT}bin/jsx.mjs`).href;

export type Place = 'hub' | 'a' | 'b' | 'w' | 't';
export const CABLED = ['a', 'b', 'w'] as const;
export type Cabled = (typeof CABLED)[number];

export const ADDRESS: Record<Place, string> = {
  hub: '10.77.0.1',
  a: '10.77.1.2',
  b: '10.77.2.2',
  w: '10.77.3.2',
  t: '10.77.4.2',
};
const GATE: Record<Exclude<Place, 'hub'>, string> = {
  a: '10.77.1.1',
  b: '10.77.2.1',
  w: '10.77.3.1',
  t: '10.77.4.1',
};

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

export class Namespaces {
  readonly #names: Record<Place, string>;
  readonly #children = new Set<ChildProcess>();
  #cable: ChildProcess | null = null;

  constructor() {
    const named = (place: string) => `anyup-${process.pid}-${place}`;
    this.#names = { hub: named('hub'), a: named('a'), b: named('b'), w: named('w'), t: named('t') };
  }

  /** Makes them; needs root, and `ip` of iproute2. */
  async make(seed: number): Promise<void> {
    for (const name of Object.values(this.#names)) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    const hub = this.#names.hub;
    ip('-n', hub, 'addr', 'add', `${ADDRESS.hub}/32`, 'dev', 'lo');
    this.#inside('hub', 'sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
    const ends = CABLED.flatMap((place) => [end(place), end(place, 'hub')]);
    const cable = this.start('', 'bench/reliability/cable.ts', ends, {
      UV_THREADPOOL_SIZE: String(2 * ends.length + 4),
      BENCH_SEED: String(seed),
    });
    this.#cable = cable;
    await saying(cable, /laid/);
    for (const place of CABLED) {
      ip('link', 'set', end(place), 'netns', this.#names[place]);
      ip('link', 'set', end(place, 'hub'), 'netns', hub);
      this.#join(place, end(place), end(place, 'hub'));
    }
    ip('link', 'add', end('t'), 'type', 'veth', 'peer', 'name', end('t', 'hub'));
    ip('link', 'set', end('t'), 'netns', this.#names.t);
    ip('link', 'set', end('t', 'hub'), 'netns', hub);
    this.#join('t', end('t'), end('t', 'hub'));
  }

  #join(place: Exclude<Place, 'hub'>, near: string, far: string): void {
    const [name, hub] = [this.#names[place], this.#names.hub];
    ip('-n', name, 'addr', 'add', ADDRESS[place], 'peer', `${GATE[place]}/32`, 'dev', near);
    ip('-n', name, 'link', 'set', near, 'up');
    ip('-n', name, 'route', 'add', 'default', 'via', GATE[place]);
    ip('-n', hub, 'addr', 'add', GATE[place], 'peer', `${ADDRESS[place]}/32`, 'dev', far);
    ip('-n', hub, 'link', 'set', far, 'up');
  }

  #inside(place: Place, command: string, args: string[]): void {
    execFileSync('ip', ['netns', 'exec', this.#names[place], command, ...args]);
  }

  /** A program of ours in a namespace ('' = outside of all). */
  start(
    place: Place | '',
    file: string,
    args: string[],
    env: Record<string, string>,
  ): ChildProcess {
    return this.#spawn(place, [process.execPath, '--import', JSX, file, ...args], env);
  }

  /** Any other program. */
  run(place: Place, command: string, args: string[]): ChildProcess {
    return this.#spawn(place, [command, ...args], { RUST_LOG: 'error' });
  }

  #spawn(place: Place | '', line: string[], env: Record<string, string>): ChildProcess {
    const clean = Object.entries(process.env).filter(
      ([name]) => !/^(ANYUP_|TURSO_|PORT$|HOST$)/.test(name),
    );
    // `ip netns exec` becomes the program, so that a signal reaches it.
    const whole = place === '' ? line : ['ip', 'netns', 'exec', this.#names[place], ...line];
    const [command = '', ...args] = whole;
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...Object.fromEntries(clean), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    child.stdin?.on('error', () => undefined);
    return child;
  }

  /** How a cable is from now on. */
  weather(place: Cabled, weather: { loss?: number; delayMs?: number; cut?: boolean }): void {
    const { loss = 0, delayMs = 0, cut = false } = weather;
    const cable = CABLED.indexOf(place);
    this.#cable?.stdin?.write(`${JSON.stringify({ cable, loss, delayMs, cut })}\n`);
  }

  /** What the cables carried and lost. */
  async lift(): Promise<string> {
    const cable = this.#cable;
    if (!cable) return '';
    const said = saying(cable, /\{.*\}/);
    cable.kill('SIGTERM');
    return (await said)[0];
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const name of Object.values(this.#names)) {
      try {
        ip('netns', 'del', name);
      } catch {
        // It was never made.
      }
    }
  }
}

function end(place: string, of = ''): string {
  return `au${of}${process.pid % 10_000}${place}`;
}

/** Resolves when it has said something like this. */
export function saying(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    const hear = (chunk: Buffer) => {
      text += chunk;
      const match = pattern.exec(text);
      if (match) resolve(match);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
}
