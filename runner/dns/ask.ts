// One question to one name server, over the transport it is asked by.
import type { Resolver, Transport } from '#core/checks/dns.ts';
import type { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { dial } from '../net/dial.ts';
import { hostPort } from '../net/race.ts';
import type { Address } from '../net/resolve.ts';
import { dialSecurely } from '../tls/dial.ts';
import { askByHttps } from './https.ts';
import type { Query } from './message.ts';
import { askByStream } from './stream.ts';
import { type Asked, askByUdp } from './udp.ts';

/** A name server whose addresses are known. */
export interface Server extends Resolver {
  addresses: readonly Address[];
}

type Ask = (server: Server, query: Query, deadline: Deadline) => Promise<Asked | Failure>;

const BY: Record<Transport, Ask> = {
  /** Each address in turn, with an equal share of the time that is left; a cut answer is asked for again by TCP. */
  async udp(server, query, deadline) {
    const failures: Failure[] = [];
    for (const [index, address] of server.addresses.entries()) {
      const share = deadline.share(server.addresses.length - index);
      const asked = await askByUdp(address, server.port, query, share);
      if (asked instanceof Failure) {
        failures.push(asked);
        continue;
      }
      if (!asked.reply.truncated) return asked;
      const whole = await BY.tcp({ ...server, addresses: [address] }, query, share);
      return whole instanceof Failure ? truncated(whole) : after(asked.rttUs, whole);
    }
    return foremost(failures);
  },

  async tcp(server, query, deadline) {
    const dialled = await dial(server.addresses, server.port, deadline);
    if (dialled instanceof Failure) return dialled;
    const { socket, address, connectUs } = dialled;
    const peer = { address, name: hostPort(address, server.port) };
    return after(connectUs, await askByStream(socket, peer, query, deadline));
  },

  async tls(server, query, deadline) {
    const secured = await connectSecurely(server, ['dot'], deadline);
    if (secured instanceof Failure) return secured;
    const { socket, peer, tookUs } = secured;
    return after(tookUs, await askByStream(socket, peer, query, deadline));
  },

  async https(server, query, deadline) {
    const secured = await connectSecurely(server, ['h2', 'http/1.1'], deadline);
    if (secured instanceof Failure) return secured;
    const { socket, peer, tookUs } = secured;
    const authority = hostPort(server.host, server.port);
    const asked = await askByHttps(socket, peer, server.path, authority, query, deadline);
    return after(tookUs, asked);
  },
};

/** Asks; the RTT has all of it but finding the server's own address. */
export function ask(server: Server, query: Query, deadline: Deadline): Promise<Asked | Failure> {
  return BY[server.transport](server, query, deadline);
}

async function connectSecurely(server: Server, alpn: string[], deadline: Deadline) {
  const terms = { verify: true, alpn };
  const dialled = await dialSecurely({ ...server, terms }, deadline);
  if (dialled instanceof Failure) return dialled;
  const { socket, peer, connectUs, tlsUs } = dialled;
  return { socket, peer, tookUs: connectUs + tlsUs };
}

function after(us: number, asked: Asked | Failure): Asked | Failure {
  return asked instanceof Failure ? asked : { ...asked, rttUs: asked.rttUs + us };
}

/** What an address did speaks before what the runner could not do. */
export function foremost(failures: readonly Failure[]): Failure {
  return (
    failures.find(({ code }) => !code.startsWith('unable.')) ??
    failures[0] ??
    new Failure('dns.no_answer', 'there is no server to ask')
  );
}

function truncated({ code, text }: Failure): Failure {
  return new Failure(code, `the answer by UDP was cut, and by TCP: ${text}`);
}
