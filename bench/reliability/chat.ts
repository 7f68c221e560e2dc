// The fake Telegram in a namespace of its own: each message people read is a line of JSON.
import { startTelegram } from '#test/support/fakes/telegram.ts';

const [address = '', port = ''] = process.argv.slice(2);
const telegram = await startTelegram(undefined, { host: address, port: Number(port) });
const { push } = telegram.messages;
telegram.messages.push = (...more) => {
  for (const { text } of more) console.log(JSON.stringify(text));
  return push.apply(telegram.messages, more);
};
process.stdin.once('end', () => process.exit(0)).resume();
console.log('"listening"');
