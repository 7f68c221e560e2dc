import { getServers } from 'node:dns';
import { answersForRoot } from '../net/resolver.ts';
import { type Exam, fail, ok, warn } from './finding.ts';

const TIMEOUT_MS = 3000;

/** Does every resolver of this machine answer? One dead one makes each lookup that meets it slow. */
export const dns: Exam = async () => {
  const servers = getServers();
  const alive = await Promise.all(servers.map((server) => answersForRoot(TIMEOUT_MS, server)));
  const dead = servers.filter((_, index) => !alive[index]);
  if (dead.length === 0) return ok('dns', `answered by ${servers.join(', ')}`);
  const mend = 'Check /etc/resolv.conf and the way to those servers.';
  return dead.length === servers.length
    ? fail('dns', `no resolver answers (${dead.join(', ') || 'none is set'})`, mend)
    : warn('dns', `does not answer: ${dead.join(', ')}`, mend);
};
