// Where the runner may open no ICMP socket itself, a program that may does it: fping, else ping.
import { spawn } from 'node:child_process';
import { USUAL_SIZE } from '#core/checks/echo.ts';
import type { Address } from '../net/resolve.ts';
import type { Echoes, Ping, PingOrder } from './ping.ts';

const LOOPBACK: PingOrder = {
  addresses: [{ address: '127.0.0.1', family: 4 }],
  count: 1,
  gapMs: 200,
  timeoutMs: 2000,
};

/** Whether a program can be started here and gets an answer from the machine itself. */
export async function works(ping: Ping): Promise<boolean> {
  try {
    const [echoes] = await ping(LOOPBACK);
    return (echoes?.received ?? 0) > 0;
  } catch {
    return false;
  }
}

/** All addresses by one process. */
export const fping: Ping = async ({ addresses, count, gapMs, timeoutMs, ...rest }) => {
  const { size = USUAL_SIZE, dontFragment } = rest;
  const patience = Math.max(50, Math.floor(timeoutMs - gapMs * (count - 1)));
  const options = [
    ...['-q', '-C', count, '-p', Math.max(20, Math.round(gapMs)), '-t', patience, '-B', '1'],
    ...['-b', size, ...(dontFragment ? ['-M'] : [])],
  ];
  const names = addresses.map(({ address }) => address);
  const { stderr } = await run('fping', [...options.map(String), ...names], timeoutMs);
  return addresses.map(({ address }) => readFping(stderr, address, count));
};

/** One process for each address. */
export const ping: Ping = ({ addresses, count, gapMs, timeoutMs, ...rest }) =>
  Promise.all(
    addresses.map(async (target) => {
      const gap = (Math.max(200, gapMs) / 1000).toFixed(1);
      const program = pingProgram(target);
      const { size = USUAL_SIZE, dontFragment } = rest;
      const args = ['-n', '-c', String(count), '-i', gap, '-s', String(size)];
      if (dontFragment) args.push(...DONT_FRAGMENT);
      args.push(target.address);
      const { stdout, stderr } = await run(program, args, timeoutMs);
      return readPing(stdout, stderr, target.address, count);
    }),
  );

/** How iputils and the BSDs spell it. */
const DONT_FRAGMENT = process.platform === 'linux' ? ['-M', 'do'] : ['-D'];

function pingProgram({ family }: Address): string {
  return process.platform === 'darwin' && family === 6 ? 'ping6' : 'ping';
}

/** A line of fping -C: "192.0.2.1 : 0.52 - 0.47", in milliseconds. */
function readFping(stderr: string, address: string, count: number): Echoes {
  const line = stderr
    .split('\n')
    .find((text) => text.split(/\s+/)[0] === address && / : /.test(text));
  const times = (line?.split(' : ')[1] ?? '').trim().split(/\s+/);
  return echoesOf(address, count, times.map(Number).filter(Number.isFinite), errorIn(stderr));
}

/** Lines of ping: "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.045 ms". */
function readPing(stdout: string, stderr: string, address: string, count: number): Echoes {
  const times = [...stdout.matchAll(/\btime[=<]([\d.]+) ?ms/g)].map(([, ms]) => Number(ms));
  return echoesOf(address, count, times, errorIn(stderr));
}

function echoesOf(address: string, sent: number, times: number[], error: string | null): Echoes {
  const received = Math.min(sent, times.length);
  const rttUs = received > 0 ? Math.max(1, Math.round(Math.min(...times) * 1000)) : null;
  const jitterUs = received > 1 ? jitterOf(times) : null;
  return { address, sent, received, rttUs, jitterUs, error: received > 0 ? null : error };
}

/** In microseconds, of times in milliseconds in the order in which they were measured. */
function jitterOf(times: readonly number[]): number {
  let sum = 0;
  for (let i = 1; i < times.length; i++) {
    sum += Math.abs((times[i] as number) - (times[i - 1] as number));
  }
  return Math.round((sum * 1000) / (times.length - 1));
}

function errorIn(stderr: string): string | null {
  if (/message too long/i.test(stderr)) return 'EMSGSIZE';
  if (/(invalid|unrecognized|illegal|unknown) option|usage:|data size.*not valid/i.test(stderr))
    return 'EOPNOTSUPP';
  if (/network is unreachable/i.test(stderr)) return 'ENETUNREACH';
  if (/no route to host/i.test(stderr)) return 'EHOSTUNREACH';
  if (/cannot assign requested address/i.test(stderr)) return 'EADDRNOTAVAIL';
  if (/address family.*not supported/i.test(stderr)) return 'EAFNOSUPPORT';
  return null;
}

/** What a program printed until it ended or the time was up. Rejects when it cannot be started. */
function run(
  program: string,
  args: string[],
  timeoutMs: number,
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const env = { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      printed.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      printed.stderr += chunk;
    });
    const expiry = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.once('error', (error) => {
      clearTimeout(expiry);
      reject(error);
    });
    child.once('close', () => {
      clearTimeout(expiry);
      resolve(printed);
    });
  });
}
