// Hosts that the worker answers itself, as a job and a person meet them.
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';
import type { Api } from './api.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export interface AddedHeartbeat {
  hostId: number;
  checkId: number;
  /** The path of its address. */
  path: string;
}

/** A host with one heartbeat, made through the API. */
export async function addHeartbeat(
  api: Api,
  fields: Record<string, unknown> = {},
  name = 'Backup',
): Promise<AddedHeartbeat> {
  const checks = [{ kind: 'heartbeat', target: 'nightly backup', ...fields }];
  const { status, body } = await api.post('/hosts', { name, checks });
  if (status !== 201) throw new Error(`hosts: ${status} ${JSON.stringify(body)}`);
  const [{ checkId, url }] = body.host.heartbeats;
  return { hostId: body.host.id, checkId, path: new URL(url).pathname };
}

/** A job calls; what is done after the answer is waited for. */
export async function call(api: Api, path: string, init?: RequestInit): Promise<Response> {
  const answer = await app.request(path, init, api.platform);
  await api.platform.settle();
  return answer;
}

/** Minutes go by, with a tick each, or each so many. */
export async function minutes(api: Api, count: number, step = 1): Promise<void> {
  for (let minute = 0; minute < count; minute += step) {
    api.platform.advance(step * MINUTE);
    await tick(api.platform);
    await api.platform.settle();
  }
}

interface CheckAnswer {
  id: number;
  status: string;
  level: number | null;
  sentence: string;
  rttUs: number | null;
  reason: { code: string; text: string };
}

/** A check as the public status tells it to whoever may see everything. */
export async function statusOf(api: Api, checkId: number): Promise<CheckAnswer> {
  const { body } = await api.get('/status');
  const checks = (body.hosts as Array<{ checks: CheckAnswer[] }>).flatMap((host) => host.checks);
  const found = checks.find(({ id }) => id === checkId);
  if (!found) throw new Error(`there is no check ${checkId} in the status`);
  return found;
}
