// The worker's side of its Durable Object, where wrangler.toml binds one as BELL.
import { RUNNER_HEADER } from './object.ts';

export interface ObjectStub {
  fetch(request: Request): Promise<Response>;
}
export interface BellBinding {
  idFromName(name: string): unknown;
  get(id: unknown): ObjectStub;
}

/** Null where none is bound: then runners hear everything with their next flush. */
export function bellOf(env: Record<string, unknown>): ObjectStub | null {
  const binding = env.BELL as BellBinding | undefined;
  return binding ? binding.get(binding.idFromName('bell')) : null;
}

/** Hands an admitted runner's upgrade to the object that keeps its socket. */
export function connect(bell: ObjectStub, request: Request, runnerId: number): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.delete('authorization');
  headers.set(RUNNER_HEADER, String(runnerId));
  return bell.fetch(new Request('https://bell/', { headers }));
}

export async function ring(bell: ObjectStub, ids: readonly number[] | 'all'): Promise<void> {
  await bell.fetch(new Request('https://bell/', { method: 'POST', body: JSON.stringify(ids) }));
}
