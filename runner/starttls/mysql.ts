import { Failure } from '../failure.ts';
import { type Dialogue, hear, refused } from './dialogue.ts';

const HEADER_BYTES = 4;
const ERROR_PACKET = 0xff;
const CLIENT_SSL = 0x0800;
const CLIENT_PROTOCOL_41 = 0x0200;
const CLIENT_SECURE_CONNECTION = 0x8000;
/** Thread id, the first part of the challenge, a filler: between the version and the capabilities. */
const UNTIL_CAPABILITIES = 4 + 8 + 1;

/** The protocol of MySQL and MariaDB, "SSLRequest". */
export const mysql: Dialogue = async (talk) => {
  const whole = (bytes: Buffer) =>
    bytes.length >= HEADER_BYTES && bytes.length >= HEADER_BYTES + bytes.readUIntLE(0, 3);
  const heard = await hear(talk, whole, 'greeting');
  if (heard instanceof Failure) return heard;
  const greeting = Buffer.from(heard, 'latin1').subarray(HEADER_BYTES);
  if (greeting[0] === ERROR_PACKET) return refused(talk, 'the connection', heard.slice(7));
  const capabilitiesAt = greeting.indexOf(0, 1) + 1 + UNTIL_CAPABILITIES;
  if (greeting[0] !== 10 || capabilitiesAt + 2 > greeting.length) {
    return refused(talk, 'the connection', heard);
  }
  if ((greeting.readUInt16LE(capabilitiesAt) & CLIENT_SSL) === 0) {
    const version = greeting.toString('latin1', 1, greeting.indexOf(0, 1));
    return new Failure('tls.starttls', `${talk.peer.name} (${version}) does not offer TLS`);
  }
  talk.send(sslRequest());
  return null;
};

function sslRequest(): Buffer {
  const packet = Buffer.alloc(HEADER_BYTES + 32);
  packet.writeUIntLE(32, 0, 3);
  packet.writeUInt8(1, 3);
  packet.writeUInt32LE(CLIENT_SSL | CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION, 4);
  packet.writeUInt32LE(0x0100_0000, 8);
  packet.writeUInt8(45, 12);
  return packet;
}
