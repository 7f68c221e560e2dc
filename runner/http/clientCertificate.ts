// What a runner shows of itself when a server wants to know who asks.
import { createHash } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { Failure, messageOf } from '../failure.ts';
import { CURVES } from '../tls/secure.ts';

const KEEP = 200;
const known = new Map<string, SecureContext>();

/** The context that shows this certificate; made once, since making one costs as much as a handshake. */
export function clientContext(cert: string, key: string): SecureContext | Failure {
  const name = createHash('sha256').update(cert).update('\0').update(key).digest('base64');
  const held = known.get(name);
  if (held) return held;
  try {
    const context = createSecureContext({ cert, key, ecdhCurve: CURVES });
    if (known.size >= KEEP) known.clear();
    known.set(name, context);
    return context;
  } catch (error) {
    return new Failure('unable.credentials', `client certificate: ${messageOf(error)}`);
  }
}
