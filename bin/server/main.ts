// How every command of ours ends when something is wrong: settings in plain words, bugs with their stack.
import { SettingsError } from '#worker/config.ts';

/** Runs a command; exits with 2 for a setting that is not right, with 1 for anything else. */
export async function main(run: () => Promise<void>): Promise<void> {
  // Whoever read our lines may leave; we go on.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  try {
    await run();
  } catch (error) {
    if (error instanceof SettingsError) {
      for (const line of error.message.split('\n')) console.error(`anyup: ${line}`);
      process.exit(2);
    }
    console.error(error);
    process.exit(1);
  }
}
