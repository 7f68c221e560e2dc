// Made by bin/assets.ts before anything else runs.
import manifest from './dist/manifest.json' with { type: 'json' };

/** Where the browser finds a built file: "app.css" → "/assets/app.<hash>.css". */
export function asset(name: keyof typeof manifest): string {
  return `/assets/${manifest[name]}`;
}
