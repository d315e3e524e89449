import type { AnyPayload } from '@extension-events/core';

const maxHops = 200;
// A step ends with its function, within milliseconds as a rule. The watchdog looks twice a second.
const maxLooks = 6;

/** A catchpoint that matched: what the debugger of a thread tells its owner. */
export interface Caught {
  readonly catchIds: readonly number[];
  readonly event: string;
  readonly payload: AnyPayload;
  readonly timestampNs: number;
}

/** Where a thread came to stand. */
export interface Landed {
  readonly where: 'exact' | 'function' | 'elsewhere' | 'in-place';
  readonly notes: readonly string[];
  /** V8 stopped the thread in the midst of something, and not at the end of a step. */
  readonly isAsync?: true;
}

/**
 * A thread on its way from a caught post to the code of the user: it steps out, frame by frame, until
 * that is on top. Other inspector sessions may veto blackboxing, so we do without it.
 */
export class Landing {
  readonly caught: Caught;
  /** What was caught on the way: a script throws one event inside the post of another. */
  readonly others: Caught[] = [];
  readonly #where: 'exact' | 'elsewhere';
  /** Frames that remain when the nearest frame of the program is on top. */
  #depth: number;
  #hops = 0;
  /** Looks of the watchdog that found the thread running since the last step. */
  #looks = 0;

  /** @param isUser - of that frame: it is the user's own, and not a dependency's */
  constructor(caught: Caught, depth: number, isUser: boolean) {
    this.caught = caught;
    this.#depth = depth;
    this.#where = isUser ? 'exact' : 'elsewhere';
  }

  /** The post that is left on the way out may be caught too, and so may what happens further down. */
  meet(caught: Caught, depth: number): void {
    this.others.push(caught);
    this.#depth = Math.max(this.#depth, depth);
  }

  /** The thread has paused, so many frames deep; undefined: it steps out once more. */
  arrive(depth: number): Landed | undefined {
    if (depth <= this.#depth) return this.#landAt(depth);
    if (this.#hops++ > maxHops)
      return { where: 'in-place', notes: [`Gave up landing after ${maxHops} steps.`] };
    if (this.#looks >= maxLooks) {
      const note = 'The code that posted did not return to the program in time: stopped where the thread was.'; // prettier-ignore
      return { where: 'elsewhere', notes: [note], isAsync: true };
    }
    this.#looks = 0;
    return undefined;
  }

  #landAt(depth: number): Landed {
    const notes: string[] = [];
    if (this.#where === 'elsewhere')
      notes.push('No user code is below this post: stopped in the nearest frame of a dependency.');
    if (depth < this.#depth) notes.push('The frame of the post had ended: stopped in its caller.');
    return { where: this.#where, notes };
  }

  /**
   * The watchdog has found the thread running; true when it is to be stopped where it is. A function
   * that posted and goes on for long keeps it from landing, and V8 may have lost the step: another
   * inspector that takes a breakpoint away can do that. The stop is due all the same.
   */
  isOverdue(): boolean {
    return ++this.#looks === maxLooks;
  }
}
