import { kill } from 'node:process';
import { ExtensionEventError } from '@extension-events/core';
import type { Ptrace } from './ptrace.ts';
import type { PtraceStop } from './wait-status.ts';

/** Whoever waits for a process to become its program. */
export interface ExecStopListener {
  /** It stands at its exec: the program is mapped, and not one instruction of it has run. */
  onReached(): void;
  /** It has ended: there is nothing to hold, and nothing to let go. */
  onEnd(): void;
}

// A stop reaches us as SIGCHLD; this is for one that came before anybody listened.
const lookMs = 20;
const leaveMs = 1000;
const sigchld = 'SIGCHLD';

/**
 * Holds a process at its next exec, before the first instruction of the program that it becomes.
 *
 * Up to then it runs, takes its signals and stops with its job as ever. It is held by tracing, not by
 * a stop signal: when this process ends, however it ends, the kernel lets it run on. The one
 * exception is {@link stepAside}. It must not be a child of this very process: libuv would collect
 * its stops.
 */
export class ExecStop implements Disposable {
  readonly #ptrace: Ptrace;
  readonly #pid: number;
  readonly #listener: ExecStopListener;
  readonly #look = (): void => this.poll();
  readonly #timer: NodeJS.Timeout;
  #state: 'waits' | 'stands' | 'aside' | 'over' = 'waits';

  /** @throws ExtensionEventError `EE_PTRACE_PERMISSION`, `EE_PTRACE_BUSY`, `EE_PTRACE_GONE` */
  constructor(ptrace: Ptrace, pid: number, listener: ExecStopListener) {
    this.#ptrace = ptrace;
    this.#pid = pid;
    this.#listener = listener;
    ptrace.seize(pid);
    process.on(sigchld, this.#look);
    this.#timer = setInterval(this.#look, lookMs);
  }

  /** Lets the program begin, without a tracer. Idempotent; before its exec it goes on unheld. */
  begin(): void {
    if (this.#state === 'stands') this.#leave();
    else if (this.#state === 'aside') this.#try(() => kill(this.#pid, 'SIGCONT'));
    else if (this.#state === 'waits') this.#try(() => this.#leaveRunning());
    this.#state = 'over';
    this.#unwatch();
  }

  /**
   * Makes room for another tracer: leaves the program stopped by SIGSTOP, still before its first
   * instruction. Whoever calls this sees to {@link begin} once that tracer has it, or nobody.
   *
   * @returns whether it stands there; false when there is nothing that stands
   */
  stepAside(): boolean {
    if (this.#state !== 'stands') return this.#state === 'aside';
    // Taken when the thread leaves the exec's stop, on its way to the first instruction.
    this.#try(() => kill(this.#pid, 'SIGSTOP'));
    this.#leave();
    this.#state = 'aside';
    return true;
  }

  /** Looks now, as SIGCHLD does by itself. */
  poll(): void {
    while (this.#state === 'waits' || this.#state === 'stands') {
      try {
        const stop = this.#ptrace.waitFor(this.#pid);
        if (stop === undefined) return;
        this.#answer(stop);
      } catch {
        return this.#end();
      }
    }
  }

  [Symbol.dispose](): void {
    this.begin();
  }

  #answer(stop: PtraceStop): void {
    const pid = this.#pid;
    switch (stop.kind) {
      case 'exited':
      case 'killed':
        return this.#end();
      case 'signal':
        return this.#try(() => this.#ptrace.cont(pid, stop.signal));
      case 'group-stop':
        return this.#try(() => this.#ptrace.listen(pid));
      case 'event':
        if (stop.event !== 'exec') return this.#try(() => this.#ptrace.cont(pid));
        this.#state = 'stands';
        return this.#listener.onReached();
      case 'interrupt':
      case 'syscall':
        return this.#try(() => this.#ptrace.cont(pid));
    }
  }

  #leave(): void {
    this.#try(() => this.#ptrace.detach(this.#pid));
  }

  // The kernel wants a stop to detach from; one that does not come ends with this process.
  #leaveRunning(): void {
    this.#ptrace.interrupt(this.#pid);
    const until = performance.now() + leaveMs;
    while (performance.now() < until) {
      const stop = this.#ptrace.waitFor(this.#pid);
      if (stop !== undefined) {
        return this.#ptrace.detach(this.#pid, stop.kind === 'signal' ? stop.signal : 0);
      }
      Atomics.wait(pause, 0, 0, 1);
    }
  }

  #end(): void {
    this.#state = 'over';
    this.#unwatch();
    this.#listener.onEnd();
  }

  #unwatch(): void {
    process.off(sigchld, this.#look);
    clearInterval(this.#timer);
  }

  // SIGKILL ends any stop: what was asked of a process that has just gone is no error.
  #try(run: () => void): void {
    try {
      run();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!(error instanceof ExtensionEventError) && code !== 'ESRCH') throw error;
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
