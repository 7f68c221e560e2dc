import { Failure } from '../failure.ts';
import { type Dialogue, hear, refused } from './dialogue.ts';

/** Eight bytes: their number, and the code that asks for TLS (1234, 5679). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** PostgreSQL's message flow, "SSL Session Encryption". */
export const postgres: Dialogue = async (talk) => {
  talk.send(SSL_REQUEST);
  const answer = await hear(talk, (bytes) => bytes.length > 0, 'answer to the request for TLS');
  if (answer instanceof Failure) return answer;
  return answer === 'S' ? null : refused(talk, 'the request for TLS', answer);
};
