/** Where the code of the ICMP thread lies; in the bundled runner it is the one file (bin/package.ts). */
export const ENGINE_FILE = new URL('./engine.ts', import.meta.url);
