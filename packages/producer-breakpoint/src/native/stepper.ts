import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { monotonicNs } from '@extension-events/core';
import type { PtraceStop } from '@extension-events/platform-linux/ptrace';
import { guard } from './guard.ts';

/** What stepping needs of a tracer; see `Ptrace`. */
export interface StepTracer {
  seize(tid: number): void;
  interrupt(tid: number): void;
  waitFor(tid: number): PtraceStop | undefined;
  /** Of a stopped thread. */
  pc(tid: number): bigint;
  /** Of a thread in a signal's stop: `si_code`. */
  signalCode(tid: number): number;
  /** Of a thread that was just interrupted: lets its system call begin anew where the kernel would end it. */
  hideInterruption(tid: number): void;
  /** Is SIGTRAP about to be taken by the thread? */
  hasPendingTrap(tid: number): boolean;
  advance(tid: number, signal: number): void;
  /** Runs until the next stop. */
  cont(tid: number, signal: number): void;
  detach(tid: number, signal: number): void;
}

/** How many steps, and how long at most. */
export interface StepLimits {
  readonly count: number;
  readonly maxMs: number;
}

/** Why stepping ended. */
export type StepEnd = 'count' | 'time' | 'left' | 'thread-ended' | 'stopped' | 'exec';

const sigtrap = 5;
// include/uapi/asm-generic/siginfo.h: after a system call the kernel says "breakpoint", else "trace".
const trapCodes: readonly number[] = [1, 2];
// A step takes some microseconds; a system call may take for ever.
const spinNs = 1e6;
const sliceNs = 10e6;
const leaveMs = 1000;

/**
 * Steps one thread and lets it run on. The event loop gets its turn every few milliseconds, and
 * while the thread is inside a system call.
 */
export class Stepper {
  readonly #tracer: StepTracer;
  readonly #tid: number;
  #isOver = false;
  /** A signal that the thread is about to take: it does with the next step, or with the end. */
  #signal = 0;
  #isRunning = true;
  #isGone = false;

  /** Becomes the thread's tracer. @throws ExtensionEventError `EE_PTRACE_BUSY`, `EE_PTRACE_PERMISSION`, `EE_PTRACE_GONE` */
  constructor(tracer: StepTracer, tid: number) {
    this.#tracer = tracer;
    this.#tid = tid;
    tracer.seize(tid);
  }

  /** Ends stepping at the next occasion. */
  leave(): void {
    this.#isOver = true;
  }

  /** Steps; when this resolves, the thread runs as if nothing had been. Never rejects. */
  async run({ count, maxMs }: StepLimits, stepped: (pc: bigint, timestampNs: number) => void): Promise<StepEnd> {
    const untilNs = monotonicNs() + maxMs * 1e6;
    using _ = guard({ undo: () => this.#leaveNow() });
    try {
      this.#tracer.interrupt(this.#tid);
      const begun = await this.#begin(untilNs);
      if (begun !== undefined) return begun;
      return await this.#steps(count, untilNs, stepped);
    } catch {
      return this.#isGone ? 'left' : 'thread-ended'; // SIGKILL ends any stop
    } finally {
      this.#isGone = true;
    }
  } // prettier-ignore

  async #begin(untilNs: number): Promise<StepEnd | undefined> {
    for (;;) {
      const stop = await this.#wait(untilNs);
      if (stop === 'late') return this.#letGo('time', true);
      if (stop.kind === 'interrupt') {
        this.#isRunning = false;
        this.#tracer.hideInterruption(this.#tid);
        return undefined;
      }
      const end = this.#endOf(stop);
      if (end !== undefined) return end;
      // A signal came first: it is taken, and the interruption is still to come.
      this.#tracer.cont(this.#tid, stop.kind === 'signal' ? stop.signal : 0);
    }
  }

  async #steps(
    count: number,
    untilNs: number,
    stepped: (pc: bigint, timestampNs: number) => void,
  ): Promise<StepEnd> {
    const tid = this.#tid;
    let sliceEndNs = monotonicNs() + sliceNs;
    for (let made = 0; made < count;) {
      if (this.#isOver) return this.#letGo('left', false);
      const nowNs = monotonicNs();
      if (nowNs > untilNs) return this.#letGo('time', false);
      if (nowNs > sliceEndNs) {
        await turn();
        sliceEndNs = monotonicNs() + sliceNs;
      }
      const signal = this.#signal;
      this.#signal = 0;
      this.#isRunning = true;
      this.#tracer.advance(tid, signal);
      const stop = this.#look() ?? (await this.#wait(untilNs));
      if (stop === 'late') return this.#letGo(this.#isOver ? 'left' : 'time', true);
      this.#isRunning = false;
      const end = this.#endOf(stop);
      if (end !== undefined) return end;
      if (stop.kind !== 'signal') continue;
      if (this.#isOwnTrap(stop)) {
        stepped(this.#tracer.pc(tid), monotonicNs());
        made++;
      } else this.#signal = stop.signal; // the program's own
    }
    return this.#letGo('count', false);
  }

  /** What ends stepping at once; the thread is let go where that is still to be done. */
  #endOf(stop: PtraceStop): StepEnd | undefined {
    switch (stop.kind) {
      case 'exited':
      case 'killed':
        return 'thread-ended';
      case 'group-stop':
        this.#tracer.detach(this.#tid, 0); // it stays stopped like the rest of its process
        return 'stopped';
      case 'event':
        this.#tracer.detach(this.#tid, 0);
        return stop.event === 'exec' ? 'exec' : 'stopped';
      case 'signal':
      case 'interrupt':
      case 'syscall':
        return undefined;
      default:
        return stop satisfies never;
    }
  }

  /** Waits a moment without giving up the turn. */
  #look(forNs = spinNs): PtraceStop | undefined {
    const untilNs = monotonicNs() + forNs;
    for (;;) {
      const stop = this.#tracer.waitFor(this.#tid);
      if (stop !== undefined || monotonicNs() > untilNs) return stop;
    }
  }

