import type { AnyPayload, PredicateContext } from '@extension-events/core';
import { byteLengthOf } from './payload.ts';
import type { CheckedGlobal, FormatPart } from '../program/checked.ts';
import type { ScriptBudget } from '../program/wire.ts';
import { payloadStringLength } from './budget.ts';
import { Overrun, type ProbeLabel } from './errors.ts';
import { formatText } from './format.ts';
import type { Surroundings } from './functions.ts';
import { type EntryKey, joinKey, splitKey } from './keys.ts';
import type { Key } from '../program/wire.ts';

/** An event type that a body throws. */
export interface Throwable {
  readonly hasListeners: boolean;
}

/** Where a body runs: a {@link ProbeContext}, or the coordinator's likeness of one. */
export interface BodyContext extends PredicateContext {
  captureStack(depth: number): string;
}

/** A body: true when its condition held. */
export type Run = (payload: AnyPayload, context: BodyContext) => boolean;

/**
 * What bodies call for all that is more than a line: generated code knows it as `r`. One for each
 * script and thread, and one in the coordinator.
 */
export abstract class Machine implements Surroundings {
  readonly budget: ScriptBudget;
  readonly textLimit: number;
  /** How many bodies that write to globals are running, one inside the other. */
  depth = 0;
  /** Hits until the next one is timed. */
  left = 1;

  constructor(budget: ScriptBudget) {
    this.budget = budget;
    this.textLimit = budget.stringLength;
  }

  abstract readonly wallMs: () => number;
  /** Posts an event inside the body. */
  abstract post(context: BodyContext, type: Throwable, payload: AnyPayload): void;
  abstract print(context: BodyContext, text: string): void;
  abstract exit(): void;
  /** Something was thrown inside the body of a probe; says that it did not match. */
  abstract fail(error: unknown, probe: ProbeLabel): false;
  /** Runs a body whose turn it is to be timed. */
  abstract time(run: Run, payload: AnyPayload, context: BodyContext): boolean;

  failFuel(): never {
    const { statementsPerHit } = this.budget;
    throw new Overrun(`A probe ran more than ${statementsPerHit} statements in one go (statements per hit).`, 'do less each time, or bound the loop.'); // prettier-ignore
  }

  failText(): never {
    throw new Overrun(`The script built a text of more than ${this.textLimit} characters (string length).`, 'cut it with substr(), or print it in parts.'); // prettier-ignore
  }

  /** A text that the script has built. */
  text(text: string): string {
    return text.length > this.textLimit ? this.failText() : text;
  }

  /** A text of the payload; what is too long is cut and not refused. */
  cut(text: string): string {
    return text.slice(0, payloadStringLength);
  }

  cutStack(text: string): string {
    return text.slice(0, this.textLimit);
  }

  /** @param brought - the stack that the event has with it */
  stack(context: BodyContext, depth: number, brought?: string): string {
    if (brought === undefined) return this.cutStack(context.captureStack(depth));
    return this.cutStack(brought.split('\n', depth).join('\n'));
  }

  format(parts: readonly FormatPart[], operands: readonly never[]): string {
    return this.text(formatText(parts, operands));
  }

  group(regex: RegExp, group: number, subject: string): string | undefined {
    return regex.exec(subject)?.[group];
  }

  key(part: EntryKey, rest: EntryKey): string {
    return joinKey(part, rest);
  }

  split(global: CheckedGlobal, key: EntryKey): Key {
    return splitKey(global, key);
  }

  byteLength(bytes: Uint8Array): number {
    return byteLengthOf(bytes);
  }
}
