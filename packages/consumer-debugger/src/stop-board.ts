import { type Observable, Subject, type Subscription } from 'rxjs';
import { type Catchpoints, hasOwner, type Stopper } from './catchpoints.ts';
import type { Connection, StopCause, StopFrame, ThreadInfo } from './internal-types.ts';

/** A thread that this debugger holds. */
export interface Stop {
  readonly thread: number;
  readonly cause: StopCause;
  readonly frame: StopFrame;
  /** The catchpoints and breakpoints that asked for it. */
  readonly entries: readonly Stopper[];
  /** The user has seen it in full; until then it waits in line. */
  isShown: boolean;
  /** The user knows of it from a line in passing. */
  isAnnounced: boolean;
  /** Another debugger that holds it too has stepped the thread here. */
  readonly isLed: boolean;
}

export type BoardChange =
  | { readonly type: 'stopped'; readonly stop: Stop }
  /** It runs again, and we did not ask for it. */
  | {
      readonly type: 'resumed';
      readonly thread: number;
      readonly by: NonNullable<StopFrame['resumedBy']>;
    }
  /** Somebody else's stop: this debugger holds nothing. */
  | { readonly type: 'foreign-hold'; readonly frame: StopFrame }
  /** A stop of a catchpoint that is gone: nobody waits for it. */
  | { readonly type: 'stale'; readonly thread: number }
  | { readonly type: 'ended'; readonly thread: ThreadInfo };

/** What the board needs of an engine. */
export interface StopSource {
  readonly stops$?: Observable<StopFrame>;
  refineStop?(stop: StopFrame): StopFrame;
}

/**
 * Which threads stand, and which of their stops the user has not seen yet.
 *
 * A request to run is noted here before it is sent: a `stop` frame that arrives later is a new stop,
 * even when it overtakes the answer to the request.
 */
export class StopBoard {
  readonly #catchpoints: Catchpoints;
  readonly #held = new Map<number, Stop>();
  /** Threads that another holder lets run: if it was for a step, we follow. */
  readonly #led = new Set<number>();
  /** Stops for breakpoints whose ids are still on their way to us. */
  readonly #undecided = new Map<number, StopFrame>();
  readonly #changes = new Subject<BoardChange>();
  readonly #subscriptions: readonly Subscription[];
  #threads = new Map<number, ThreadInfo>();

  /** @param engine - may make stops of its own, and know more of the connection's */
  constructor(connection: Connection, catchpoints: Catchpoints, engine: StopSource = {}) {
    this.#catchpoints = catchpoints;
    const stops = connection.stops$.subscribe((frame) => {
      const refined = engine.refineStop?.(frame) ?? frame;
      // Everybody is told of every stop, but only those who hold it are told its frames.
      this.#note(refined, (refined.frames ?? []).length > 0);
    });
    this.#subscriptions = [
      connection.threads$.subscribe((threads) => this.#noteThreads(threads)),
      stops,
      ...(engine.stops$ === undefined
        ? []
        : [engine.stops$.subscribe((frame) => this.#note(frame, true))]),
    ];
  }

  get changes$(): Subject<BoardChange> {
    return this.#changes;
  }

  get held(): readonly Stop[] {
    return [...this.#held.values()];
  }

  /** The stop of a thread, when the user has seen it. */
  shown(thread: number): Stop | undefined {
    const stop = this.#held.get(thread);
    return stop?.isShown === true ? stop : undefined;
  }

  get(thread: number): Stop | undefined {
    return this.#held.get(thread);
  }

  /** The stop that has waited longest to be shown, of this thread or of any. */
  nextUnshown(thread?: number): Stop | undefined {
    return this.held.find(
      (stop) => !stop.isShown && (thread === undefined || stop.thread === thread),
    );
  }

  /** Where another debugger steps this thread to is to be shown: its stop before was not seen. */
  showNext(thread: number): void {
    this.#led.delete(thread);
    const stop = this.#held.get(thread);
    if (stop?.isLed === true) stop.isShown = false;
  }

  /** To be called before a request to run is sent; returns how to take it back when it is refused. */
  release(thread: number): () => void {
    const stop = this.#held.get(thread);
    this.#held.delete(thread);
    this.#led.delete(thread);
    return () => {
      if (stop !== undefined && !this.#held.has(thread)) this.#held.set(thread, stop);
    };
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#changes.complete();
  }

  #decide(frame: StopFrame): void {
    if (this.#undecided.get(frame.thread) === frame) this.#note(frame, true);
  }

  #note(frame: StopFrame, isHeldByUs: boolean): void {
    const { thread, cause } = frame;
    this.#undecided.delete(thread);
    if (cause === undefined) {
      const wasHeld = this.#held.delete(thread);
      const by = frame.resumedBy ?? 'continue';
      if (wasHeld && by === 'continue') this.#led.add(thread);
      if (wasHeld) this.#changes.next({ type: 'resumed', thread, by });
      return;
    }
    const { entries, isOurs } = this.#catchpoints.match(cause);
    const { insertions } = this.#catchpoints;
    if (!isOurs && isHeldByUs && insertions !== undefined) {
      this.#undecided.set(thread, frame);
      void insertions.then(() => this.#decide(frame));
      return;
    }
    if (!isOurs || !isHeldByUs) {
      this.#changes.next({ type: 'foreign-hold', frame });
      return;
    }
    if (entries.length === 0 && hasOwner(cause)) {
      this.#changes.next({ type: 'stale', thread });
      return;
    }
    const isLed = this.#led.delete(thread) && cause.type === 'step';
    const stop: Stop = { thread, cause, frame, entries, isShown: isLed, isAnnounced: false, isLed };
    // Last in line, also when an older stop of the thread was never seen.
    this.#held.delete(thread);
    this.#held.set(thread, stop);
    this.#changes.next({ type: 'stopped', stop });
  }

  #noteThreads(threads: readonly ThreadInfo[]): void {
    const now = new Map(threads.map((thread) => [thread.key, thread]));
    for (const [key, thread] of this.#threads) {
      const state = now.get(key)?.state ?? 'ended';
      if (state !== 'ended' || thread.state === 'ended') continue;
      this.#held.delete(key);
      this.#undecided.delete(key);
      this.#changes.next({ type: 'ended', thread });
    }
    this.#threads = now;
  }
}
