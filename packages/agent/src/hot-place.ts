import type { Debugger } from 'node:inspector';
import type { CdpSession } from '@extension-events/platform-v8';
import type { ScriptPosition } from '@extension-events/protocol';
import type { Caught, Landed } from './landing.ts';

// A hot line is hit within milliseconds while it is executed; after this we settle for the function.
const patienceMs = 300;
const maxAttempts = 25;
const maxPlaces = 16;

/** What a {@link HotPlace} needs of the debugger of its thread. */
export interface HotPlaceHost {
  session(): CdpSession;
  /** Takes one of V8's breakpoints away, when the thread is not in mid-step. */
  remove(breakpointId: string): Promise<void>;
  isHeld(): boolean;
  /** It came to nothing: the thread stands for another reason. */
  left(): void;
}

/**
 * A thread on its way to a place that an event from beside it named, a hot spot: a breakpoint on every
 * expression of the line, and after a while an interrupt, over and over, that is to find the function.
 */
export class HotPlace {
  readonly caught: Caught;
  readonly #host: HotPlaceHost;
  readonly #scriptId: string;
  readonly #functionName: string;
  readonly #breakpointIds: string[] = [];
  #attempts = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(host: HotPlaceHost, caught: Caught, scriptId: string, functionName: string) {
    this.caught = caught;
    this.#host = host;
    this.#scriptId = scriptId;
    this.#functionName = functionName;
  }

  /** Sets its breakpoints, and has the thread interrupted when none of them is hit. */
  async await(place: ScriptPosition): Promise<void> {
    for (const location of await this.#placesOnLine(place)) {
      const made = await this.#host
        .session()
        .post('Debugger.setBreakpoint', { location })
        .catch(() => undefined);
      if (made === undefined) continue; // a consumer's breakpoint stands there, and stops it as well
      this.#breakpointIds.push(made.breakpointId);
      if (this.#isOver) return this.end(); // hit already
    }
    if (!this.#isOver && !this.#host.isHeld())
      this.#interruptIn(this.#breakpointIds.length === 0 ? 0 : patienceMs);
  }

  // A loop's first expression runs once and its others over and over: any place on the line will do.
  async #placesOnLine(place: ScriptPosition): Promise<ScriptPosition[]> {
    const { lineNumber, scriptId } = place;
    const range = { start: { scriptId, lineNumber, columnNumber: 0 }, end: { scriptId, lineNumber: lineNumber + 1, columnNumber: 0 } }; // prettier-ignore
    const possible = await this.#host
      .session()
      .post('Debugger.getPossibleBreakpoints', range)
      .catch(() => undefined);
    const places = (possible?.locations ?? []).map(({ columnNumber = 0 }) => ({
      scriptId,
      lineNumber,
      columnNumber,
    }));
    // A minified line has thousands; those from the hot place on are the likely ones.
    const near = places.filter(({ columnNumber }) => columnNumber >= place.columnNumber);
    return places.length <= maxPlaces ? places : near.slice(0, maxPlaces);
  }

  #interruptIn(ms: number): void {
    this.#timer = setTimeout(() => this.#interrupt(), ms);
  }

  #interrupt(): void {
    if (this.#isOver) return;
    if (this.#host.isHeld()) {
      // It stands for another reason; the next hot spot will tell again.
      this.#host.left();
      void this.end();
      return;
    }
    this.#attempts++;
    this.#host
      .session()
      .post('Debugger.pause')
      .catch(() => undefined);
  }

  /** The thread has paused: where it has landed; `passing`: it is to run on; undefined: not for this. */
  judge(frame: Debugger.CallFrame | undefined, hits: readonly string[]): Landed | 'passing' | undefined {
    const onLine = hits.some((id) => this.#breakpointIds.includes(id));
    if (!onLine && (this.#attempts === 0 || hits.length > 0)) return undefined;
    const isInFunction = this.#isWithin(frame);
    if (onLine) return isInFunction ? { where: 'exact', notes: [] } : 'passing'; // another function on that line
    if (isInFunction)
      return { where: 'function', notes: ['The hot line was not reached again in time: stopped in its function.'], isAsync: true }; // prettier-ignore
    if (this.#attempts < maxAttempts) {
      this.#interruptIn(2 + Math.random() * 20);
      return 'passing';
    }
    const name = this.#functionName || '(anonymous)';
    return { where: 'elsewhere', notes: [`${name} was not running any more: stopped where the thread was.`], isAsync: true }; // prettier-ignore
  } // prettier-ignore

  // Profiles and stacks name some functions differently; where a function starts is the same for both.
  #isWithin(frame: Debugger.CallFrame | undefined): boolean {
    if (frame?.location.scriptId !== this.#scriptId) return false;
    const startLine = frame.functionLocation?.lineNumber;
    return (
      frame.functionName === this.#functionName ||
      startLine === Number(this.caught.payload['functionLine'] ?? 0) - 1
    );
  }

  /** Interrupts no more; its breakpoints go with the session. */
  giveUp(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async end(): Promise<void> {
    this.giveUp();
    for (const breakpointId of this.#breakpointIds.splice(0))
      await this.#host.remove(breakpointId).catch(() => undefined);
  }
}
