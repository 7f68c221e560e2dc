// The browser of the browser tests: the system's, else Debian's, else the one an npm package ships.
import { findCommand, install } from './tools.ts';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Its path, and where it is from; null when there is no way to get one. */
export async function findChromium(
  say: (line: string) => void,
): Promise<{ path: string; from: string } | null> {
  const system = systemChromium();
  if (system) return { path: system, from: "the system's" };
  if (await install(['chromium', 'fonts-dejavu-core'], say)) {
    const installed = systemChromium();
    if (installed) return { path: installed, from: "Debian's, installed now" };
  }
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    return { path: await packaged.executablePath(), from: 'the npm package @sparticuz/chromium' };
  } catch (error) {
    say(`@sparticuz/chromium cannot be used: ${(error as Error).message}`);
    return null;
  }
}

function systemChromium(): string | null {
  return COMMANDS.map(findCommand).find((path) => path !== null) ?? null;
}
