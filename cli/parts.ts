import { SettingsError } from '#worker/config.ts';

/** Parts arguments into known flags and at most so many names; refuses anything else. */
export function partsOf(
  args: readonly string[],
  known: readonly string[],
  mostNames: number,
): { flags: Set<string>; names: string[] } {
  const flags = args.filter((arg) => arg.startsWith('--'));
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknown = flags.find((flag) => !known.includes(flag));
  if (unknown !== undefined) {
    throw new SettingsError(`${unknown} is not known here; there is ${known.join(', ')}`);
  }
  const over = names[mostNames];
  if (over !== undefined) throw new SettingsError(`"${over}" is one name too many`);
  return { flags: new Set(flags), names };
}
