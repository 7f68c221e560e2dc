// The registry of protocols that turn to TLS when asked.
import type { Socket } from 'node:net';
import type { Starttls } from '#core/checks/starttls.ts';
import type { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { type Peer, Talk } from '../net/talk.ts';
import type { Dialogue } from './dialogue.ts';
import { ftp } from './ftp.ts';
import { imap } from './imap.ts';
import { mysql } from './mysql.ts';
import { pop3 } from './pop3.ts';
import { postgres } from './postgres.ts';
import { smtp } from './smtp.ts';

const DIALOGUES = { smtp, imap, pop3, ftp, postgres, mysql } satisfies Record<Starttls, Dialogue>;

/** Talks a fresh connection to where the TLS handshake begins; null = there. A failure leaves the socket closed. */
export async function startTls(
  protocol: Starttls,
  socket: Socket,
  peer: Peer,
  deadline: Deadline,
): Promise<Failure | null> {
  const talk = new Talk(socket, peer, deadline);
  const failure = (await DIALOGUES[protocol](talk)) ?? saysTooMuch(talk);
  if (failure) socket.on('error', () => {}).destroy();
  return failure;
}

/** What comes in the clear after TLS was agreed on may be anybody's words (RFC 3207, 6). */
function saysTooMuch(talk: Talk): Failure | null {
  if (talk.release()) return null;
  const text = `${talk.peer.name} went on in the clear after agreeing to TLS`;
  return new Failure('tls.starttls', text);
}
