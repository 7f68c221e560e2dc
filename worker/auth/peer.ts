// The address of the other side, for attempt limits. The rim knows it, the request does not carry it.
import type { AppContext } from '#worker/platform.ts';

const peers = new WeakMap<Request, string>();

/** Called by a runtime's entry file with the socket's remote address, before the app gets the request. */
export function rememberPeer(request: Request, address: string): void {
  peers.set(request, address);
}

/** `CF-Connecting-IP` on Cloudflare, the socket's address elsewhere; empty when nobody told. */
export function peerOf(c: AppContext): string {
  if (c.env.config.cloudflare) return c.req.header('cf-connecting-ip') ?? '';
  return peers.get(c.req.raw) ?? '';
}
