import { Candidates } from './candidates.ts';
import type { WaitOptions } from './context.ts';
import type { Debuggee } from './debuggee.ts';
import { debuggerError, describeError } from './errors.ts';
import { formatDuration } from './format-quantity.ts';
import type { ConnectionEnd } from './internal-types.ts';
import type { Stop } from './stop-board.ts';
import type { StopPresenter } from './stop-presenter.ts';
import { tellCandidate } from './tell.ts';
import type { Transcript } from './transcript.ts';
import { waitForStop } from './waiting.ts';

export interface WaiterOptions {
  /** How long a command waits for a stop; `undefined` waits for ever. */
  readonly timeoutMs: number | undefined;
  /** After this long without a stop, what comes nearest to the threshold is told. */
  readonly candidateAfterMs: number;
  readonly onEnd: (end: ConnectionEnd) => Promise<void>;
}

/** A thread that runs JavaScript has stopped by then. */
const idleAfterMs = 1000;

/** Waits for stops on behalf of commands, and meanwhile says what the user should know. */
export class StopWaiter {
  readonly #debuggee: Debuggee;
  readonly #transcript: Transcript;
  readonly #presenter: StopPresenter;
  readonly #options: WaiterOptions;
  readonly #candidates: Candidates;
  #waiting:
    | { readonly thread: number; readonly cancel: AbortController; isAsked: boolean }
    | undefined;
  #told = 0;

  constructor(
    debuggee: Debuggee,
    transcript: Transcript,
    presenter: StopPresenter,
    options: WaiterOptions,
  ) {
    this.#debuggee = debuggee;
    this.#transcript = transcript;
    this.#presenter = presenter;
    this.#options = options;
    this.#candidates = new Candidates(debuggee.connection);
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /**
   * Waits for the next stop that is shown; those that let their thread run on do not end it.
   *
   * @throws ExtensionEventError `EE_WAIT_TIMEOUT`
   */
  async wait(options: WaitOptions): Promise<Stop | undefined> {
    const thread = options.thread ?? this.#debuggee.thread.key;
    const waiting = { thread, cancel: new AbortController(), isAsked: false };
    this.#waiting = waiting;
    this.#told = 0;
    const advice = setInterval(() => void this.#advise(), this.#options.candidateAfterMs);
    const others = this.#announceOthers(options.thread);
    for (const entry of this.#debuggee.catchpoints.all) {
      if (entry.kind === 'catchpoint') this.#candidates.watch(entry);
    }
    try {
      return await this.#waitUntil(options, waiting.cancel.signal);
    } finally {
      clearInterval(advice);
      others();
      this.#waiting = undefined;
    }
  }

  /** Ctrl-C: first the thread that runs is stopped, then the wait is given up. */
  async interrupt(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (waiting.isAsked) {
      waiting.cancel.abort();
      return;
    }
    waiting.isAsked = true;
    const name = this.#debuggee.nameThread(waiting.thread);
    setTimeout(() => {
      if (this.#waiting !== waiting) return;
      const isNative = this.#debuggee.tryGetThread(waiting.thread)?.runs === 'native';
      this.#transcript.notice(
        isNative
          ? `thread ${name} does not come to stand yet; Ctrl-C again gives up`
          : `thread ${name} waits for work: it stops when it next runs JavaScript; Ctrl-C again gives up`,
      );
    }, idleAfterMs).unref();
    try {
      await this.#debuggee.engine.pause(waiting.thread);
    } catch (error) {
      this.#transcript.write(...describeError(error).split('\n'));
      waiting.cancel.abort();
    }
  }

  /** Gives up the wait, whatever it is for. */
  cancel(): void {
    this.#waiting?.cancel.abort();
  }

  /** Takes back what still listens for advice. */
  close(): Promise<void> {
    return this.#candidates.close();
  }

  async #waitUntil(options: WaitOptions, signal: AbortSignal): Promise<Stop | undefined> {
    const { board, connection } = this.#debuggee;
    const { timeoutMs } = this.#options;
    const deadline = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
    for (;;) {
      const outcome = await waitForStop(board, connection, {
        signal,
        ...(options.thread === undefined ? {} : { thread: options.thread }),
        ...(deadline === undefined ? {} : { timeoutMs: Math.max(0, deadline - performance.now()) }),
      });
      switch (outcome.type) {
        case 'stopped':
          if (await this.#presenter.present(outcome.stop, options.show)) return outcome.stop;
          break;
        case 'ended':
          await this.#options.onEnd(outcome.end);
          return undefined;
        case 'timeout':
          throw await this.#tooLate(options.what);
        case 'cancelled':
          this.#transcript.write('Not waiting any longer; the thread runs on.');
          return undefined;
        default:
          return outcome satisfies never;
      }
    }
  }

  /** While one thread is waited for, the others' stops are told in a line. */
  #announceOthers(thread: number | undefined): () => void {
    if (thread === undefined) return () => undefined;
    const { board } = this.#debuggee;
    for (const stop of board.held) if (stop.thread !== thread) this.#presenter.announce(stop);
    const subscription = board.changes$.subscribe((change) => {
      if (change.type === 'stopped' && change.stop.thread !== thread) {
        this.#presenter.announce(change.stop);
      }
    });
    return () => subscription.unsubscribe();
  }

  /** Calm: at first soon, then ever more rarely. */
  async #advise(): Promise<void> {
    const { latest } = this.#candidates;
    if (latest === undefined) return;
    this.#told++;
    const isPowerOfTwo = (this.#told & (this.#told - 1)) === 0;
    if (isPowerOfTwo) await tellCandidate(this.#debuggee, this.#transcript, latest);
  }

  async #tooLate(what: string): Promise<Error> {
    const { latest } = this.#candidates;
    // Said last, it is what the user reads first.
    if (latest !== undefined) await tellCandidate(this.#debuggee, this.#transcript, latest);
    const limit = formatDuration((this.#options.timeoutMs ?? 0) * 1e6);
    const caught = this.#debuggee.catchpoints.all
      .filter((entry) => entry.isEnabled)
      .map((entry) => (entry.kind === 'catchpoint' ? entry.pattern : entry.wanted));
    const list = caught.length === 0 ? 'nothing is caught' : `waiting: ${caught.join(', ')}`;
    return debuggerError(
      'EE_WAIT_TIMEOUT',
      `${limit} have passed without ${what} (${list}).`,
      'Wait longer with --timeout MS; info events shows what can be caught, continue & does not wait.',
    );
  }
}
