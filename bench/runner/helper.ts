// Processes beside the bench whose CPU is not counted: an order in, an answer out, one at a time.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export class Helper<Order extends object> {
  readonly #child: ChildProcess;
  #last: Promise<unknown> = Promise.resolve();

  /** `own`: in a network of its own that has nothing but loopback. */
  constructor(file: string, { own = false } = {}) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const shell = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', process.execPath];
    this.#child = own
      ? fork(path, { execPath: 'unshare', execArgv: [...shell, ...process.execArgv] })
      : fork(path);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ask<Answer>(order: Order): Promise<Answer> {
    const answer = this.#last.then(
      () =>
        new Promise<Answer>((resolve, reject) => {
          const gone = (code: number | null) => reject(new Error(`a helper ended with ${code}`));
          this.#child.once('exit', gone);
          this.#child.once('message', (message) => {
            this.#child.off('exit', gone);
            resolve(message as Answer);
          });
          this.#child.send(order);
        }),
    );
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}
