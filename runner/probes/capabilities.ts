import type { Capabilities } from '#core/wire/enroll.ts';
import { outwardAddresses } from '../failure.ts';
import { icmpWay } from '../icmp/way.ts';
import { listScripts } from '../script/find.ts';
import { PROBES } from './index.ts';

/** What this runner can measure where it stands; `probesFolder` null = no scripts. */
export async function capabilities(probesFolder: string | null): Promise<Capabilities> {
  const [way, scripts] = await Promise.all([icmpWay(), listScripts(probesFolder)]);
  return {
    kinds: Object.keys(PROBES),
    ...(typeof way === 'string'
      ? { icmp: null, icmpReason: way.slice(0, 300) }
      : { icmp: way.name }),
    ipv6: outwardAddresses('IPv6').length > 0,
    scripts: scripts.slice(0, 500),
  };
}
