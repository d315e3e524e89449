import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commands } from './commands.ts';
import type { Command, Context, WaitOptions } from './context.ts';
import type { Debuggee } from './debuggee.ts';
import { type CodedError, debuggerError, describeError, isCodedError } from './errors.ts';
import type { ConnectionEnd } from './internal-types.ts';
import { parseLine } from './parse-command.ts';
import type { Stop } from './stop-board.ts';
import { StopPresenter } from './stop-presenter.ts';
import { StopWaiter } from './stop-waiter.ts';
import { tellEnd } from './tell.ts';
import type { Transcript } from './transcript.ts';

export interface InterpreterOptions {
  readonly debuggee: Debuggee;
  readonly transcript: Transcript;
  readonly mayWrite: boolean;
  readonly koffiPath: string | undefined;
  readonly onContinue: () => Promise<void>;
  /** How long a command waits for a stop; `undefined` waits for ever. */
  readonly timeoutMs: number | undefined;
  /** After this long without a stop, what comes nearest to the threshold is told. */
  readonly candidateAfterMs: number;
  /** Lines are shown before they run, as a user would have typed them. */
  readonly doesEcho: boolean;
  readonly cwd: string;
  readonly isAlive: (pid: number) => boolean;
}

/** How a line ended. */
export type LineResult = 'done' | 'failed';

/** Lines that belong to a `commands` command. */
interface Collecting {
  readonly lines: string[];
  readonly done: (lines: readonly string[]) => void;
}

/** The end of a connection is known when what it broke off is, or a moment later. */
const endKnownMs = 500;

/** A file that sources itself must end somewhere. */
const deepestFile = 16;

/**
 * Runs command lines, one after the other. A command that lets a thread run blocks until the next
 * stop, the end of the process, the timeout, or an interrupt.
 */
export class Interpreter implements Context {
  readonly debuggee: Debuggee;
  readonly transcript: Transcript;
  readonly commands: readonly Command[] = commands;
  readonly mayWrite: boolean;
  readonly koffiPath: string | undefined;
  readonly onContinue: () => Promise<void>;
  readonly presenter: StopPresenter;
  readonly waiter: StopWaiter;
  readonly #options: InterpreterOptions;
  #collecting: Collecting | undefined;
  #files = 0;
  #end: ConnectionEnd | undefined;
  /** The last error, for whoever reports what failed. */
  lastError: CodedError | undefined;
  /** Set when the debugger is to end. */
  exitCode: number | undefined;

