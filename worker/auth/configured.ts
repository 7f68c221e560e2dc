import type { Config } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

/** Refuses while what signing in needs is missing. At the edge no key is ever made by a request. */
export function refuseUnlessConfigured(
  config: Pick<Config, 'secret' | 'accessKeyHash' | 'runtime'>,
): void {
  const missing = [
    ...(config.secret === null ? ['ANYUP_SECRET'] : []),
    ...(config.runtime === 'edge' && config.accessKeyHash === null ? ['ANYUP_ACCESS_KEY'] : []),
  ];
  if (missing.length === 0) return;
  throw new Problem('not_configured', {
    detail: `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not set. \`npm run deploy\` makes and stores ${missing.length > 1 ? 'them' : 'it'}.`,
    extra: { missing },
  });
}
