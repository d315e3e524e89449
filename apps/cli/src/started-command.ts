import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ExtensionEventError } from '@extension-events/core';
import { ExecHold } from '@extension-events/session';
import { findByEnvironment, isRunning, type ProcessHandle, processTree, signalAll } from './processes.ts'; // prettier-ignore

/** How to start a command. */
export interface StartOptions {
  /** How long the program's entry waits for its first listener. */
  readonly waitMs: number;
  /** What is asked for needs no agent, whatever the program is. */
  readonly isNative?: boolean;
  /** Does the program get our standard input? Not where commands come from there. */
  readonly hasInput: boolean;
}

const politeMs = 3000;
const lookMs = 20;

// The shell becomes the program, with the same pid, when a line comes; when none can come any more
// it ends without having run it.
const holdScript = 'read -r _ <&3 && exec 3<&- && exec "$0" "$@"';

/**
 * A program that this command started, and that it ends again. A Node.js program has the agent
 * preloaded, and waits for its first listener in it; another one stands before its first instruction,
 * or, where it cannot be held there, its shell waits to become it.
 */
export class StartedCommand {
  readonly pid: number;
  /** Not a Node.js program: it begins at {@link begin}. */
  readonly isNative: boolean;
  /** Why a native program does not stand at its first instruction, and cannot be looked into yet. */
  unheld: Error | undefined;
  /** Resolves with a sentence about its end, such as `exited with status 3`. */
  readonly ended: Promise<string>;
  readonly #words: readonly string[];
  readonly #child: ChildProcess;
  readonly #onExit = (): void => this.#kill();
  #hold: ExecHold | undefined;
  /** Tells the Node.js programs that it starts which of them is listened to. */
  readonly #choice: Choice | undefined;

