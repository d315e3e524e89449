import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { commands } from './commands.ts';
import { complete, type Completion } from './completion.ts';
import { describeError } from './errors.ts';
import { historySize, readHistory, writeHistory } from './history.ts';
import type { Interpreter } from './interpreter.ts';
import { parseLine } from './parse-command.ts';
import { tellEnd } from './tell.ts';

export interface ReplOptions {
  readonly interpreter: Interpreter;
  readonly input: Readable;
  readonly output: Writable;
  /** Where typed lines are kept; without it they are forgotten. */
  readonly historyFile: string | undefined;
  readonly isAlive: (pid: number) => boolean;
}

/** The prompt at a terminal. */
export class Repl {
  readonly #interpreter: Interpreter;
  readonly #options: ReplOptions;
  readonly #terminal: Interface;
  /** Everything that prints takes its turn. */
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #hasPrompt = false;
  #lastLine = '';
  #history: readonly string[];
  #finish: () => void = () => undefined;

  constructor(options: ReplOptions) {
    this.#options = options;
    this.#interpreter = options.interpreter;
    this.#history = options.historyFile === undefined ? [] : readHistory(options.historyFile);
    this.#terminal = createInterface({
      input: options.input,
      output: options.output,
      terminal: true,
      history: [...this.#history],
      historySize,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: Completion) => void) => {
        void this.#complete(line, done);
      },
    });
  }

  /** Resolves when the user leaves, or the process has ended. */
  async run(): Promise<void> {
    const { debuggee } = this.#interpreter;
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    this.#terminal.on('line', (line) => {
      this.#hasPrompt = false;
      this.#take(() => this.#execute(line));
    });
    this.#terminal.on('SIGINT', () => this.#onInterrupt());
    this.#terminal.on('close', () => this.#take(async () => this.#interpreter.leave(0)));
    this.#terminal.on('history', (history) => {
      this.#history = history;
    });
    const stops = debuggee.board.changes$.subscribe((change) => {
      // A command that runs shows what it waits for; what came beside it follows when it is done.
      if (change.type === 'stopped' && this.#waiting === 0) this.#take(async () => undefined);
    });
    void this.#followEnd();
    this.#prompt();
    await finished;
    stops.unsubscribe();
    this.#interpreter.transcript.guard(undefined);
    this.#terminal.close();
    if (this.#options.historyFile !== undefined) {
      writeHistory(this.#options.historyFile, this.#history);
    }
  }

  /** Runs a task when those before it are done, then shows what stopped meanwhile. */
  #take(task: () => Promise<void>): void {
    this.#waiting++;
    const before = this.#turn;
    this.#turn = this.#inTurn(before, task);
  }

  async #inTurn(before: Promise<void>, task: () => Promise<void>): Promise<void> {
    await before;
    this.#clearPrompt();
    try {
      if (this.#interpreter.exitCode === undefined) await task();
      if (this.#interpreter.exitCode === undefined) await this.#interpreter.presenter.showPending();
    } catch (error) {
      this.#interpreter.transcript.write(...describeError(error).split('\n'));
    }
    this.#waiting--;
    if (this.#interpreter.exitCode !== undefined) this.#finish();
    else if (this.#waiting === 0) this.#prompt();
  }

  async #execute(line: string): Promise<void> {
    const text = line.trim() === '' ? this.#repeated() : line;
    if (text === '') return;
    this.#lastLine = text;
    const wasCollecting = this.#interpreter.isCollecting;
    await this.#interpreter.execute(text);
    if (!wasCollecting && this.#interpreter.isCollecting)
      this.#interpreter.transcript.write('One command a line; end ends them, Ctrl-C leaves them as they were.'); // prettier-ignore
  }

  /** What an empty line does: the last command again, when it is one that goes on. */
  #repeated(): string {
    if (this.#interpreter.isCollecting) return '';
    try {
      const last = parseLine(this.#lastLine, commands);
      if (last?.command.repeats !== true) return '';
      // `list 20` goes on after what it showed; `continue 5` lets hits pass only once.
      return /^(?:list|continue)$/.test(last.command.name) && last.argument !== '-'
        ? last.command.name
        : this.#lastLine;
    } catch {
      return '';
    }
  }

  async #followEnd(): Promise<void> {
    const { debuggee, transcript } = this.#interpreter;
    const end = await debuggee.connection.ended;
    this.#take(async () => {
      const { isAlive } = this.#options;
      const { exitCode } = debuggee.engine;
      this.#interpreter.leave(await tellEnd(debuggee.connection, end, transcript, isAlive, exitCode)); // prettier-ignore
    });
  }

  #onInterrupt(): void {
    if (this.#interpreter.waiter.isWaiting) {
      void this.#interpreter.waiter.interrupt();
      return;
    }
    if (this.#waiting > 0) return;
    const wasEmpty = this.#terminal.line === '';
    this.#options.output.write('\n');
    // Empties the line, as a shell does.
    this.#terminal.write(null, { ctrl: true, name: 'e' });
    this.#terminal.write(null, { ctrl: true, name: 'u' });
    this.#clearPrompt();
    if (this.#interpreter.isCollecting) this.#interpreter.stopCollecting();
    else if (wasEmpty)
      this.#interpreter.transcript.write('quit or Ctrl-D leaves; the process goes on.');
    this.#prompt();
  }

  async #complete(line: string, done: (error: null, result: Completion) => void): Promise<void> {
    done(null, await complete(line, commands, this.#interpreter.debuggee));
  }

  #prompt(): void {
    this.#terminal.setPrompt(this.#interpreter.prompt);
    this.#interpreter.transcript.guard((print) => {
      this.#clearLine();
      print();
      this.#terminal.prompt(true);
    });
    this.#hasPrompt = true;
    this.#terminal.prompt(true);
  }

  /** A prompt at which nothing was entered makes room for what is printed now. */
  #clearPrompt(): void {
    this.#interpreter.transcript.guard(undefined);
    if (this.#hasPrompt) this.#clearLine();
    this.#hasPrompt = false;
  }

  #clearLine(): void {
    cursorTo(this.#options.output, 0);
    clearLine(this.#options.output, 0);
  }
}
