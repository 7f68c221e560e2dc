import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { byId } from '../fields.ts';
import { masked } from '../masked.ts';
import { parseInput } from '../parse.ts';
import { mayAct, permit } from '../permit.ts';
import { withHeartbeats } from './heartbeats.ts';
import type { HostModel } from './model.ts';
import { readHosts } from './read.ts';

/** One host with its checks. Viewers see no credentials. */
export async function getHost(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<HostModel> {
  permit(actor, 'viewer');
  const { id } = parseInput(byId, input);
  const [host] = await readHosts(platform, id);
  if (!host) throw new Problem('not_found', { detail: `There is no host ${id}.` });
  if (!mayAct(actor, 'editor')) return masked(host) as HostModel;
  const [whole = host] = await withHeartbeats(platform, [host]);
  return whole;
}
