import type { AnyPayload, EventType, ProbeContext } from '@extension-events/core';
import type { ScriptBudget } from '../program/wire.ts';
import { Overrun, type ProbeLabel, reasonOf, type StopReason } from './errors.ts';
import { type BodyContext, Machine, type Run, type Throwable } from './machine.ts';
import { Meter } from './meter.ts';

/** What the machine asks of its instance. */
export interface MachineHooks {
  readonly nowNs: () => number;
  readonly wallMs: () => number;
  print(text: string): void;
  exit(): void;
  stop(reason: StopReason): void;
}

// Leaves a body whose script has been stopped by something inside it.
const leave = Symbol('the script has stopped');
const windowNs = 1e9;

/** Runs bodies inside posts, keeps them to their budget, and never throws. */
export class ThreadMachine extends Machine {
  readonly wallMs: () => number;
  isStopped = false;
  /** Bodies that were left since their payload threw or was not as declared any more. */
  failed = 0;
  thrown = 0;
  printed = 0;
  readonly meter: Meter;
  readonly #hooks: MachineHooks;
  #nesting = 0;
  #outputStartNs = Number.NEGATIVE_INFINITY;
  #outputUnits = 0;

  constructor(budget: ScriptBudget, hooks: MachineHooks) {
    super(budget);
    this.#hooks = hooks;
    this.wallMs = hooks.wallMs;
    this.meter = new Meter(budget.threadShare, hooks.nowNs);
  }

  post(context: BodyContext, type: Throwable, payload: AnyPayload): void {
    const { nesting } = this.budget;
    if (this.#nesting >= nesting) {
      throw new Overrun(`Thrown events are nested more than ${nesting} deep (nesting of thrown events).`, `a chain of probes that throw for each other has at most ${nesting}, and none may come back to where it began.`); // prettier-ignore
    }
    this.thrown++;
    this.#inside(() => (context as ProbeContext).post(type as EventType, payload));
  }

  print(_context: BodyContext, text: string): void {
    const { outputBytesPerSecond } = this.budget;
    const nowNs = this.#hooks.nowNs();
    if (nowNs - this.#outputStartNs >= windowNs) {
      this.#outputStartNs = nowNs;
      this.#outputUnits = 0;
    }
    this.#outputUnits += text.length;
    if (this.#outputUnits > outputBytesPerSecond) {
      throw new Overrun(`The script printed more than ${outputBytesPerSecond} characters in a second (output).`, 'count in a map and print it in a timer probe.'); // prettier-ignore
    }
    this.printed++;
    this.#inside(() => this.#hooks.print(text));
  }

  // Others run in there: a script that hears the event, a debugger that stops for it.
  #inside(post: () => void): void {
    this.#nesting++;
    try {
      this.meter.leaveOut(post);
    } finally {
      this.#nesting--;
    }
    // oxlint-disable-next-line typescript/only-throw-error -- caught by the body; see Overrun
    if (this.isStopped) throw leave;
  }

  exit(): void {
    this.#hooks.exit();
  }

  fail(error: unknown, probe: ProbeLabel): false {
    if (error === leave) return false;
    if (error instanceof Overrun) this.#hooks.stop(error.in(probe));
    else this.failed++;
    return false;
  }

  time(run: Run, payload: AnyPayload, context: BodyContext): boolean {
    try {
      const isMatch = this.meter.time(run, payload, context, (gap) => {
        this.left = gap;
      });
      if (this.meter.isOver) this.#hooks.stop(this.meter.reason);
      return isMatch;
    } catch (error) {
      // Not of the body, which throws nothing: of the clock, when the program's stack is used up.
      this.#hooks.stop(reasonOf(error));
      return false;
    }
  }
}
