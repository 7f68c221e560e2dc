// What is pasted on the other machine, and why it may not work from there.
import type { Config } from '#worker/platform.ts';
import type { NewJoinCode } from './model.ts';

export function joinCommands(
  config: Pick<Config, 'url' | 'loopbackOnly'>,
  code: string,
): Pick<NewJoinCode, 'command' | 'container' | 'warning'> {
  const { url } = config;
  return {
    command: `npm run runner -- --url ${url} --join ${code}`,
    container: `docker run -d --name anyup-runner --restart unless-stopped -v anyup-runner:/data -e ANYUP_URL=${url} -e ANYUP_JOIN=${code} anyup-runner`,
    warning: warningOf(config),
  };
}

function warningOf({ url, loopbackOnly }: Pick<Config, 'url' | 'loopbackOnly'>) {
  const { hostname, port } = new URL(url);
  const command = `HOST=0.0.0.0 ANYUP_URL=http://<this machine>:${port || '80'} npm start`;
  if (loopbackOnly) {
    return {
      text: 'Anyup listens on this machine only, so no other machine can reach it. Stop it and start it again with:',
      command,
    };
  }
  if (!/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) return null;
  return {
    text: `${url} means the machine it is used on, so runners elsewhere would look for Anyup on themselves. Set ANYUP_URL to an address they can reach:`,
    command,
  };
}