  private constructor(
    words: readonly string[],
    child: ChildProcess,
    pid: number,
    isNative: boolean,
    choice: Choice | undefined,
  ) {
    this.isNative = isNative;
    this.#choice = choice;
    this.#words = words;
    this.#child = child;
    this.pid = pid;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(describeEnd(code, signal)));
    });
    // Nothing is left behind, however this process ends, kill -9 apart.
    process.on('exit', this.#onExit);
    void this.ended.then(() => this.#forget());
  }

  /**
   * Starts the command. What it prints goes to stderr: stdout is for data.
   *
   * @throws ExtensionEventError `EE_COMMAND_START`
   */
  static async start(words: readonly string[], options: StartOptions): Promise<StartedCommand> {
    const [file = '', ...args] = words;
    const isNative = options.isNative ?? isNativeProgram(file);
    const input = options.hasInput ? 'inherit' : 'ignore';
    const choice = isNative ? undefined : new Choice();
    const child = isNative
      ? spawn('/bin/sh', ['-c', holdScript, file, ...args], { stdio: [input, 2, 2, 'pipe'] })
      : spawn(file, args, { stdio: [input, 2, 2], env: withAgent(options.waitMs, choice) });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('spawn', () => resolve(child.pid ?? 0));
      child.once('error', () => choice?.[Symbol.dispose]());
      child.once('error', (cause) => reject(new ExtensionEventError('EE_COMMAND_START', `${file} could not be started: ${cause.message}.`, 'Check the name, or give its path; a script needs its interpreter, as in -- node app.js.', { cause }))); // prettier-ignore
    });
    const command = new StartedCommand(words, child, pid, isNative, choice);
    if (isNative) await command.#stand();
    return command;
  }

  /** Becomes the program, and stands there; where that is impossible the shell goes on waiting. */
  async #stand(): Promise<void> {
    try {
      this.#hold = await ExecHold.of(this.pid);
    } catch (error) {
      this.unheld = error as Error;
      return;
    }
    this.#becomeProgram();
    if (await this.#hold.stands) return;
    this.#hold = undefined;
    const how = await this.ended;
    throw new ExtensionEventError('EE_COMMAND_ENDED', `${this.name} (process ${this.pid}) ${how} before it began.`, 'Run it by itself to see why.'); // prettier-ignore
  }

  /** Does it stand before its first instruction, so that its own symbols can be looked up? */
  get stands(): boolean {
    return this.#hold !== undefined;
  }

  /** As the user typed it. */
  get name(): string {
    return this.#words.join(' ');
  }

  /** What it has started, directly or not. */
  get children(): readonly ProcessHandle[] {
    return processTree(this.pid).filter(({ pid }) => pid !== this.pid);
  }

  /** This process is listened to: other Node.js programs that the command has started wait no longer. */
  choose(pid: number): void {
    this.#choice?.make(pid);
  }

  /** Lets a native program run; the agent of a Node.js program sees to that itself. */
  begin(): void {
    if (this.#hold === undefined) this.#becomeProgram();
    else this.#hold.begin();
  }

  /** Leaves the program standing for another tracer; {@link begin} is then for when that one has it. */
  async stepAside(): Promise<void> {
    await this.#hold?.stepAside();
  }

  #becomeProgram(): void {
    const line = this.#child.stdio[3];
    if (line instanceof Socket && !line.destroyed) line.end('\n');
  }

  /** It is Node.js by its name, and no wrapper or script. */
  get isNode(): boolean {
    return isRuntime(this.#words[0] ?? '');
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
    const known = new Map<number, ProcessHandle>();
    const endNews = (): void => {
      const news = this.#programs().filter(({ pid }) => !known.has(pid));
      for (const handle of news) known.set(handle.pid, handle);
      signalAll(news, 'SIGTERM');
    };
    endNews();
    this.#hold?.begin(); // one that stands takes no signal
    const deadline = performance.now() + politeMs;
    const isAnyLeft = (): boolean => [...known.values()].some((handle) => isRunning(handle));
    do {
      await delay(lookMs);
      endNews(); // a script may have started another at that very moment
    } while (isAnyLeft() && performance.now() < deadline);
    signalAll([...known.values()], 'SIGKILL');
    await this.ended;
  }

  /** What it has started; also what has lost its parent since, which its environment tells. */
  #programs(): ProcessHandle[] {
    return [...processTree(this.pid), ...(this.#choice?.findPrograms() ?? [])];
  }

  #forget(): void {
    process.off('exit', this.#onExit);
    this.#choice?.[Symbol.dispose]();
  }

  #kill(): void {
    this.#choice?.[Symbol.dispose]();
    if (this.isRunning) signalAll(this.#programs(), 'SIGKILL');
  }
}

/** The file behind `EXTENSION_EVENTS_WAIT_FILE`; see the agent's register.ts. */
class Choice implements Disposable {
  readonly #directory: string = mkdtempSync(join(tmpdir(), 'extev-'));
  readonly file: string = join(this.#directory, 'listened-to');

  constructor() {
    writeFileSync(this.file, '');
  }

  /** Those that have the file in their environment: all but what a Node.js program has started. */
  findPrograms(): ProcessHandle[] {
    return findByEnvironment(`EXTENSION_EVENTS_WAIT_FILE=${this.file}`);
  }

  make(pid: number): void {
    writeFileSync(this.file, String(pid));
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function withAgent(waitMs: number, choice: Choice | undefined): NonNullable<SpawnOptions['env']> {
  // A URL, because NODE_OPTIONS is split at blanks and a path may have some.
  const register = import.meta.resolve('@extension-events/agent/register');
  const nodeOptions = [process.env['NODE_OPTIONS'], `--import=${register}`];
  return {
    ...process.env,
    NODE_OPTIONS: nodeOptions.filter(Boolean).join(' '),
    EXTENSION_EVENTS_WAIT_MS: String(waitMs),
    ...(choice && { EXTENSION_EVENTS_WAIT_FILE: choice.file }),
  };
}

// Programs that become another one, or start it: what counts is that one, and it may be Node.js.
const wrappers = new Set(['sh', 'bash', 'dash', 'zsh', 'fish', 'busybox', 'env', 'exec', 'nice', 'nohup', 'setsid', 'stdbuf', 'time', 'timeout', 'sudo', 'su', 'runuser', 'setpriv', 'taskset', 'unshare', 'chroot', 'strace', 'xargs']); // prettier-ignore

// A script or a wrapper may become Node.js in the end; any other binary that is not called so will not.
function isNativeProgram(file: string): boolean {
  const name = basename(file);
  if (isRuntime(file) || wrappers.has(name)) return false;
  const places = file.includes('/')
    ? [file]
    : (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, file));
  const head = places.map((path) => readHead(path)).find((bytes) => bytes !== undefined);
  return head?.toString('latin1') === '\u007fELF';
}

function isRuntime(file: string): boolean {
  return /^(node|nodejs|bun|deno|electron)$/.test(basename(file));
}

function readHead(path: string): Buffer | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(4);
      readSync(fd, bytes, 0, 4, 0);
      return bytes;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined; // not there, or not to be read: starting it says why
  }
}

/** How a process ended, in words. */
export function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exited with status ${code ?? 0}` : `was killed by ${signal}`;
}
