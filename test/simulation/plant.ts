// Plants a bug into the code as this process loads it; the files stay as they are.
import { registerHooks } from 'node:module';
import type { Plant } from './planted.ts';

export function plant({ file, from, to }: Plant): void {
  let done = false;
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith(`/${file}`)) return loaded;
      const source = String(loaded.source);
      if (!source.includes(from)) throw new Error(`${file} has changed: plant the bug anew`);
      done = true;
      return { ...loaded, source: source.replace(from, () => to) };
    },
  });
  process.on('exit', () => {
    if (!done) console.error(`${file} was never loaded`);
  });
}
