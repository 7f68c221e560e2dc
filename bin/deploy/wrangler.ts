// What a deploy asks of wrangler. Secrets go to its stdin, never into its arguments.
import { run } from '../tools/run.ts';

const ENV = { WRANGLER_SEND_METRICS: 'false' };

/** The API's answer for a worker that was never deployed. */
const NO_SUCH_WORKER = /\b10007\b|does not exist/;

/** Names of the secrets the worker holds; none when it does not exist yet. Anything else wrong is thrown: guessing here would replace secrets in use. */
export async function secretNames(): Promise<string[]> {
  const { code, output } = await run('wrangler', ['secret', 'list', '--format', 'json'], {
    env: ENV,
  });
  if (code !== 0) {
    if (NO_SUCH_WORKER.test(output)) return [];
    throw new Error(`wrangler cannot list the secrets of the worker:\n${output}`);
  }
  const json = /\[[\s\S]*\]/.exec(output)?.[0];
  if (json === undefined) throw new Error(`wrangler listed no secrets one can read:\n${output}`);
  return (JSON.parse(json) as Array<{ name: string }>).map(({ name }) => name);
}

export async function deployWorker(url: string): Promise<void> {
  const args = ['deploy', '--var', `ANYUP_URL:${url}`];
  const { code } = await run('wrangler', args, { env: ENV, show: true });
  if (code !== 0) throw new Error(`wrangler deploy ended with ${code}; what it said is above`);
}

export async function storeSecrets(secrets: Record<string, string>): Promise<void> {
  const input = `${JSON.stringify(secrets)}\n`;
  const { code, output } = await run('wrangler', ['secret', 'bulk'], { env: ENV, input });
  if (code !== 0) throw new Error(`wrangler could not store the secrets:\n${output}`);
}
