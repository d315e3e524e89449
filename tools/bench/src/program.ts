import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

interface Answer {
  readonly id?: number;
  readonly value?: unknown;
  readonly problem?: string;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
}

/** One of the programs in `programs/`, running as a process of its own. */
export class Program implements AsyncDisposable {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #waiting: Map<number, { resolve: (value: never) => void; reject: (e: Error) => void }> =
    new Map();
  #nextId = 1;
  #stderr = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    running.add(child);
    // Node tells on stderr when its inspector opens; that is shown only if something goes wrong.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    child.on('message', (message: Answer) => this.#take(message));
    child.on('exit', (code, signal) => {
      running.delete(child);
      const error = new Error(`${child.spawnargs.join(' ')} ended with ${String(code ?? signal)}.\n${this.#stderr}`); // prettier-ignore
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
  }

  /** Starts a program; resolves when it runs its own code. */
  static async start(name: string, ...args: readonly string[]): Promise<Program> {
    const file = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
    const child = fork(file, args, { execArgv: [], stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    const program = new Program(child);
    await program.ask('ping');
    return program;
  }

  /** Has the program do something that it serves, and resolves with what came out of it. */
  ask<T>(command: string, argument?: unknown): Promise<T> {
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, command, argument });
    });
  }

  #take({ id = 0, value, problem }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (problem === undefined) waiting?.resolve(value as never);
    else waiting?.reject(new Error(problem));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
