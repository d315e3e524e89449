import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Subject } from 'rxjs';
import { debuggerError } from './errors.ts';
import { formatMiCommand, type MiRecord, type MiTuple, parseMiLine, textOf } from './gdb-mi.ts';

export interface GdbProcessOptions {
  /** The program and its first arguments. Default: `gdb`, as the path finds it. */
  readonly program?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Longest wait for an answer, in ms. Default 15 000. */
  readonly answerTimeoutMs?: number;
}

export interface GdbAnswer {
  readonly class: string;
  readonly results: MiTuple;
}

interface Waiting {
  readonly resolve: (answer: GdbAnswer) => void;
  readonly reject: (error: unknown) => void;
  readonly command: string;
  timer: NodeJS.Timeout | undefined;
}

const oldestGdb = 12;
/** Symbols of a large program take longer than any other answer. */
const readingFactor = 8;
/** A gdb that does not leave by itself within this time is told to, by a signal that it detaches at. */
const leaveMs = 3000;

/**
 * A gdb child that speaks MI over pipes. It has a session of its own, so that Ctrl-C at our terminal
 * does not reach it, and it reads its commands from us alone: when we die, however we die, it sees
 * the end of its input, detaches and ends. It reads no configuration and asks nothing of the network.
 */
export class GdbProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #records: Subject<MiRecord> = new Subject();
  readonly #answerTimeoutMs: number;
  /** Text for the console since the last command: gdb says some troubles only there. */
  #said: string[] = [];
  #nextToken = 1;
  #hasEnded = false;
  /** Resolves when gdb is gone, for whatever reason. */
  readonly ended: Promise<void>;
  version = '';

  private constructor(child: ChildProcess, answerTimeoutMs: number) {
    this.#child = child;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.ended = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    void this.#followEnd();
    if (child.stdout !== null) {
      createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', (line) => {
        this.#receive(parseMiLine(line));
      });
    }
    // A pipe whose reader is gone: the end of the child tells it.
    child.stdin?.on('error', () => undefined);
    child.stderr?.resume();
  }

  /**
   * Starts gdb and prepares it: nothing of this touches the target.
   *
   * @throws ExtensionEventError `EE_GDB_MISSING`, `EE_GDB_VERSION`, `EE_GDB_ENDED`, `EE_GDB_TIMEOUT`
   */
  static async start(options: GdbProcessOptions = {}): Promise<GdbProcess> {
    const [program = 'gdb', ...first] = options.program ?? ['gdb'];
    const { DEBUGINFOD_URLS: _urls, ...env } = options.env ?? process.env;
    const child = spawn(program, [...first, '-q', '-nx', '--interpreter=mi3'], {
      detached: true,
      cwd: '/',
      env: { ...env, LC_ALL: 'C.UTF-8', TERM: 'dumb' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const failed = new Promise<never>((_resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(explainStart(program, error)));
    });
    const gdb = new GdbProcess(child, options.answerTimeoutMs ?? 15_000);
    // The child must not keep a debugger alive that has left.
    child.unref();
    try {
      await Promise.race([gdb.#checkVersion(), failed]);
      return gdb;
    } catch (error) {
      void gdb.close(true);
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get records$(): Subject<MiRecord> {
    return this.#records;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Sends one command and resolves with its results.
   *
   * @throws ExtensionEventError `EE_GDB_COMMAND` with gdb's own words, `EE_GDB_TIMEOUT`, `EE_GDB_ENDED`
   */
  async command(operation: string, ...parameters: readonly string[]): Promise<MiTuple> {
    const command = formatMiCommand(operation, ...parameters);
    return (await this.#send(command, this.#answerTimeoutMs)).results;
  }

  /** A command of gdb's own console, for the few things that MI has no words for. */
  async console(line: string, thread?: string): Promise<void> {
    const where = thread === undefined ? [] : ['--thread', thread];
    await this.command('interpreter-exec', ...where, 'console', line);
  }

  /** The same, for lines that make gdb read symbols: a large program has many. */
  async readSymbols(line: string): Promise<void> {
    const command = formatMiCommand('interpreter-exec', 'console', line);
    await this.#send(command, readingFactor * this.#answerTimeoutMs);
  }

  /**
   * Ends gdb by the end of its input: it detaches first.
   *
   * @param mayKill - nothing of gdb's stands in the target, so that killing it harms nobody
   */
  async close(mayKill: boolean): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.stdin?.end();
    if (await this.#endsWithin(leaveMs)) return;
    // gdb detaches at SIGTERM too, also when it waits for a thread and reads no input.
    this.#child.kill('SIGTERM');
    if ((await this.#endsWithin(leaveMs)) || !mayKill) return;
    this.#child.kill('SIGKILL');
    await this.#endsWithin(leaveMs);
  }

  async #endsWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const hasEnded = await Promise.race([this.ended.then(() => true), tooLong]);
    clearTimeout(timer);
    return hasEnded;
  }

  async #checkVersion(): Promise<void> {
    this.#said = [];
    await this.command('gdb-version');
    this.version = /\bgdb\b.*?(\d+\.\d+)/i.exec(this.#said.join(''))?.[1] ?? '';
    if (Number.parseInt(this.version, 10) >= oldestGdb) return;
    throw debuggerError(
      'EE_GDB_VERSION',
      `gdb says that it is version ${this.version === '' ? 'unknown' : this.version}; ${oldestGdb} is the oldest that works here.`,
      'Install a newer gdb.',
    );
  }

  #send(command: string, timeoutMs: number): Promise<GdbAnswer> {
    if (this.#hasEnded) return Promise.reject(endedError());
    const token = this.#nextToken++;
    this.#said = [];
    return new Promise<GdbAnswer>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(token);
        reject(
          debuggerError(
            'EE_GDB_TIMEOUT',
            `gdb did not answer ${command} within ${timeoutMs / 1000} s.`,
            'It may be reading the symbols of a large program: try again, or detach.',
          ),
        );
      }, timeoutMs);
      this.#waiting.set(token, { resolve, reject, command, timer });
      this.#child.stdin?.write(`${token}${command}\n`);
    });
  }

  #receive(record: MiRecord): void {
    if (record.kind === 'console' || record.kind === 'log') {
      // A program with thousands of libraries says a lot; the last of it is what matters.
      if (this.#said.length < 4096) this.#said.push(record.text);
    }
    if (record.kind === 'result') this.#answer(record);
    this.#records.next(record);
  }

  #answer(record: Extract<MiRecord, { kind: 'result' }>): void {
    const waiting = this.#waiting.get(record.token ?? 0);
    if (waiting === undefined) return;
    this.#waiting.delete(record.token ?? 0);
    clearTimeout(waiting.timer);
    if (record.class === 'error') {
      waiting.reject(commandError(waiting.command, textOf(record.results['msg'])));
    } else waiting.resolve(record);
  }

  async #followEnd(): Promise<void> {
    await this.ended;
    this.#hasEnded = true;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(endedError());
    }
    this.#waiting.clear();
    this.#records.complete();
  }
}

function commandError(command: string, message: string): Error {
  const text = message === '' ? 'gdb refused without a reason.' : message;
  return debuggerError(
    'EE_GDB_COMMAND',
    text.endsWith('.') ? text : `${text}.`,
    `gdb was asked: ${command}`,
  );
}

/** For whoever needs a gdb that is gone. */
export function endedError(): Error {
  return debuggerError(
    'EE_GDB_ENDED',
    'gdb has ended.',
    'The next command that needs it starts another one.',
  );
}

function explainStart(program: string, error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOENT') {
    return debuggerError(
      'EE_GDB_MISSING',
      `${program} is not installed, and threads that run no JavaScript are stopped with it.`,
      'Install it: apt-get install gdb, dnf install gdb, apk add gdb or pacman -S gdb.',
    );
  }
  return debuggerError(
    'EE_GDB_MISSING',
    `${program} cannot be started (${error.code ?? error.message}).`,
    'Check that it is a program that this user may run.',
  );
}
