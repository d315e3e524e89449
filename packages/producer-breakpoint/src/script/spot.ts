import { setTimeout as startTimer, clearTimeout as stopTimer } from 'node:timers';
import type { Capture } from '../captures.ts';
import type { RawHit } from './helper.ts';

/** A place in a script as the inspector counts: from 0. */
export interface ScriptPlace {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** Who wants to hear of a place. */
export interface PlaceListener {
  readonly stackDepth: number;
  readonly maxHitsPerSecond: number;
  /** @param values - printed captures by their text */
  hit(spot: Spot, hit: RawHit, values: ReadonlyMap<string, string>, note: string | undefined): void;
}

/** Sets and removes a spot's breakpoint. */
export interface Switch {
  set(): void;
  remove(): void;
}

/** One place of one thread that has, or will have again, a breakpoint of ours. */
export class Spot {
  readonly id: number;
  /** As it was asked for. */
  readonly at: ScriptPlace;
  /** Where V8 put it. */
  actual: ScriptPlace;
  breakpointId: string | undefined;
  /** What all its listeners want to read. */
  captures: readonly Capture[] = [];
  stackDepth = 0;
  readonly listeners: Set<PlaceListener> = new Set();
  readonly rest: Rest;

  constructor(id: number, at: ScriptPlace, breakpoint: Switch) {
    this.id = id;
    this.at = at;
    this.actual = at;
    this.rest = new Rest(breakpoint);
  }

  isAt({ scriptId, lineNumber, columnNumber }: ScriptPlace): boolean {
    const { at } = this;
    return (
      at.scriptId === scriptId && at.lineNumber === lineNumber && at.columnNumber === columnNumber
    );
  }

  /** Adds to what it reads; true when it read all that before. */
  wants(captures: readonly Capture[], stackDepth: number): boolean {
    const known = new Set(this.captures.map(({ text }) => text));
    const added = captures.filter(({ text }) => !known.has(text));
    const isEnough = added.length === 0 && stackDepth <= this.stackDepth;
    this.captures = [...this.captures, ...added];
    this.stackDepth = Math.max(this.stackDepth, stackDepth);
    return isEnough;
  }

  hit(hit: RawHit): void {
    // A breakpoint that was replaced may have sent this: then it read fewer values.
    const pairs = (hit.values ?? []).map((value, at) => [this.captures[at]?.text ?? '', value] as const); // prettier-ignore
    const values = new Map(pairs);
    const limits = Array.from(this.listeners, (listener) => listener.maxHitsPerSecond);
    const note = this.rest.count(hit.timestampNs, Math.max(...limits));
    for (const listener of this.listeners) listener.hit(this, hit, values, note);
  }
}

const secondNs = 1e9;

/**
 * Takes the breakpoint away from a place that is passed too often, until the second is over: each
 * pass costs the thread some 100 µs, and a trace must not slow a program down much.
 */
export class Rest {
  readonly #breakpoint: Switch;
  #sinceNs = 0;
  #hits = 0;
  #note: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(breakpoint: Switch) {
    this.#breakpoint = breakpoint;
  }

  /** Counts a hit; the note is for the first one after a rest. */
  count(timestampNs: number, limit: number): string | undefined {
    if (timestampNs - this.#sinceNs >= secondNs) {
      this.#sinceNs = timestampNs;
      this.#hits = 0;
    }
    const isAtWork = this.#timer === undefined;
    const note = isAtWork ? this.#note : undefined;
    if (isAtWork) this.#note = undefined;
    if (++this.#hits >= limit && isAtWork) this.#begin(timestampNs, limit);
    return note;
  }

  #begin(timestampNs: number, limit: number): void {
    const restMs = Math.max(1, (this.#sinceNs + secondNs - timestampNs) / 1e6);
    this.#note = `rested ${Math.round(restMs)} ms after ${limit} hits within a second; passes meanwhile are not counted`;
    this.#breakpoint.remove();
    this.#timer = startTimer(() => {
      this.#timer = undefined;
      this.#breakpoint.set();
    }, restMs);
    this.#timer.unref();
  }

  end(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }
}
