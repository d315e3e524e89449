import { performance } from 'node:perf_hooks';
import { dataOf, hasOwn, isObject } from './own-data.ts';
import type { Hearer, Source } from './source.ts';

/** One end of an operation. */
export interface OperationEnd {
  readonly phase: 'end' | 'asyncEnd';
  /** Since its start; `undefined`: that was not heard. */
  readonly durationMs: number | undefined;
  readonly failed: boolean;
  /** Nothing more will come of it. */
  readonly settled: boolean;
}

/** The three channels of a tracing channel that tell how long its operations take. */
export interface OperationSources {
  readonly start: Source;
  readonly end: Source;
  readonly asyncEnd: Source;
}

interface Running {
  readonly startMs: number;
  hasReturned: boolean;
  isSettled: boolean;
}

// One context for many operations at once is unusual; where it is, the innermost ends first.
const maxOfOneContext = 64;

/**
 * Brings start and ends of a tracing channel's operations together, by the identity of their context,
 * which Node hands to each of its channels.
 */
export class OperationHearer {
  readonly #sources: OperationSources;
  readonly #tell: (context: unknown, end: OperationEnd) => void;
  readonly #running: WeakMap<object, Running[]> = new WeakMap();

  constructor(sources: OperationSources, tell: (context: unknown, end: OperationEnd) => void) {
    this.#sources = sources;
    this.#tell = tell;
  }

  subscribe(): void {
    const { start, end, asyncEnd } = this.#sources;
    start.subscribe(this.#start);
    end.subscribe(this.#end);
    asyncEnd.subscribe(this.#asyncEnd);
  }

  unsubscribe(): void {
    const { start, end, asyncEnd } = this.#sources;
    start.unsubscribe(this.#start);
    end.unsubscribe(this.#end);
    asyncEnd.unsubscribe(this.#asyncEnd);
  }

  readonly #start: Hearer = (context) => {
    if (!isObject(context)) return;
    const running = this.#running.get(context) ?? [];
    if (running.length >= maxOfOneContext) return;
    running.push({ startMs: performance.now(), hasReturned: false, isSettled: false });
    this.#running.set(context, running);
  };

  readonly #end: Hearer = (context) => {
    const running = this.#find(context, (one) => !one.hasReturned);
    // A callback that was called inside the call has settled it already.
    const isDone = isObject(context) && (hasOwn(context, 'result') || hasOwn(context, 'error'));
    const settled = isDone && running?.isSettled !== true;
    if (running !== undefined) {
      running.hasReturned = true;
      running.isSettled ||= settled;
    }
    this.#finish(context, running, { phase: 'end', settled });
  };

  readonly #asyncEnd: Hearer = (context) => {
    const running = this.#find(context, (one) => !one.isSettled);
    if (running !== undefined) running.isSettled = true;
    this.#finish(context, running, { phase: 'asyncEnd', settled: true });
  };

  #find(context: unknown, fits: (running: Running) => boolean): Running | undefined {
    return isObject(context) ? this.#running.get(context)?.findLast(fits) : undefined;
  }

  #finish(
    context: unknown,
    running: Running | undefined,
    end: Pick<OperationEnd, 'phase' | 'settled'>,
  ): void {
    const durationMs = running && performance.now() - running.startMs;
    const failed = isObject(context) && (dataOf(context, 'error') ?? undefined) !== undefined;
    if (running?.hasReturned === true && running.isSettled && isObject(context)) {
      const rest = this.#running.get(context)?.filter((one) => one !== running) ?? [];
      if (rest.length > 0) this.#running.set(context, rest);
      else this.#running.delete(context);
    }
    this.#tell(context, { ...end, durationMs, failed });
  }
}
