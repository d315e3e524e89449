import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Addr2lineOutput, sentinelAddress } from './addr2line-output.ts';
import type { SourceLine } from './types.ts';

interface Question {
  readonly address: number;
  /** `undefined`: nobody can answer. */
  answer(lines: readonly SourceLine[] | undefined): void;
}

/** The first question about a large program makes addr2line read all of its debug information. */
const answerLimitMs = 60_000;

/**
 * A kept `addr2line` child for one file. Several questions may be on the way. A child that dies is
 * started again once, with the questions that were open; after that, and when there is no such
 * program, answers are `undefined`.
 */
export class Addr2line {
  readonly #command: string;
  readonly #path: string;
  readonly #onBroken: (why: string) => void;
  #child: ChildProcessWithoutNullStreams | undefined;
  #questions: Question[] = [];
  #deaths = 0;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(command: string, path: string, onBroken: (why: string) => void) {
    this.#command = command;
    this.#path = path;
    this.#onBroken = onBroken;
  }

  get isIdle(): boolean {
    return this.#questions.length === 0;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @param address - As the file has it. */
  ask(address: number): Promise<readonly SourceLine[] | undefined> {
    if (this.#isClosed || this.#deaths > 1) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const question = { address, answer: resolve };
      this.#questions.push(question);
      if (this.#child === undefined) this.#start();
      else write(this.#child, question);
      this.#watch();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#giveUp();
  }

  #start(): void {
    // Without DEBUGINFOD_URLS: a debugger's question must not start a download.
    const { DEBUGINFOD_URLS: _, ...environment } = process.env;
    const child = spawn(this.#command, ['-e', this.#path, '-f', '-C', '-i', '-a'], {
      stdio: 'pipe',
      env: { ...environment, LC_ALL: 'C' },
    });
    this.#child = child;
    const output = new Addr2lineOutput((lines) => {
      this.#questions.shift()?.answer(lines);
      this.#watch();
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.push(text);
    });
    child.stderr.resume();
    // Death is told by 'close'; a write to a dead child must not be an exception as well.
    child.stdin.on('error', () => {});
    child.once('error', (error) => {
      if (child.pid === undefined) this.#break(child, error.message);
    });
    child.once('close', (code, signal) => {
      this.#died(child, `it ended with ${signal ?? `exit code ${code}`}`);
    });
    for (const question of this.#questions) write(child, question);
  }

  #died(child: ChildProcessWithoutNullStreams, why: string): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    this.#deaths++;
    if (this.#deaths > 1) this.#break(undefined, why);
    else if (this.#questions.length > 0) this.#start();
    this.#watch();
  }

  #break(child: ChildProcessWithoutNullStreams | undefined, why: string): void {
    if (child !== this.#child || this.#isClosed) return;
    this.#deaths = 2;
    this.#onBroken(why);
    this.#giveUp();
  }

  #giveUp(): void {
    const questions = this.#questions;
    this.#questions = [];
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    this.#watch();
    for (const question of questions) question.answer(undefined);
  }

  /** A child that owes an answer keeps our process alive, a waiting one does not. */
  #watch(): void {
    clearTimeout(this.#timer);
    const child = this.#child;
    const isWaiting = this.#questions.length > 0;
    for (const handle of [child, child?.stdin, child?.stdout, child?.stderr]) {
      setRef(handle, isWaiting);
    }
    if (!isWaiting) return;
    this.#timer = setTimeout(() => child?.kill('SIGKILL'), answerLimitMs);
    this.#timer.unref();
  }
}

function write(child: ChildProcessWithoutNullStreams, { address }: Question): void {
  child.stdin.write(`${address.toString(16)}\n${sentinelAddress}\n`);
}

/** Pipes of a child are sockets, which the types do not say. */
function setRef(handle: unknown, isRef: boolean): void {
  const { ref, unref } = (handle ?? {}) as { ref?: () => void; unref?: () => void };
  (isRef ? ref : unref)?.call(handle);
}
