import { icmpWay } from '../icmp/way.ts';
import { type Exam, ok, warn } from './finding.ts';

/** May this user ping, and by which way? */
export const icmp: Exam = async () => {
  const way = await icmpWay();
  if (typeof way === 'string') {
    const mend =
      'Set net.ipv4.ping_group_range="0 2147483647" (sysctl), grant CAP_NET_RAW, or install fping.';
    return warn('icmp', `cannot ping: ${way}`, mend);
  }
  const dear = way.name === 'ping' || way.name === 'fping';
  return dear
    ? warn(
        'icmp',
        `pings by starting ${way.name}, a process each`,
        'A ping socket costs a tenth: set net.ipv4.ping_group_range="0 2147483647".',
      )
    : ok('icmp', `pings by a ${way.name} socket`);
};
