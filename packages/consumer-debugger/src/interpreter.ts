import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Candidates } from './candidates.ts';
import { type Catchpoint, hasOwner } from './catchpoints.ts';
import { commands } from './commands.ts';
import type { Command, Context, WaitOptions } from './context.ts';
import type { Debuggee } from './debuggee.ts';
import { type CodedError, debuggerError, describeError, isCodedError } from './errors.ts';
import { formatDuration } from './format-quantity.ts';
import type { ConnectionEnd } from './internal-types.ts';
import { parseLine } from './parse-command.ts';
import { tellCandidate, tellEnd } from './tell.ts';
import { showStop } from './show-stop.ts';
import type { Stop } from './stop-board.ts';
import type { Transcript } from './transcript.ts';
import { waitForStop } from './waiting.ts';

export interface InterpreterOptions {
  readonly debuggee: Debuggee;
  readonly transcript: Transcript;
  readonly mayWrite: boolean;
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

/** A thread that runs JavaScript has stopped by then. */
const idleAfterMs = 1000;

/** A file that sources itself must end somewhere. */
const deepestFile = 16;

/**
 * Runs command lines, one after the other. A command that lets a thread run blocks until the next
 * stop, the end of the process, the timeout, or {@link interrupt}.
 */
export class Interpreter implements Context {
  readonly debuggee: Debuggee;
  readonly transcript: Transcript;
  readonly commands: readonly Command[] = commands;
  readonly mayWrite: boolean;
  readonly #options: InterpreterOptions;
  readonly #candidates: Candidates;
  #collecting: Collecting | undefined;
  /** Depth of catchpoints' own commands that run now. */
  #nested = 0;
  /** A command inside a catchpoint's commands let its thread run. */
  #ranOn = false;
  #files = 0;
  #cancel: AbortController | undefined;
  #end: ConnectionEnd | undefined;
  #waitingFor: { readonly thread: number; isAsked: boolean } | undefined;
  /** The last error, for whoever reports what failed. */
  lastError: CodedError | undefined;
  exitCode: number | undefined;

  constructor(options: InterpreterOptions) {
    this.debuggee = options.debuggee;
    this.transcript = options.transcript;
    this.mayWrite = options.mayWrite;
    this.#options = options;
    this.#candidates = new Candidates(options.debuggee.connection);
    void this.#followEnd();
  }

  /** Lines are being collected for `commands`; the prompt changes. */
  get isCollecting(): boolean {
    return this.#collecting !== undefined;
  }

  get isInCommands(): boolean {
    return this.#nested > 0;
  }

  get isWaiting(): boolean {
    return this.#waitingFor !== undefined;
  }

  get prompt(): string {
    return this.isCollecting ? '>' : '(extev) ';
  }

