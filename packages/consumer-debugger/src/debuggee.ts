import type { Catchpoints } from './catchpoints.ts';
import type { DebugEngine, EngineFrame, Place, StepKind } from './engine.ts';
import { debuggerError } from './errors.ts';
import { formatThread } from './format-stop.ts';
import type { Connection, ThreadInfo } from './internal-types.ts';
import type { Stop, StopBoard } from './stop-board.ts';

/** Where `list` goes on. */
export interface ListPosition {
  readonly place: Place;
  readonly from: number;
  readonly to: number;
}

/** The process being debugged, and what the user has selected of it. */
export class Debuggee {
  readonly connection: Connection;
  readonly engine: DebugEngine;
  readonly catchpoints: Catchpoints;
  readonly board: StopBoard;
  /** Key of the selected thread. */
  selectedThread: number | undefined;
  /** Level of the selected frame in the selected thread's stop. */
  selectedLevel = 0;
  listed: ListPosition | undefined;
  readonly #frames = new WeakMap<Stop, Promise<readonly EngineFrame[]>>();
  readonly #numbers = new Map<number, number>();

  constructor(
    connection: Connection,
    engine: DebugEngine,
    catchpoints: Catchpoints,
    board: StopBoard,
  ) {
    this.connection = connection;
    this.engine = engine;
    this.catchpoints = catchpoints;
    this.board = board;
  }

  /** The threads that can be debugged; the agent's own is not one. */
  get threads(): readonly ThreadInfo[] {
    return this.connection.threads.filter(
      (thread) => thread.state !== 'ended' && this.engine.handles(thread),
    );
  }

