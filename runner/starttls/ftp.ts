import { Failure } from '../failure.ts';
import { type Dialogue, hear, refused, reply } from './dialogue.ts';

/** RFC 4217. */
export const ftp: Dialogue = async (talk) => {
  const greeting = await hear(talk, reply, 'greeting');
  if (greeting instanceof Failure) return greeting;
  if (!greeting.startsWith('220')) return refused(talk, 'the connection', greeting);
  talk.send('AUTH TLS\r\n');
  const answer = await hear(talk, reply, 'answer to AUTH TLS');
  if (answer instanceof Failure) return answer;
  return answer.startsWith('234') ? null : refused(talk, 'AUTH TLS', answer);
};
