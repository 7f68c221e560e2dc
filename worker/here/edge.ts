// The worker's own looks on Cloudflare: `fetch`, and sockets for what is no HTTP. Neither reaches a private network from
// there, and neither tells an address, so what is refused beforehand is what is written in the target.
import { connect } from 'cloudflare:sockets';
import type { ReasonCode } from '#core/reason.ts';
import type { Outside } from './outside.ts';

/** What Cloudflare answers in the place of an origin that did not. */
const STANDS_FOR: Record<number, ReasonCode> = {
  520: 'connect.reset',
  521: 'connect.refused',
  522: 'connect.timeout',
  523: 'connect.unreachable',
  524: 'timeout',
  525: 'tls.failed',
  526: 'tls.untrusted',
  530: 'dns.not_found',
};

/** workerd has words only. */
const CAUSES: Array<[words: RegExp, code: ReasonCode]> = [
  [/too many subrequests/i, 'unable.resources'],
  [/consider using fetch|TCP loop|prohibited|not permitted/i, 'unable.worker'],
  [/cannot connect to the specified address/i, 'connect.failed'],
  [/DNS|resolve/i, 'dns.failed'],
  [/refused/i, 'connect.refused'],
  [/certificate|TLS|SSL/i, 'tls.failed'],
  [/connection lost|reset|disconnected/i, 'connect.reset'],
];

export const outside: Omit<Outside, 'clockUs'> = {
  async fetch({ url, method, headers, body, signal }) {
    return fetch(url.href, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      body,
      signal,
      redirect: 'manual',
    });
  },
  async connect({ host, port, signal }) {
    const socket = connect({ hostname: host, port }, { secureTransport: 'off' });
    const hangUp = () => socket.close().catch(() => undefined);
    const given = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    // Whichever comes second is nobody's.
    socket.closed.catch(() => undefined);
    given.catch(() => undefined);
    try {
      await Promise.race([socket.opened, given]);
    } finally {
      hangUp();
    }
  },
  explain(error) {
    const text = error instanceof Error ? error.message : String(error);
    return { code: CAUSES.find(([words]) => words.test(text))?.[1] ?? 'connect.failed', text };
  },
  statusMeans: (status) => STANDS_FOR[status] ?? null,
  unpacks: true,
};