  constructor(options: InterpreterOptions) {
    const { debuggee, transcript } = options;
    this.debuggee = debuggee;
    this.transcript = transcript;
    this.mayWrite = options.mayWrite;
    this.koffiPath = options.koffiPath;
    this.onContinue = options.onContinue;
    this.#options = options;
    this.presenter = new StopPresenter(debuggee, transcript, (line) => this.#runOwn(line));
    this.waiter = new StopWaiter(debuggee, transcript, this.presenter, {
      timeoutMs: options.timeoutMs,
      candidateAfterMs: options.candidateAfterMs,
      onEnd: (end) => this.#leaveEnded(end),
    });
    void this.#followEnd();
  }

  /** Lines are being collected for `commands`; the prompt changes. */
  get isCollecting(): boolean {
    return this.#collecting !== undefined;
  }

  get isInCommands(): boolean {
    return this.presenter.isInCommands;
  }

  get prompt(): string {
    return this.isCollecting ? '>' : '(extev) ';
  }

  /** Runs one line. Errors are printed, never thrown. */
  async execute(line: string): Promise<LineResult> {
    const text = line.trim();
    if (this.#options.doesEcho && text !== '') this.transcript.write(`${this.prompt}${text}`);
    if (this.#collecting === undefined) return this.#run(text);
    this.#collect(text, this.#collecting);
    return 'done';
  }

  async wait(options: WaitOptions): Promise<Stop | undefined> {
    return this.isInCommands ? undefined : this.waiter.wait(options);
  }

  leave(exitCode: number): void {
    this.exitCode ??= exitCode;
  }

  collect(done: (lines: readonly string[]) => void): void {
    this.#collecting = { lines: [], done };
  }

  /** Leaves the commands as they were. */
  stopCollecting(): void {
    this.#collecting = undefined;
  }

  async runFile(path: string): Promise<void> {
    if (this.#files >= deepestFile) {
      throw debuggerError(
        'EE_COMMAND_FILE',
        `${path} is sourced ${deepestFile} files deep.`,
        'A file that sources itself never ends.',
      );
    }
    const text = await readCommands(resolve(this.#options.cwd, path), path);
    this.#files++;
    try {
      for (const [index, line] of text.split(/\r?\n/).entries()) {
        if ((await this.execute(line)) === 'failed') {
          throw new ReportedError(this.lastError, `${path}:${index + 1}: ${line.trim()}`);
        }
        if (this.exitCode !== undefined) return;
      }
      if (this.#collecting !== undefined) this.#collect('end', this.#collecting);
    } finally {
      this.#files--;
    }
  }

  /** Runs a line of a catchpoint's commands. */
  async #runOwn(line: string): Promise<void> {
    if (this.exitCode !== undefined) return;
    if ((await this.#run(line)) === 'done') return;
    throw new ReportedError(this.lastError, `The command ${JSON.stringify(line)} of a stop`);
  }

  async #run(line: string): Promise<LineResult> {
    try {
      const parsed = parseLine(line, this.commands);
      if (parsed === undefined) return 'done';
      if (this.#end === undefined || parsed.command.needsNoTarget === true) {
        await parsed.command.run(this, parsed.argument);
      } else await this.#leaveEnded(this.#end);
      return 'done';
    } catch (error) {
      const end = await this.#endBehind(error);
      if (end === undefined) this.#fail(error);
      else await this.#leaveEnded(end);
      return end === undefined ? 'failed' : 'done';
    }
  }

  /** What cut a command short: the process was killed under it, and that is what there is to say. */
  async #endBehind(error: unknown): Promise<ConnectionEnd | undefined> {
    if (!isCodedError(error) || error.code !== 'EE_CONNECTION_LOST') return undefined;
    const { ended } = this.debuggee.connection;
    return Promise.race([ended, delay(endKnownMs, undefined, { ref: false })]);
  }

  #fail(error: unknown): void {
    this.lastError = isCodedError(error) ? error : undefined;
    if (error instanceof ReportedError) {
      this.transcript.write(`${error.message} failed.`);
      return;
    }
    this.transcript.write(...describeError(error).split('\n'));
    if (this.lastError?.code === 'EE_WAIT_TIMEOUT') this.leave(124);
  }

  #collect(line: string, collecting: Collecting): void {
    if (line !== 'end') {
      if (line !== '') collecting.lines.push(line);
      return;
    }
    this.#collecting = undefined;
    collecting.done(collecting.lines);
  }

  async #followEnd(): Promise<void> {
    this.#end = await this.debuggee.connection.ended;
  }

  /** With the process ends what can be debugged: the rest of the commands have no object. */
  async #leaveEnded(end: ConnectionEnd): Promise<void> {
    if (this.exitCode !== undefined) return;
    this.leave(
      await tellEnd(this.debuggee.connection, end, this.transcript, this.#options.isAlive, this.debuggee.engine.exitCode), // prettier-ignore
    );
  }
}

/** What went wrong was printed where it happened; this says which line around it failed, too. */
class ReportedError extends Error {
  readonly code: string;
  readonly hint = '';

  constructor(reason: CodedError | undefined, message: string) {
    super(message);
    this.code = reason?.code ?? 'EE_COMMAND_FILE';
  }
}

async function readCommands(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw debuggerError(
      'EE_COMMAND_FILE',
      `${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
      'Give the path of a text file with a command on each line.',
    );
  }
}
