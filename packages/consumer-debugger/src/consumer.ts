import type { Readable, Writable } from 'node:stream';
import { type BatchFailure, runBatch } from './batch.ts';
import { tellFailures } from './catch-failures.ts';
import { Catchpoints } from './catchpoints.ts';
import { Debuggee } from './debuggee.ts';
import type { DebugEngine } from './engine.ts';
import { describeBriefly, describeError } from './errors.ts';
import { plural } from './format-quantity.ts';
import { historyFile } from './history.ts';
import { GdbEngine } from './gdb-engine.ts';
import { HoldLimit } from './hold-limit.ts';
import type { Connection } from './internal-types.ts';
import { Interpreter } from './interpreter.ts';
import { JointEngine } from './joint-engine.ts';
import { wantsColour } from './paint.ts';
import { Repl } from './repl.ts';
import type { StandingProgram } from './standing-program.ts';
import { StopBoard } from './stop-board.ts';
import { tellChange } from './tell.ts';
import { Transcript } from './transcript.ts';
import { V8Engine } from './v8-engine.ts';

export interface DebuggerOptions {
  /** The process; its `hello` must have asked for the grants `stop` and `evaluate`. */
  readonly connection: Connection;
  /** Commands. Default: standard input. */
  readonly input?: Readable & { readonly isTTY?: boolean };
  /** The transcript. Default: standard output. */
  readonly output?: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** The tool's own troubles. Default: standard error. */
  readonly errorOutput?: Writable;
  /** Files of commands to run first. */
  readonly files?: readonly string[];
  /** Never prompt: run the files, or else the input, and end. */
  readonly isBatch?: boolean;
  /** How long a command waits for a stop, in ms; 0 waits for ever. Default: for ever at a terminal, else 60 000. */
  readonly timeoutMs?: number;
  /** How long a thread is held at most, in ms; 0 has no limit. Default: none at a terminal, else 30 000. */
  readonly maxStopMs?: number;
  /** After this long without a stop, what comes nearest is told, in ms. Default: 5 000. */
  readonly candidateAfterMs?: number;
  /** Is a person at the other end? Default: input and output are terminals and this is no batch. */
  readonly isInteractive?: boolean;
  /** Default: `process.env`; NO_COLOR, TERM and XDG_STATE_HOME are read. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Shown paths and command files are relative to it. Default: `process.cwd()`. */
  readonly cwd?: string;
  /** Where the lines typed at a terminal are kept; `false` forgets them. */
  readonly historyFile?: string | false;
  /** Replaces both engines. */
  readonly engine?: DebugEngine;
  /** gdb and its first arguments, for native threads. Default: `gdb`, as the path finds it. */
  readonly gdbProgram?: readonly string[];
  /**
   * A file from which `koffi` can be required, for `watch` on the memory of a JavaScript value.
   * Default: none, and such a `watch` is refused.
   */
  readonly koffiPath?: string;
  /** Called at each `continue`: a program that was started for this debugger may begin. */
  readonly onContinue?: () => void;
  /** A native program that was started for this debugger and stands before its first instruction. */
  readonly standing?: StandingProgram;
  /** Ends the debugger as `quit` does, with exit code 130. */
  readonly signal?: AbortSignal;
}

const leaveWithinMs = 2000;

/**
 * Debugs a connected process: reads commands, prints the transcript, and leaves the process running.
 *
 * Resolves with the exit code: 0 when every command succeeded or the process ended, 1 when a
 * command failed, 124 when a wait took too long, 130 when it was interrupted. The connection stays
 * open: whoever opened it closes it.
 */
export async function runDebugger(options: DebuggerOptions): Promise<number> {
  const { connection } = options;
  const env = options.env ?? process.env;
  const cwd = options.cwd ?? process.cwd();
  const input = options.input ?? process.stdin;
  const output = options.output ?? process.stdout;
  const isInteractive =
    options.isInteractive ??
    (options.isBatch !== true && input.isTTY === true && output.isTTY === true);
  const transcript = new Transcript(output, {
    hasColour: wantsColour(output.isTTY === true, env),
    width: () => output.columns || 100,
  });
  const mayWrite = connection.hello.grants.includes('write');
  const engine = options.engine ?? createEngine(options, transcript, { cwd, env, mayWrite });
  const catchpoints = new Catchpoints(connection, engine, ({ number, pattern }, failures) => {
    for (const line of tellFailures(`catchpoint ${number}`, pattern, failures))
      transcript.notice(line);
  });
  const board = new StopBoard(connection, catchpoints, engine);
  const debuggee = new Debuggee(connection, engine, catchpoints, board);
  const timeoutMs = options.timeoutMs ?? (isInteractive ? 0 : 60_000);
  const maxStopMs = options.maxStopMs ?? (isInteractive ? 0 : 30_000);
  const interpreter = new Interpreter({
    debuggee,
    transcript,
    mayWrite,
    koffiPath: options.koffiPath,
    onContinue: async () => {
      await engine.begin?.();
      options.onContinue?.();
    },
    timeoutMs: timeoutMs === 0 ? undefined : timeoutMs,
    candidateAfterMs: options.candidateAfterMs ?? 5000,
    doesEcho: !isInteractive,
    cwd,
    isAlive,
  });
  const news = board.changes$.subscribe((change) => {
    // A stop of a catchpoint that was deleted meanwhile is let go without a word.
    if (change.type === 'stale') void debuggee.resume(change.thread).catch(() => undefined);
    const text = tellChange(debuggee, change);
    if (text !== undefined) transcript.notice(text);
  });
  const notices = connection.notices$?.subscribe(({ error }) => {
    transcript.notice(describeBriefly(error));
  });
  const limit = maxStopMs === 0 ? undefined : new HoldLimit(debuggee, transcript, maxStopMs);
  const onAbort = (): void => {
    interpreter.leave(130);
    interpreter.waiter.cancel();
  };
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    greet(debuggee, transcript, options.standing === undefined ? 'it runs on' : 'it stands before its first instruction, and begins at continue'); // prettier-ignore
    return await runAll(options, interpreter, { input, output, isInteractive, env });
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    limit?.close();
    news.unsubscribe();
    notices?.unsubscribe();
    await detach(debuggee, interpreter, transcript);
  }
}

