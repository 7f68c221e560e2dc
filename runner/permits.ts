/** What the owner of this runner lets checks do on its machine. The worker asks; this decides. */
export interface Permits {
  /** Names of variables that checks may set for scripts; those of the runner itself are passed on too. */
  env: readonly string[];
  /** Users that checks may have scripts run as; only a runner that is root can. */
  users: readonly string[];
  /** Where scripts that come with a check are kept, absolute; null = none are run. */
  remoteScripts: string | null;
  /** Folders that checks may look into, absolute. */
  files: readonly string[];
  /** A tree of probes as Wigo lays it out. */
  wigo: WigoTree | null;
}

export interface WigoTree {
  /** Absolute: the folder that holds `60/`, `300/` … */
  folder: string;
  /** What probes find in WIGO_PROBE_CONFIG_ROOT. */
  configRoot: string;
}

export const NOTHING_PERMITTED: Permits = {
  env: [],
  users: [],
  remoteScripts: null,
  files: [],
  wigo: null,
};
