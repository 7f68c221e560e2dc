/** Loads them when first asked. The packaged runner has them as text until then (bin/package.ts). */
export const libraries = (): Promise<typeof import('./seldom.ts')> => import('./seldom.ts');
