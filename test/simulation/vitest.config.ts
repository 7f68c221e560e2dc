import { defineConfig } from 'vitest/config';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx' } },
  test: { include: ['test/simulation/*.hand.ts'], isolate: false, testTimeout: 120_000 },
});
