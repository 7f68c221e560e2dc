// What only the library knows how to ask of systems that have no /proc. Loaded when it is needed: on Linux, never.
import type { Systeminformation } from 'systeminformation';

let loaded: Promise<typeof import('systeminformation')> | null = null;

function library() {
  loaded ??= import('systeminformation');
  return loaded;
}

/** Bytes. */
export async function libraryMemory() {
  const si = await library();
  const { total, available, swaptotal, swapused } = await si.mem();
  return { total, available, swapTotal: swaptotal, swapUsed: swapused };
}

/** Bytes since the start, by interface. */
export async function libraryNetwork(): Promise<Map<string, { received: number; sent: number }>> {
  const si = await library();
  const all = await si.networkStats('*');
  return new Map(
    all.map(({ iface, rx_bytes, tx_bytes }) => [iface, { received: rx_bytes, sent: tx_bytes }]),
  );
}

/** The hottest there is, °C; null = no sensor. */
export async function libraryTemperature(): Promise<number | null> {
  const si = await library();
  const { main, max } = await si.cpuTemperature();
  return max ?? main;
}

/** Where something is mounted that is a disk of its own. */
export async function libraryMounts(): Promise<string[]> {
  const si = await library();
  return (await si.fsSize()).map(({ mount }) => mount);
}

export async function libraryProcesses(): Promise<Array<{ name: string; command: string }>> {
  const si = await library();
  const { list } = await si.processes();
  return list.map(({ name, command, params }: Systeminformation.ProcessesProcessData) => ({
    name,
    command: `${command} ${params}`.trim(),
  }));
}

/** Whether the system's service manager says that it runs; null = it knows no such service. */
export async function libraryService(name: string): Promise<boolean | null> {
  const si = await library();
  const [found] = await si.services(name);
  if (!found || (!found.running && found.startmode === '' && found.pids?.length === 0)) return null;
  return found.running;
}
