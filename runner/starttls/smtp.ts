import { Failure } from '../failure.ts';
import { type Dialogue, hear, refused, reply } from './dialogue.ts';

/** RFC 3207. */
export const smtp: Dialogue = async (talk) => {
  const greeting = await hear(talk, reply, 'greeting');
  if (greeting instanceof Failure) return greeting;
  if (!greeting.startsWith('220')) return refused(talk, 'the connection', greeting);
  talk.send('EHLO anyup.invalid\r\n');
  const offers = await hear(talk, reply, 'answer to EHLO');
  if (offers instanceof Failure) return offers;
  if (!/^250[ -]STARTTLS\s*$/im.test(offers))
    return refused(talk, 'EHLO, without STARTTLS,', offers);
  talk.send('STARTTLS\r\n');
  const answer = await hear(talk, reply, 'answer to STARTTLS');
  if (answer instanceof Failure) return answer;
  return answer.startsWith('220') ? null : refused(talk, 'STARTTLS', answer);
};
