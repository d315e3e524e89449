import type { AnyPayload } from '@extension-events/core';
import type { RemoteThrow, ScriptBudget } from '../program/wire.ts';
import { Overrun, type ProbeLabel, reasonOf, type StopReason } from '../runtime/errors.ts';
import { tellPayload } from '../runtime/fit.ts';
import { type BodyContext, Machine, type Run, type Throwable } from '../runtime/machine.ts';

/** An event of the program, as the coordinator throws it: by name, in the threads. */
export class RemoteType implements Throwable {
  readonly name: string;
  // Who listens is known in the threads.
  readonly hasListeners: boolean = true;

  constructor(name: string) {
    this.name = name;
  }
}

/** Runs begin, end and timer probes. What they throw is posted when they are done. */
export class CoordinatorMachine extends Machine {
  // Nothing is timed: the process is the consumer's own.
  override left: number = Number.POSITIVE_INFINITY;
  readonly wallMs: () => number;
  readonly thrown: RemoteThrow[] = [];
  hasExited = false;
  error: StopReason | undefined;
  readonly #output: (text: string) => void;

  constructor(budget: ScriptBudget, output: (text: string) => void, wallMs: () => number) {
    super(budget);
    this.#output = output;
    this.wallMs = wallMs;
  }

  post(_context: BodyContext, type: Throwable, payload: AnyPayload): void {
    const { name: event } = type as RemoteType;
    this.thrown.push({ event, payload: tellPayload(payload) });
  }

  print(_context: BodyContext, text: string): void {
    this.#output(text);
  }

  exit(): void {
    this.hasExited = true;
  }

  fail(error: unknown, probe: ProbeLabel): false {
    this.error ??= error instanceof Overrun ? error.in(probe) : reasonOf(error);
    return false;
  }

  time(run: Run, payload: AnyPayload, context: BodyContext): boolean {
    return run(payload, context);
  }
}