  /**
   * The number by which the user calls a thread: 1 for the main thread, then as they come; those
   * that run no JavaScript after those that do. The connection's keys also count threads that
   * cannot be debugged.
   */
  numberOf(key: number): number {
    if (!this.#numbers.has(key)) {
      const byAge = this.threads.toSorted(
        (a, b) => ageOf(a) - ageOf(b) || (a.tid === this.connection.pid ? -1 : a.tid - b.tid),
      );
      for (const thread of byAge) {
        if (!this.#numbers.has(thread.key)) this.#numbers.set(thread.key, this.#numbers.size + 1);
      }
    }
    const number = this.#numbers.get(key) ?? this.#numbers.size + 1;
    this.#numbers.set(key, number);
    return number;
  }

  /** `1 (main, tid 4242)`. */
  nameThread(key: number): string {
    const thread = this.connection.threads.find((other) => other.key === key);
    return formatThread(thread, this.numberOf(key));
  }

  tryGetThread(key: number): ThreadInfo | undefined {
    return this.threads.find((thread) => thread.key === key);
  }

  /** The thread that the user calls by this number. @throws ExtensionEventError `EE_THREAD_NUMBER` */
  getThread(number: number): ThreadInfo {
    const thread = this.threads.find((other) => this.numberOf(other.key) === number);
    if (thread !== undefined) return thread;
    const numbers = this.threads.map((other) => this.numberOf(other.key));
    throw debuggerError(
      'EE_THREAD_NUMBER',
      `There is no thread ${number}.`,
      numbers.length === 0
        ? 'No thread can be debugged just now.'
        : `There ${numbers.length === 1 ? 'is' : 'are'}: ${numbers.join(', ')}. info threads shows them.`,
    );
  }

  /** The selected thread; the main thread until the user or a stop selects another. */
  get thread(): ThreadInfo {
    const selected =
      this.selectedThread === undefined ? undefined : this.tryGetThread(this.selectedThread);
    const thread =
      selected ??
      this.threads.find((other) => other.threadId === 0) ??
      this.threads.find((other) => other.tid === this.connection.pid) ??
      this.threads[0];
    if (thread !== undefined) return thread;
    throw debuggerError(
      'EE_THREAD_NUMBER',
      'No thread can be debugged just now.',
      'info threads shows the threads of the process.',
    );
  }

  /** The selected thread's stop. @throws ExtensionEventError `EE_THREAD_RUNNING` */
  get stop(): Stop {
    const { thread } = this;
    const stop = this.board.shown(thread.key);
    if (stop !== undefined) return stop;
    const standing = this.board.held.find((other) => other.isShown);
    throw debuggerError(
      'EE_THREAD_RUNNING',
      `Thread ${this.nameThread(thread.key)} is running.`,
      standing === undefined
        ? 'continue waits for a catchpoint to stop it, interrupt stops it where it is.'
        : `thread ${this.numberOf(standing.thread)} selects one that stands; interrupt stops this one where it is.`,
    );
  }

  /** Threads that run JavaScript and others: what is shown of a thread says which it is. */
  get isMixed(): boolean {
    const native = this.threads.filter((thread) => thread.runs === 'native').length;
    return native > 0 && native < this.threads.length;
  }

  frames(stop: Stop): Promise<readonly EngineFrame[]> {
    const known = this.#frames.get(stop);
    if (known !== undefined) return known;
    const frames = this.engine.frames(stop.frame);
    this.#frames.set(stop, frames);
    return frames;
  }

  /** The selected frame. @throws ExtensionEventError `EE_THREAD_RUNNING`, `EE_FRAME_UNKNOWN` */
  async frame(): Promise<EngineFrame> {
    return this.frameAt(this.selectedLevel);
  }

  async frameAt(level: number): Promise<EngineFrame> {
    const frames = await this.frames(this.stop);
    const frame = frames[level];
    if (frame !== undefined) return frame;
    throw debuggerError(
      'EE_FRAME_UNKNOWN',
      frames.length === 0 ? 'The stack is empty.' : `There is no frame ${level}.`,
      frames.length === 0
        ? 'The thread was stopped between two pieces of work.'
        : `They are numbered from 0 to ${frames.length - 1}; bt shows them.`,
    );
  }

  /** Selects a thread and, of its stop, the frame that a user wants to see first. */
  async select(key: number): Promise<void> {
    this.selectedThread = key;
    this.selectedLevel = 0;
    this.listed = undefined;
    const stop = this.board.get(key);
    if (stop?.cause.type !== 'event') return;
    // Posts stop in the poster's frame; when there was none, library frames come first.
    const own = (await this.frames(stop)).find((frame) => frame.isUser);
    this.selectedLevel = own?.level ?? 0;
  }

  /** Releases our hold; resolves with the names of those who keep theirs. */
  resume(thread: number): Promise<readonly string[]> {
    return this.#run(thread, () => this.engine.resume(thread));
  }

  step(thread: number, kind: StepKind): Promise<void> {
    return this.#run(thread, () => this.engine.step(thread, kind));
  }

  finish(frame: EngineFrame, thread: number): Promise<void> {
    return this.#run(thread, () => this.engine.finish(thread, frame));
  }

  runTo(frame: EngineFrame, thread: number, place: Place): Promise<void> {
    return this.#run(thread, () => this.engine.runTo(frame, place));
  }

  /** Lets the engine leave a loop by itself, when it can. */
  async leaveLoop(thread: number): Promise<boolean> {
    if (this.engine.stepsByLine?.(thread) !== true) return false;
    return this.#run(thread, async () => (await this.engine.leaveLoop?.(thread)) === true);
  }

  async #run<T>(thread: number, request: () => Promise<T>): Promise<T> {
    const takeBack = this.board.release(thread);
    try {
      const result = await request();
      this.listed = undefined;
      return result;
    } catch (error) {
      takeBack();
      throw error;
    }
  }
}

/** JavaScript threads are as old as their number; the others are told apart by tid. */
function ageOf(thread: ThreadInfo): number {
  return thread.runs === 'native' ? Number.MAX_SAFE_INTEGER : thread.threadId;
}
