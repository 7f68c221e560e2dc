import { splitHostPort } from '#core/checks/kind.ts';
import type { TcpSpec } from '#core/checks/tcp.ts';
import { humanRtt } from '#core/duration.ts';
import { answered, failed, type WorkerLook } from './probe.ts';
import { failureOf } from './why.ts';

/** Connects and hangs up. RTT is the time until connected, names and all. */
export const tcp: WorkerLook<TcpSpec> = async (spec, context) => {
  const target = splitHostPort(spec.target);
  if (!target) throw new Error(`"${spec.target}" is no host with a port`);
  const { outside, permitHost, permit, signal, spend } = context;
  const refusal = permitHost(target.host);
  if (refusal !== null) return failed('unable.not_public', `${target.host} ${refusal}`);
  if (!spend()) return null;
  const beganUs = outside.clockUs();
  const tookUs = () => Math.max(1, Math.round(outside.clockUs() - beganUs));
  try {
    await outside.connect({ ...target, signal }, permit);
    return answered(tookUs(), spec);
  } catch (error) {
    if (signal.aborted)
      return failed('connect.timeout', `no answer from ${spec.target} after ${humanRtt(tookUs())}`);
    return failureOf(error, outside, spec.target);
  }
};
