/** Taken over from the runner's own environment, where set; its settings and secrets are not. */
const PASSED_ON = ['PATH', 'HOME', 'TZ', 'WIGO_PROBE_CONFIG_ROOT'];

/** All that a script gets to know. */
export function scriptEnvironment(name: string, timeoutMs: number): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    ANYUP_SCRIPT: name,
    ANYUP_TIMEOUT_MS: String(Math.round(timeoutMs)),
  };
  for (const key of PASSED_ON) {
    const value = process.env[key];
    if (value !== undefined) environment[key] = value;
  }
  return environment;
}
