import { Failure } from '../failure.ts';
import { type Dialogue, hear, line, refused } from './dialogue.ts';

/** RFC 2595. */
export const pop3: Dialogue = async (talk) => {
  const greeting = await hear(talk, line, 'greeting');
  if (greeting instanceof Failure) return greeting;
  if (!greeting.startsWith('+OK')) return refused(talk, 'the connection', greeting);
  talk.send('STLS\r\n');
  const answer = await hear(talk, line, 'answer to STLS');
  if (answer instanceof Failure) return answer;
  return answer.startsWith('+OK') ? null : refused(talk, 'STLS', answer);
};
