import { ExtensionEventError } from '@extension-events/core';
import type { Ptrace } from './ptrace.ts';
import { tryReadTraceState } from './refusal.ts';
import { hideInterruption } from './restart-call.ts';
import type { PtraceStop } from './wait-status.ts';

/** A held thread is about to take a signal. */
export interface HeldSignal {
  readonly tid: number;
  readonly signal: number;
  /** Tells a perf event's notice (`POLL_IN` 1 and up) from kill(2) (0) and the kernel's own (128). */
  readonly siCode: number;
}

/**
 * What becomes of a signal: the thread takes it; it never comes; it never comes and the thread stays stopped until
 * {@link ThreadHolder.resume}.
 */
export type SignalVerdict = 'pass' | 'swallow' | 'hold';

/** Why a thread is not held any more. */
export type ThreadEnd = 'exited' | 'exec' | 'taken';

export interface ThreadHolderOptions {
  /** Asked at every signal of every thread. Throwing passes the signal on. */
  onSignal(signal: HeldSignal): SignalVerdict;
  onEnd?(tid: number, why: ThreadEnd): void;
}

interface Thread {
  readonly tid: number;
  readonly pid: number;
  state: 'runs' | 'held' | 'leaves';
}

// A signal of a stop reaches us as SIGCHLD; this is for one that was taken before we listened.
const lookMs = 50;
const leaveMs = 1000;
const sigchld = 'SIGCHLD';

/**
 * Traces threads of another process so that it can be told, and decide, which signals they take. The
 * threads run as before: signals pass with everything that they carry, job control and exec work, new threads are not
 * touched. When this process ends, however it ends, the kernel lets all of them go.
 *
 * For the main thread of a process that is not the threads' parent, see {@link Ptrace}. A traced thread
 * that gets a signal waits until this thread's event loop looks: keep that free.
 */
export class ThreadHolder implements Disposable {
  readonly #ptrace: Ptrace;
  readonly #options: ThreadHolderOptions;
  readonly #threads: Map<number, Thread> = new Map();
  readonly #look = (): void => this.poll();
  #timer: NodeJS.Timeout | undefined;

  constructor(ptrace: Ptrace, options: ThreadHolderOptions) {
    this.#ptrace = ptrace;
    this.#options = options;
  }

