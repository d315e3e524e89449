import { type Child, until } from './child.ts';
import { startExtev } from './extev.ts';

/** `extev debug` at the other end of a pipe: one command at a time, and what each of them says. */
export class PipedDebugger implements AsyncDisposable {
  readonly #child: Child;
  #told = 0;

  private constructor(child: Child) {
    this.#child = child;
  }

  static start(pid: number, ...args: string[]): PipedDebugger {
    return new PipedDebugger(startExtev(['debug', String(pid), '--timeout', '90000', ...args]));
  }

  /** Gives a command. */
  tell(command: string): void {
    this.#told++;
    this.#child.tell(command);
  }

  /** Gives a command, and waits for all that it says: the next prompt is there when it is done. */
  async ask(command: string): Promise<string> {
    const from = this.#child.stdout.length;
    this.tell(command);
    // A command without effect comes after it: what it says ends what this one said.
    const mark = `mark ${this.#told}`;
    this.#child.tell(`echo ${mark}`);
    await until(
      () => new RegExp(`^${mark}$`, 'm').test(this.#child.stdout) || this.hasEnded,
      () => `${command} was not answered: ${this.#child.stdout}\n${this.#child.stderr}`,
    );
    return this.#child.stdout.slice(from);
  }

  get hasEnded(): boolean {
    return this.#child.process.exitCode !== null;
  }

  async quit(): Promise<number | null> {
    this.#child.process.stdin?.end('quit\n');
    return (await this.#child.outcome).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}
