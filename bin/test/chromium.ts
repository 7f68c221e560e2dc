// The browser of the browser tests: the system's, else Debian's, else the one an npm package ships.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCommand, install } from './tools.ts';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

export interface FoundBrowser {
  path: string;
  from: string;
  /** What it needs in its environment. */
  env: Record<string, string>;
}

/** Null when there is no way to get one. */
export async function findChromium(
  scratch: string,
  say: (line: string) => void,
): Promise<FoundBrowser | null> {
  const system = systemChromium();
  if (system) return { path: system, from: "the system's", env: {} };
  if (await install(['chromium', 'fonts-dejavu-core'], say)) {
    const installed = systemChromium();
    if (installed) return { path: installed, from: "Debian's, installed now", env: {} };
  }
  try {
    return await unpack(join(scratch, 'chromium'));
  } catch (error) {
    say(`@sparticuz/chromium cannot be used: ${(error as Error).message}`);
    return null;
  }
}

function systemChromium(): string | null {
  return COMMANDS.map(findCommand).find((path) => path !== null) ?? null;
}

/** The package unpacks into the folder for temporary files; with it come the libraries and fonts a bare system lacks. */
async function unpack(folder: string): Promise<FoundBrowser> {
  mkdirSync(folder, { recursive: true });
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    const { default: packaged, inflate } = await import('@sparticuz/chromium');
    const archive = new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'));
    const path = await packaged.executablePath();
    const libraries = await inflate(fileURLToPath(archive));
    const env = {
      LD_LIBRARY_PATH: join(libraries, 'lib'),
      FONTCONFIG_PATH: join(folder, 'fonts'),
    };
    return { path, from: 'the npm package @sparticuz/chromium', env };
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}
