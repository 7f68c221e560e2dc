// The sample hosts of a first start, as tests wait for them.

export interface Shown {
  hosts: Array<{ name: string; status: string }>;
}

/** All are green; how busy this machine is, is told but up to the machine. */
export function samplesAreGreen({ hosts }: Shown): boolean {
  return (
    hosts.length > 0 &&
    hosts.every(({ name, status }) =>
      name.startsWith('Load') ? status !== 'unknown' : status === 'up',
    )
  );
}
