// `npm run runner -- doctor [--json]`, `anyup runner doctor`: what a runner needs of this machine, looked at.
import { readConfig } from '#runner/config.ts';
import { examine, exitCodeOf, report } from '#runner/doctor/doctor.ts';
import { loadIdentity } from '#runner/keys.ts';
import { nodeDisk } from '#runner/node/disk.ts';

const FLAGS = ['--json', '--deadman-test'];

/**
 * Settings as a runner takes them; `--json` prints the findings for scripts, `--deadman-test` sends a message by each of
 * the dead-man's channels. Gives the exit code.
 */
export async function doctor(
  args: readonly string[],
  machine: { hostname: string; cwd: string },
): Promise<0 | 1> {
  const json = args.includes('--json');
  const settings = args.filter((each) => !FLAGS.includes(each));
  const config = readConfig(settings, process.env, machine);
  const known = await loadIdentity({ disk: nodeDisk(config.dataFolder) }).catch(() => null);
  const findings = await examine({
    ...config,
    url: config.url ?? known?.url ?? null,
    testDeadman: args.includes('--deadman-test'),
  });
  console.log(json ? JSON.stringify({ findings }, null, 2) : report(findings));
  return exitCodeOf(findings);
}