  async #wait(untilNs: number): Promise<PtraceStop | 'late'> {
    for (;;) {
      const stop = this.#tracer.waitFor(this.#tid);
      if (stop !== undefined) return stop;
      if (this.#isOver || monotonicNs() > untilNs) return 'late';
      await delay(1);
    }
  }

  /** @param isRunning - it must be stopped first, as the kernel wants it */
  async #letGo(end: StepEnd, isRunning: boolean): Promise<StepEnd> {
    const tracer = this.#tracer;
    const tid = this.#tid;
    if (isRunning) tracer.interrupt(tid);
    else if (tracer.hasPendingTrap(tid)) tracer.cont(tid, this.#signal);
    else {
      tracer.detach(tid, this.#signal);
      return end;
    }
    for (;;) {
      // However long it takes: it would stop at the end of its system call, and stand there.
      const stop = tracer.waitFor(tid);
      if (stop === undefined) {
        await delay(1);
        continue;
      }
      const over = this.#endOf(stop);
      if (over !== undefined) return over;
      if (this.#isParting(stop)) return end;
    }
  }

  /**
   * Lets a thread go from this stop, unless another is to come first: the end of a system call that was
   * entered by a step queues the trap of that step, and taken untraced it would kill the process.
   */
  #isParting(stop: PtraceStop): boolean {
    const tracer = this.#tracer;
    const tid = this.#tid;
    if (stop.kind === 'interrupt') tracer.hideInterruption(tid);
    const signal = stop.kind === 'signal' && !this.#isOwnTrap(stop) ? stop.signal : 0;
    if (tracer.hasPendingTrap(tid)) {
      tracer.cont(tid, signal);
      return false;
    }
    tracer.detach(tid, signal);
    return true;
  }

  /** The process is about to end: a thread left between two steps would be killed by its trap. */
  #leaveNow(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#isOver = true;
    try {
      if (!this.#isRunning) return this.#tracer.detach(this.#tid, this.#signal);
      this.#tracer.interrupt(this.#tid);
      for (;;) {
        const stop = this.#look(leaveMs * 1e6);
        if (stop === undefined || this.#endOf(stop) !== undefined || this.#isParting(stop)) return;
      }
    } catch {
      // it has ended
    }
  }

  #isOwnTrap(stop: PtraceStop): boolean {
    return (
      stop.kind === 'signal' &&
      stop.signal === sigtrap &&
      trapCodes.includes(this.#tracer.signalCode(this.#tid))
    );
  }
}
