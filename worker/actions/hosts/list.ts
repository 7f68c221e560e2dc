import type { Actor, Platform } from '#worker/platform.ts';
import { nothing } from '../fields.ts';
import { masked } from '../masked.ts';
import { parseInput } from '../parse.ts';
import { mayAct, permit } from '../permit.ts';
import { withHeartbeats } from './heartbeats.ts';
import type { HostModel } from './model.ts';
import { readHosts } from './read.ts';

/** All hosts by group and name. Viewers see no credentials. */
export async function listHosts(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<HostModel[]> {
  permit(actor, 'viewer');
  parseInput(nothing, input);
  const hosts = await readHosts(platform);
  return mayAct(actor, 'editor') ? withHeartbeats(platform, hosts) : (masked(hosts) as HostModel[]);
}
