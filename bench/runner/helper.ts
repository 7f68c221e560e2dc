// Processes beside the bench whose CPU is not counted: an order in, an answer out, one at a time.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export class Helper<Order extends object> {
  readonly #child: ChildProcess;
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)));
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
