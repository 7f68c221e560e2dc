/** Taken over from the runner's own environment, where set; its settings and secrets are not. */
const PASSED_ON = ['PATH', 'HOME', 'TZ', 'WIGO_PROBE_CONFIG_ROOT'];

/** All that a script gets to know. `allowed` are the names that the owner of the runner lets through, `given` what a check sets of them. */
export function scriptEnvironment(call: {
  name: string;
  timeoutMs: number;
  allowed: readonly string[];
  given: Readonly<Record<string, string>>;
}): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
  };
  for (const key of [...PASSED_ON, ...call.allowed]) {
    const value = process.env[key];
    if (value !== undefined) environment[key] = value;
  }
  return {
    ...environment,
    ...call.given,
    ANYUP_SCRIPT: call.name,
    ANYUP_TIMEOUT_MS: String(Math.round(call.timeoutMs)),
  };
}
