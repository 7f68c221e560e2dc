// The address of the other side, for attempt limits. The rim knows it, the request does not carry it.
import type { AppContext } from '#worker/platform.ts';

const peers = new WeakMap<Request, string>();

/** Called by a runtime's entry file with the socket's remote address, before the app gets the request. */
export function rememberPeer(request: Request, address: string): void {
  peers.set(request, address);
}

/**
 * `CF-Connecting-IP` on Cloudflare, the socket's address elsewhere; empty when nobody told. Of IPv6 the network of 64
 * bits, for anybody has as many addresses as they like in one.
 */
export function peerOf(c: AppContext): string {
  const { cloudflare } = c.env.config;
  return site((cloudflare ? c.req.header('cf-connecting-ip') : peers.get(c.req.raw)) ?? '');
}

function site(address: string): string {
  const [head = '', tail] = address.split('::');
  if (!address.includes(':') || address.includes('.')) return address;
  const groups = head.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length;
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0')].slice(0, 4).join(':');
}