function createEngine(
  options: DebuggerOptions,
  transcript: Transcript,
  { cwd, env, mayWrite }: Pick<Surroundings, 'env'> & { cwd: string; mayWrite: boolean },
): DebugEngine {
  const { connection, gdbProgram: program, standing } = options;
  const native = new GdbEngine(connection, {
    cwd,
    env,
    mayWrite,
    tell: (text) => transcript.notice(text),
    ...(program === undefined ? {} : { program }),
    ...(standing === undefined ? {} : { standing }),
  });
  return new JointEngine(connection, new V8Engine(connection, { cwd }), native);
}

interface Surroundings {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
  readonly isInteractive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

async function runAll(
  options: DebuggerOptions,
  interpreter: Interpreter,
  { input, output, isInteractive, env }: Surroundings,
): Promise<number> {
  const errorOutput = options.errorOutput ?? process.stderr;
  const fail = ({ place, line }: BatchFailure): number => {
    // The transcript has the error itself; this says where, for whoever reads only this stream.
    errorOutput.write(`${place}: ${line}: failed${codeOf(interpreter)}\n`);
    return interpreter.exitCode ?? 1;
  };
  const files = options.files ?? [];
  for (const file of files) {
    const failure = await runFile(interpreter, file, errorOutput);
    if (failure !== undefined && !isInteractive) return fail(failure);
    if (interpreter.exitCode !== undefined) return interpreter.exitCode;
  }
  if (isInteractive) {
    const kept = options.historyFile ?? historyFile(env);
    const repl = new Repl({
      interpreter,
      input,
      output,
      historyFile: kept === false ? undefined : kept,
      isAlive,
    });
    await repl.run();
  } else if (!(options.isBatch === true && (files.length > 0 || input.isTTY === true))) {
    const failure = await runBatch(interpreter, input, 'stdin');
    if (failure !== undefined) return fail(failure);
  }
  return interpreter.exitCode ?? 0;
}

async function runFile(
  interpreter: Interpreter,
  file: string,
  errorOutput: Writable,
): Promise<BatchFailure | undefined> {
  try {
    await interpreter.runFile(file);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, place = file, line = message] = /^(.*?:\d+): (.*)$/s.exec(message) ?? [];
    if (place === file) errorOutput.write(`${describeError(error)}\n`);
    return { place, line };
  }
}

function codeOf(interpreter: Interpreter): string {
  return interpreter.lastError === undefined ? '' : ` (${interpreter.lastError.code})`;
}

function greet(debuggee: Debuggee, transcript: Transcript, state: string): void {
  const { pid, hello } = debuggee.connection;
  const what = [hello.name, hello.runtime].filter((part) => (part ?? '') !== '').join(', ');
  const threads = plural(debuggee.threads.length, 'thread');
  transcript.write(
    `Attached to process ${pid}${what === '' ? '' : ` (${what})`}, ${threads}; ${state}.`,
  );
}

/** Takes everything back and lets every held thread run, within a moment. */
async function detach(
  debuggee: Debuggee,
  interpreter: Interpreter,
  transcript: Transcript,
): Promise<void> {
  const { board, catchpoints, connection, engine } = debuggee;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, leaveWithinMs);
  });
  const leaving = async (): Promise<void> => {
    await Promise.allSettled([interpreter.waiter.close(), catchpoints.close()]);
    await Promise.allSettled(board.held.map((stop) => debuggee.resume(stop.thread)));
  };
  const end = await Promise.race([connection.ended, leaving(), tooLong]);
  clearTimeout(timer);
  board.close();
  // gdb leaves within a few seconds of its own: a breakpoint of its must not stay in the code.
  await engine.close();
  if (end === undefined) transcript.write(`Detached from process ${connection.pid}; it goes on.`);
}

/** Signal 0 asks without sending; a process of another user refuses, which is an answer too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
