import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { ExtensionEventError } from '@extension-events/core';
import { isRunning, processTree, signalAll } from './processes.ts';

/** How to start a command. */
export interface StartOptions {
  /** How long the program's entry waits for its first listener. */
  readonly waitMs: number;
  /** Does the program get our standard input? Not where commands come from there. */
  readonly hasInput: boolean;
}

const politeMs = 3000;
const lookMs = 20;

/** A program that this command started, with the agent preloaded, and that it ends again. */
export class StartedCommand {
  readonly pid: number;
  /** Resolves with a sentence about its end, such as `exited with status 3`. */
  readonly ended: Promise<string>;
  readonly #words: readonly string[];
  readonly #child: ChildProcess;
  readonly #onExit = (): void => this.#kill();

  private constructor(words: readonly string[], child: ChildProcess, pid: number) {
    this.#words = words;
    this.#child = child;
    this.pid = pid;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(describeEnd(code, signal)));
    });
    // Nothing is left behind, however this process ends, kill -9 apart.
    process.on('exit', this.#onExit);
    void this.ended.then(() => process.off('exit', this.#onExit));
  }

  /**
   * Starts the command. What it prints goes to stderr: stdout is for data.
   *
   * @throws ExtensionEventError `EE_COMMAND_START`
   */
  static async start(words: readonly string[], options: StartOptions): Promise<StartedCommand> {
    const [file = '', ...args] = words;
    // A URL, because NODE_OPTIONS is split at blanks and a path may have some.
    const register = import.meta.resolve('@extension-events/agent/register');
    const nodeOptions = [process.env['NODE_OPTIONS'], `--import=${register}`];
    const child = spawn(file, args, {
      stdio: [options.hasInput ? 'inherit' : 'ignore', 2, 2],
      env: {
        ...process.env,
        NODE_OPTIONS: nodeOptions.filter(Boolean).join(' '),
        EXTENSION_EVENTS_WAIT_MS: String(options.waitMs),
      },
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('spawn', () => resolve(child.pid ?? 0));
      child.once('error', (cause) => reject(new ExtensionEventError('EE_COMMAND_START', `${file} could not be started: ${cause.message}.`, 'Check the name, or give its path; a script needs its interpreter, as in -- node app.js.', { cause }))); // prettier-ignore
    });
    return new StartedCommand(words, child, pid);
  }

  /** As the user typed it. */
  get name(): string {
    return this.#words.join(' ');
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Did Ctrl-C end it? At a terminal the whole process group gets that signal. */
  get wasInterrupted(): boolean {
    return this.#child.signalCode === 'SIGINT' || this.#child.exitCode === 130;
  }

  /** Ends it and what it started, politely first. */
  async end(): Promise<void> {
    if (!this.isRunning) return;
    const tree = processTree(this.pid);
    signalAll(tree, 'SIGTERM');
    const deadline = performance.now() + politeMs;
    while (tree.some((handle) => isRunning(handle)) && performance.now() < deadline)
      await delay(lookMs);
    signalAll(tree, 'SIGKILL');
    await this.ended;
  }

  #kill(): void {
    if (this.isRunning) signalAll(processTree(this.pid), 'SIGKILL');
  }
}

/** How a process ended, in words. */
export function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exited with status ${code ?? 0}` : `was killed by ${signal}`;
}
