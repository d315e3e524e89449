import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../../../../', import.meta.url));
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/cli/${name}`, import.meta.url));

/** How a process ended, and all that it said. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const patienceMs = 100_000;

// A test that ran out of time does not come to the end of its scope.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process of a test; at the end of its scope it is ended, by its pid. */
export class Child implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly outcome: Promise<Outcome>;
  stdout = '';
  stderr = '';

  constructor(file: string, args: readonly string[], options: SpawnOptions = {}) {
    const { NODE_OPTIONS: _options, FORCE_COLOR: _colour, ...env } = process.env;
    this.process = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env, ...options });
    this.process.stdout?.setEncoding('utf8').on('data', (part: string) => (this.stdout += part));
    this.process.stderr?.setEncoding('utf8').on('data', (part: string) => (this.stderr += part));
    this.process.stdin?.on('error', () => undefined);
    running.add(this.process);
    this.process.once('close', () => running.delete(this.process));
    this.outcome = once(this.process, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
    this.outcome.catch(() => undefined);
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  tell(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  /** Waits until it has said so, on either stream. */
  async says(text: string): Promise<void> {
    await until(
      () => {
        if (`${this.stdout}${this.stderr}`.includes(text)) return true;
        const { exitCode, signalCode } = this.process;
        if (exitCode !== null || signalCode !== null) throw new Error(`it ended before it said ${text}: ${this.stdout}\n${this.stderr}`); // prettier-ignore
        return false;
      },
      () => `${text} was not said: ${this.stdout}\n${this.stderr}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGKILL');
    await this.outcome.catch(() => undefined);
  }
}

/** Starts a fixture as an ordinary Node process. */
export function startFixture(name: string, args: readonly string[] = []): Child {
  // An inspector port of its own, so that attaches of different tests do not wait for each other.
  return new Child(process.execPath, ['--inspect-port=0', fixture(name), ...args]);
}

/** Waits for a condition. */
export async function until(
  condition: () => boolean,
  complain: () => string = () => 'it did not come true',
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(complain());
    await delay(10);
  }
}

/** Is there such a process? */
export function exists(pid: number): boolean {
  try {
    // A process whose end nobody has collected yet still has its pid.
    return /^\d+ .*\) [^ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Processes that a process has started from its main thread. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
