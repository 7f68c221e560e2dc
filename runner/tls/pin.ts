import { createHash, type X509Certificate } from 'node:crypto';
import { parsePin } from '#core/checks/tls.ts';
import { Failure } from '../failure.ts';

/** Why none of the pins fits the certificate or its public key; null when one does, or none is set. */
export function pinFailure(
  certificate: X509Certificate,
  pins: readonly string[],
  host: string,
): Failure | null {
  if (pins.length === 0) return null;
  const whole = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  const key = createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
  if (pins.map(parsePin).some((pin) => pin === whole || pin === key)) return null;
  const text = `certificate of ${host} is ${whole}, its key ${key.slice(0, 16)}…: no pin fits`;
  return new Failure('tls.pin', text);
}
