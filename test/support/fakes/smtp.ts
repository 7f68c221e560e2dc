// A mail server on a real socket, as far as sending needs one: EHLO, AUTH, MAIL, RCPT, DATA. Told how to refuse.
import { createServer, type Socket } from 'node:net';

export const MAIL_USER = 'status@example.org';
export const MAIL_PASSWORD = 'the-password-of-the-mailbox';

export interface SmtpMail {
  from: string;
  to: string[];
  /** Headers and body as they came, lines parted by "\n". */
  raw: string;
}

export interface FakeSmtp {
  port: number;
  mails: SmtpMail[];
  /** What it answers instead to the next commands of a kind: `refuse('AUTH', '535 no')`. */
  refuse(command: string, ...answers: string[]): void;
  close(): Promise<void>;
}

export async function startSmtp(wanted = 0): Promise<FakeSmtp> {
  const mails: SmtpMail[] = [];
  const refusals = new Map<string, string[]>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    talk(socket, mails, refusals);
  });
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    mails,
    refuse: (command, ...answers) => {
      refusals.set(command, [...(refusals.get(command) ?? []), ...answers]);
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function talk(socket: Socket, mails: SmtpMail[], refusals: Map<string, string[]>): void {
  const say = (line: string) => socket.write(`${line}\r\n`);
  let text = '';
  let mail: SmtpMail = { from: '', to: [], raw: '' };
  let isIn = false;
  let inData = false;
  const obey = (line: string) => {
    const command = line.split(/[ :]/)[0]?.toUpperCase() ?? '';
    const refusal = refusals.get(command)?.shift();
    if (refusal !== undefined) return say(refusal);
    switch (command) {
      case 'EHLO':
        return say('250-mail.test\r\n250-AUTH PLAIN\r\n250 8BITMIME');
      case 'AUTH': {
        const given = Buffer.from(line.split(' ')[2] ?? '', 'base64').toString();
        isIn = given === `\0${MAIL_USER}\0${MAIL_PASSWORD}`;
        return say(isIn ? '235 welcome' : '535 5.7.8 who are you?');
      }
      case 'MAIL':
        mail = { from: /<(.*)>/.exec(line)?.[1] ?? '', to: [], raw: '' };
        return say(isIn ? '250 ok' : '530 authenticate first');
      case 'RCPT':
        mail.to.push(/<(.*)>/.exec(line)?.[1] ?? '');
        return say('250 ok');
      case 'DATA':
        inData = true;
        return say('354 go on');
      case 'QUIT':
        say('221 bye');
        return socket.end();
      default:
        return say('250 ok');
    }
  };
  say('220 mail.test ESMTP');
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      if (!inData) obey(line);
      else if (line === '.') {
        inData = false;
        mails.push(mail);
        say(`250 queued as ${mails.length}`);
      } else mail.raw += `${line.replace(/^\.\./, '.')}\n`;
    }
  });
}
