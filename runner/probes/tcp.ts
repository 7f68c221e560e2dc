import { splitHostPort } from '#core/checks/kind.ts';
import { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { dial } from '../net/dial.ts';
import { resolve } from '../net/resolve.ts';
import type { Probe } from '../probe.ts';
import { answered, failed } from './answer.ts';

/** Connects and hangs up at once. RTT is the connect time alone. */
export const tcp: Probe<'tcp'> = async (spec, context) => {
  const target = splitHostPort(spec.target);
  if (!target) throw new Error(`"${spec.target}" is no host with a port`);
  const deadline = new Deadline(context.timeoutMs);

  const resolved = await resolve(target.host, spec.family, deadline);
  if (resolved instanceof Failure) return failed(resolved);
  const { addresses, dnsUs } = resolved;
  const dns = dnsUs === undefined ? {} : { dnsUs };

  const dialled = await dial(addresses, target.port, deadline);
  if (dialled instanceof Failure) return failed(dialled, { phases: dns });
  const { socket, connectUs } = dialled;
  // A reset leaves no TIME_WAIT behind, here or there.
  socket.on('error', () => {}).resetAndDestroy();
  return answered(connectUs, spec, { phases: { ...dns, connectUs } });
};
