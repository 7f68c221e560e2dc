import { Failure } from '../failure.ts';
import { type Dialogue, hear, line, refused } from './dialogue.ts';

/** RFC 9051. */
export const imap: Dialogue = async (talk) => {
  const greeting = await hear(talk, line, 'greeting');
  if (greeting instanceof Failure) return greeting;
  if (!/^\* OK/i.test(greeting)) return refused(talk, 'the connection', greeting);
  talk.send('a1 STARTTLS\r\n');
  const tagged = (bytes: Buffer) => line(bytes) && /^a1 /im.test(bytes.toString('latin1'));
  const answer = await hear(talk, tagged, 'answer to STARTTLS');
  if (answer instanceof Failure) return answer;
  return /^a1 OK/im.test(answer) ? null : refused(talk, 'STARTTLS', answer);
};
