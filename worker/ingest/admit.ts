import type { Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { identifyRunner } from './caller.ts';

export const CHANNEL_PATH = '/api/v1/runner/channel';

/** Does a request ask for the instant channel? (`GET /api/v1/runner/channel` with `Upgrade: websocket`) */
export function asksForChannel(request: Request): boolean {
  return (
    new URL(request.url).pathname === CHANNEL_PATH &&
    request.headers.get('upgrade')?.toLowerCase() === 'websocket'
  );
}

/** The id of the runner that asks for the instant channel, or the refusal. */
export async function admit(platform: Platform, request: Request): Promise<number | Response> {
  const call = {
    authorization: request.headers.get('authorization') ?? undefined,
    method: request.method,
    path: CHANNEL_PATH,
    body: new Uint8Array(0),
    now: platform.now(),
  };
  try {
    return (await identifyRunner(platform, call)).runnerId;
  } catch (error) {
    if (error instanceof Problem) return error.getResponse();
    throw error;
  }
}
