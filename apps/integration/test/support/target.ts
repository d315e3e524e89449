import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Connection, openSession, type Session } from '@extension-events/session';
import type { Grant } from '@extension-events/protocol';

const sourceCondition = '--conditions=@extension-events/source';

/** A process under test; it is ended by pid when the test is over. */
export class Target implements AsyncDisposable {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;

  constructor(fixture: string, args: readonly string[] = [], nodeArgs: readonly string[] = []) {
    const file = fileURLToPath(new URL(`../../fixtures/stories/${fixture}`, import.meta.url));
    // Each has an inspector port of its own: the tests do not wait for each other on 9229.
    this.child = spawn(process.execPath, [sourceCondition, '--inspect-port=0', ...nodeArgs, file, ...args], { stdio: ['pipe', 'pipe', 'pipe'] }); // prettier-ignore
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Sends one line to the program. */
  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Waits until the program has printed this. */
  says(text: string): Promise<void> {
    return until(() => {
      if (!this.isRunning && !this.stdout.includes(text)) throw new Error(`it ended: ${this.stderr}`);
      return this.stdout.includes(text);
    }, `${JSON.stringify(text)} in ${JSON.stringify(this.stdout)} / ${this.stderr}`); // prettier-ignore
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isRunning) this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** Starts a fixture and waits until it says `ready`. */
export async function startTarget(
  fixture: string,
  args: readonly string[] = [],
  nodeArgs: readonly string[] = [],
): Promise<Target> {
  const target = new Target(fixture, args, nodeArgs);
  await target.says('ready');
  return target;
}

/** Waits for a condition, with a generous limit. */
export async function until(
  condition: () => boolean,
  what: string,
  limitMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A session with one attached process. */
export interface Attached extends AsyncDisposable {
  readonly session: Session;
  readonly connection: Connection;
}

export async function attach(
  target: Target,
  options: { name?: string; grants?: readonly Grant[] } = {},
): Promise<Attached> {
  const session = await openSession({ name: options.name ?? 'test', lookMs: 60_000 });
  const connection = await session.attach(target.pid, {
    grants: options.grants ?? [],
    timeoutMs: 30_000,
  });
  return { session, connection, [Symbol.asyncDispose]: () => session.close() };
}
