import { spawn } from 'node:child_process';

export interface Ran {
  code: number;
  /** Both streams, as they came. */
  output: string;
}

/** Runs a program to its end. `show` lets its lines through as they come; `input` goes to its stdin, never to its arguments. */
export function run(
  command: string,
  args: string[],
  options: { show?: boolean; input?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const { show = false, input, env = {} } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, ...env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (show) process.stderr.write(chunk);
      });
    }
    child.on('error', (error) => resolve({ code: 127, output: `${command}: ${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
