/** For tests: starts the poster, and waits for what it says and for what observables tell. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { filter, firstValueFrom, type Observable, timeout } from 'rxjs';

const patienceMs = 40_000;

export class Poster implements AsyncDisposable {
  readonly #child: ChildProcess;
  #output = '';

  private constructor() {
    const file = fileURLToPath(new URL('poster.ts', import.meta.url));
    // An inspector port of its own: tests that run at the same time do not wait for each other.
    this.#child = spawn(process.execPath, ['--conditions=@extension-events/source', '--inspect-port=0', file], { stdio: ['pipe', 'pipe', 'pipe'] }); // prettier-ignore
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (part: Buffer) => (this.#output += part.toString()));
  }

  static async start(): Promise<Poster> {
    const poster = new Poster();
    await poster.says('ready');
    return poster;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async says(text: string): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!this.#output.includes(text)) {
      if (performance.now() > deadline) throw new Error(`it did not say ${text}: ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Gives a command, and waits until it is done. */
  async post(count: number, by: 'main' | 'worker' = 'main'): Promise<void> {
    this.#child.stdin?.write(`${by === 'main' ? 'post' : 'work'} ${count}\n`);
    await this.says(`${by === 'main' ? 'posted' : 'worked'} ${count}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** The first value of which this is true. */
export function reach<T>(values$: Observable<T>, is: (value: T) => boolean): Promise<T> {
  return firstValueFrom(values$.pipe(filter(is), timeout(patienceMs)));
}