  /** Runs one line. Errors are printed, never thrown. */
  async execute(line: string): Promise<LineResult> {
    if (this.#options.doesEcho && line.trim() !== '')
      this.transcript.write(`${this.prompt}${line.trim()}`);
    if (this.#collecting !== undefined) {
      this.#collect(line.trim(), this.#collecting);
      return 'done';
    }
    return this.#run(line);
  }

  /** Prints stops that came while nobody waited, when no stopped thread is selected. */
  async showPending(): Promise<void> {
    for (;;) {
      const stop = this.debuggee.board.nextUnshown();
      if (stop === undefined) return;
      if (this.#hasSelectedStop()) {
        this.announce(stop);
        return;
      }
      await this.#present(stop, undefined);
    }
  }

  /** One line for a stop that is not shown in full now; `thread N` and `continue` show it. */
  announce(stop: Stop): void {
    if (stop.isAnnounced || stop.isShown) return;
    stop.isAnnounced = true;
    const reason = hasOwner(stop.cause) ? `: ${titleOfStop(stop)}` : '';
    this.transcript.notice(`thread ${this.debuggee.nameThread(stop.thread)} stopped too${reason}`);
  }

  /** Ctrl-C: first the thread that runs is stopped, then the wait is given up. */
  async interrupt(): Promise<void> {
    const waiting = this.#waitingFor;
    if (waiting === undefined) return;
    if (waiting.isAsked) {
      this.#cancel?.abort();
      return;
    }
    waiting.isAsked = true;
    const name = this.debuggee.nameThread(waiting.thread);
    setTimeout(() => {
      if (this.#waitingFor !== waiting) return;
      this.transcript.notice(
        `thread ${name} waits for work: it stops when it next runs JavaScript; Ctrl-C again gives up`,
      );
    }, idleAfterMs).unref();
    try {
      await this.debuggee.engine.pause(waiting.thread);
    } catch (error) {
      this.transcript.write(describeError(error));
      this.#cancel?.abort();
    }
  }

  /** Ends the present wait, whatever it waits for. */
  cancelWait(): void {
    this.#cancel?.abort();
  }

  /** Takes back what still listens for advice. */
  close(): Promise<void> {
    return this.#candidates.close();
  }

  // ---- what commands ask for

  leave(exitCode: number): void {
    this.exitCode ??= exitCode;
  }

  collect(done: (lines: readonly string[]) => void): void {
    this.#collecting = { lines: [], done };
  }

  watchCandidates(catchpoint: Catchpoint): void {
    this.#candidates.watch(catchpoint);
  }

  async runFile(path: string): Promise<void> {
    if (this.#files >= deepestFile) {
      throw debuggerError('EE_COMMAND_FILE', `${path} is sourced ${deepestFile} files deep.`, 'A file that sources itself never ends.'); // prettier-ignore
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

  async wait(options: WaitOptions): Promise<Stop | undefined> {
    if (this.#nested > 0) {
      this.#ranOn = true;
      return undefined;
    }
    const { timeoutMs } = this.#options;
    const deadline = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
    this.#cancel = new AbortController();
    this.#waitingFor = { thread: options.thread ?? this.debuggee.thread.key, isAsked: false };
    const advice = setInterval(() => void this.#tellCandidate(), this.#options.candidateAfterMs);
    const others = this.#announceOthers(options.thread);
    for (const entry of this.debuggee.catchpoints.all) {
      if (entry.kind === 'catchpoint') this.#candidates.watch(entry);
    }
    try {
      return await this.#waitUntil(options, deadline, this.#cancel.signal);
    } finally {
      clearInterval(advice);
      others();
      this.#told = 0;
      this.#waitingFor = undefined;
      this.#cancel = undefined;
    }
  }

  async #waitUntil(
    options: WaitOptions,
    deadline: number | undefined,
    signal: AbortSignal,
  ): Promise<Stop | undefined> {
    const { board, connection } = this.debuggee;
    for (;;) {
      const outcome = await waitForStop(board, connection, {
        signal,
        ...(options.thread === undefined ? {} : { thread: options.thread }),
        ...(deadline === undefined ? {} : { timeoutMs: Math.max(0, deadline - performance.now()) }),
      });
      switch (outcome.type) {
        case 'stopped':
          if (await this.#present(outcome.stop, options.show)) return outcome.stop;
          break;
        case 'ended':
          this.#leaveEnded(outcome.end);
          return undefined;
        case 'timeout':
          throw await this.#tooLate(options.what);
        case 'cancelled':
          this.transcript.write('Not waiting any longer; the thread runs on.');
          return undefined;
      }
    }
  }

  // ---- inside

  async #followEnd(): Promise<void> {
    this.#end = await this.debuggee.connection.ended;
  }

  /** With the process ends what can be debugged: the rest of the commands have no object. */
  #leaveEnded(end: ConnectionEnd): void {
    const { connection } = this.debuggee;
    this.leave(tellEnd(connection, end, this.transcript, this.#options.isAlive));
  }

  async #run(line: string): Promise<LineResult> {
    try {
      const parsed = parseLine(line, this.commands);
      if (parsed === undefined) return 'done';
      if (this.#end !== undefined && parsed.command.needsNoTarget !== true) {
        this.#leaveEnded(this.#end);
        return 'done';
      }
      await parsed.command.run(this, parsed.argument);
      return 'done';
    } catch (error) {
      this.#fail(error);
      return 'failed';
    }
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

  /** Shows a stop and runs the commands of its catchpoints; false when the thread ran on. */
  async #present(stop: Stop, show: WaitOptions['show']): Promise<boolean> {
    const { debuggee, transcript } = this;
    stop.isShown = true;
    const passing = stop.entries.map((entry) => debuggee.catchpoints.countHit(entry));
    if (passing.length > 0 && passing.every(Boolean)) {
      await debuggee.resume(stop.thread);
      return false;
    }
    const previous = debuggee.selectedThread;
    await debuggee.select(stop.thread);
    const lines = stop.entries.flatMap((entry) => entry.commands);
    if (lines[0] !== 'silent') {
      if (show !== undefined && !hasOwner(stop.cause) && stop.cause.type !== 'pause')
        await show(stop);
      else {
        if (previous !== undefined && previous !== stop.thread) {
          transcript.notice(`switching to thread ${debuggee.nameThread(stop.thread)}`);
        }
        await showStop(debuggee, transcript, stop);
      }
    }
    await Promise.all(
      stop.entries
        .filter((entry) => entry.isTemporary)
        .map((entry) => debuggee.catchpoints.delete(entry)),
    );
    return this.#runOwnCommands(lines.filter((line) => line !== 'silent'));
  }

  /** Runs the commands of a catchpoint up to one that lets the thread run; false when there was one. */
  async #runOwnCommands(lines: readonly string[]): Promise<boolean> {
    this.#nested++;
    this.#ranOn = false;
    try {
      for (const line of lines) {
        if ((await this.#run(line)) === 'failed') {
          throw new ReportedError(this.lastError, `The command ${JSON.stringify(line)} of a stop`);
        }
        if (this.#ranOn) return false;
        if (this.exitCode !== undefined) return true;
      }
      return true;
    } finally {
      this.#nested--;
      this.#ranOn = false;
    }
  }

  #hasSelectedStop(): boolean {
    const { debuggee } = this;
    return (
      debuggee.selectedThread !== undefined &&
      debuggee.board.shown(debuggee.selectedThread) !== undefined
    );
  }

  /** While one thread is waited for, the others' stops are told in a line. */
  #announceOthers(thread: number | undefined): () => void {
    if (thread === undefined) return () => undefined;
    const subscription = this.debuggee.board.changes$.subscribe((change) => {
      if (
        change.type === 'stopped' &&
        change.stop.thread !== thread &&
        change.stop.cause.type !== 'foreign'
      ) {
        this.announce(change.stop);
      }
    });
    return () => subscription.unsubscribe();
  }

  #told = 0;

  /** Calm: at first soon, then ever more rarely. */
  async #tellCandidate(): Promise<void> {
    this.#told++;
    const isTime = (this.#told & (this.#told - 1)) === 0;
    const { latest } = this.#candidates;
    if (isTime && latest !== undefined) await tellCandidate(this.debuggee, this.transcript, latest);
    else if (latest === undefined) this.#told = 0;
  }

  async #tooLate(what: string): Promise<Error> {
    const { latest } = this.#candidates;
    if (latest !== undefined) await tellCandidate(this.debuggee, this.transcript, latest);
    const limit = formatDuration((this.#options.timeoutMs ?? 0) * 1e6);
    const waiting = this.debuggee.catchpoints.all
      .filter((entry) => entry.isEnabled)
      .map((entry) => (entry.kind === 'catchpoint' ? entry.pattern : entry.wanted));
    const list = waiting.length === 0 ? 'nothing is caught' : `waiting: ${waiting.join(', ')}`;
    return debuggerError(
      'EE_WAIT_TIMEOUT',
      `${limit} have passed without ${what} (${list}).`,
      'Wait longer with --timeout MS; info events shows what can be caught, continue & does not wait.',
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

function titleOfStop(stop: Stop): string {
  const numbers = stop.entries.map((entry) => `${entry.kind} ${entry.number}`).join(', ');
  return stop.cause.type === 'event' ? `${numbers}, ${stop.cause.event}` : numbers;
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
