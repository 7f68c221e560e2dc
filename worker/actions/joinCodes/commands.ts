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
    container: `docker run -d --init --name anyup-runner --restart unless-stopped -v anyup-runner:/data -e ANYUP_URL=${url} -e ANYUP_JOIN=${code} anyup-runner`,
    warning: warningOf(config),
  };
}

function warningOf({ url, loopbackOnly }: Pick<Config, 'url' | 'loopbackOnly'>) {
  if (!loopbackOnly) return null;
  const port = new URL(url).port || '80';
  return {
    text: `Only this machine can reach Anyup at ${url}. For runners on other machines, stop it and start it again with:`,
    command: `HOST=0.0.0.0 ANYUP_URL=http://<this machine>:${port} npm start`,
  };
}