  /** The threads that are traced now. */
  get tids(): readonly number[] {
    return [...this.#threads.keys()];
  }

  isHeld(tid: number): boolean {
    return this.#threads.get(tid)?.state === 'held';
  }

  /**
   * Traces a thread from now on; it does not stop.
   *
   * @throws ExtensionEventError `EE_PTRACE_PERMISSION`, `EE_PTRACE_BUSY`, `EE_PTRACE_GONE`
   */
  seize(tid: number): void {
    const present = this.#threads.get(tid);
    if (present !== undefined) {
      if (present.state === 'leaves') present.state = 'runs';
      return;
    }
    const pid = tryReadTraceState(tid)?.pid ?? tid;
    this.#ptrace.seize(tid);
    this.#threads.set(tid, { tid, pid, state: 'runs' });
    this.#watch();
  }

  /** Lets a thread go on that a verdict held, taking the signal (0: none). Idempotent. */
  resume(tid: number, signal = 0): void {
    const thread = this.#threads.get(tid);
    if (thread?.state !== 'held') return;
    thread.state = 'runs';
    this.#try(thread, () => this.#continue(tid, signal));
  }

  /**
   * Lets a thread go for good. It must stop for a moment, as the kernel wants it, which may take until it
   * leaves the kernel; this returns at once.
   */
  release(tid: number): void {
    const thread = this.#threads.get(tid);
    if (thread === undefined || thread.state === 'leaves') return;
    if (thread.state === 'held') this.#leave(thread, 0);
    else {
      thread.state = 'leaves';
      this.#try(thread, () => this.#ptrace.interrupt(tid));
      this.#lookAt(thread);
    }
  }

  /** Looks at all threads now, as SIGCHLD does by itself. */
  poll(): void {
    for (const thread of this.#threads.values()) this.#lookAt(thread);
  }

  /** Lets all threads go, and waits for them for at most a second; the kernel does the rest when this process ends. */
  [Symbol.dispose](): void {
    for (const tid of this.tids) this.release(tid);
    const until = performance.now() + leaveMs;
    while (this.#threads.size > 0 && performance.now() < until) {
      Atomics.wait(pause, 0, 0, 1);
      this.poll();
    }
    this.#threads.clear();
    this.#unwatch();
  }

  #watch(): void {
    if (this.#timer !== undefined) return;
    process.on(sigchld, this.#look);
    this.#timer = setInterval(this.#look, lookMs);
  }

  #unwatch(): void {
    if (this.#timer === undefined || this.#threads.size > 0) return;
    process.off(sigchld, this.#look);
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #lookAt(thread: Thread): void {
    // Several stops may be waiting, one after the other. A held thread has but its end to report.
    while (this.#threads.get(thread.tid) === thread) {
      let stop: PtraceStop | undefined;
      try {
        stop = this.#ptrace.waitFor(thread.tid);
      } catch {
        this.#lost(thread);
        return;
      }
      if (stop === undefined) return;
      this.#try(thread, () => this.#answer(thread, stop));
    }
  }

  #answer(thread: Thread, stop: PtraceStop): void {
    const { tid } = thread;
    const isLeaving = thread.state === 'leaves';
    switch (stop.kind) {
      case 'exited':
      case 'killed':
        return this.#end(thread, 'exited');
      case 'signal':
        return this.#signal(thread, stop.signal);
      case 'group-stop':
        // Detached from a group-stop it stays stopped like the rest of its process.
        return isLeaving ? this.#leave(thread, 0) : this.#ptrace.listen(tid);
      case 'interrupt':
        if (!isLeaving) return this.#ptrace.cont(tid);
        hideInterruption(this.#ptrace, tid);
        return this.#leave(thread, 0);
      case 'event':
        // Another program from here on: whoever wants it seizes it again.
        if (stop.event === 'exec') return this.#leave(thread, 0, 'exec');
        return this.#ptrace.cont(tid);
      case 'syscall':
        return this.#ptrace.cont(tid);
    }
  }

  #signal(thread: Thread, signal: number): void {
    const { tid } = thread;
    const verdict = this.#ask(tid, signal);
    if (thread.state === 'leaves') return this.#leave(thread, verdict === 'pass' ? signal : 0);
    if (verdict === 'hold') thread.state = 'held';
    else this.#continue(tid, verdict === 'pass' ? signal : 0);
  }

  #continue(tid: number, signal: number): void {
    if (signal === 0) hideInterruption(this.#ptrace, tid);
    this.#ptrace.cont(tid, signal);
  }

  #ask(tid: number, signal: number): SignalVerdict {
    try {
      return this.#options.onSignal({ tid, ...this.#ptrace.siginfo(tid), signal });
    } catch {
      return 'pass';
    }
  }

  #leave(thread: Thread, signal: number, why?: ThreadEnd): void {
    this.#ptrace.detach(thread.tid, signal);
    if (why === undefined) this.#forget(thread);
    else this.#end(thread, why);
  }

  // SIGKILL ends any stop: what was asked of a thread that has just gone is no error.
  #try(thread: Thread, run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof ExtensionEventError)) throw error;
      if (error.code === 'EE_PTRACE_GONE') this.#reap(thread);
    }
  }

  #reap(thread: Thread): void {
    try {
      const stop = this.#ptrace.waitFor(thread.tid);
      if (stop !== undefined) this.#end(thread, 'exited');
    } catch {
      this.#end(thread, 'exited');
    }
  }

  // No longer ours under this number: it ended with an exec of another thread, or it made the exec
  // itself and has its process's number now, where it waits for us (ptrace(2), "execve under ptrace").
  #lost(thread: Thread): void {
    const { pid, tid } = thread;
    if (pid !== tid && !this.#threads.has(pid)) {
      try {
        const stop = this.#ptrace.waitFor(pid);
        if (stop?.kind === 'event') this.#ptrace.detach(pid);
      } catch {
        // it was not this one
      }
    }
    this.#end(thread, tryReadTraceState(tid) === undefined ? 'exited' : 'taken');
  }

  #end(thread: Thread, why: ThreadEnd): void {
    this.#forget(thread);
    this.#options.onEnd?.(thread.tid, why);
  }

  #forget(thread: Thread): void {
    this.#threads.delete(thread.tid);
    this.#unwatch();
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
