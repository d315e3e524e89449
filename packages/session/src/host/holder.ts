/** How a host stops threads that no debugger of native code looks after: JavaScript threads. */

/** What is to become of a thread that stands before a SIGURG. */
export type Decision =
  /** It stays until {@link Holder.release}. */
  | 'hold'
  /** The signal was a source's: the thread goes on without it. */
  | 'swallow'
  /** The signal was the program's own. */
  | 'pass';

/** Holds threads at the signals of sources, by ptrace(2). */
export interface Holder extends Disposable {
  /** Begins to look after a thread; false when a debugger traces it, or it has ended. */
  watch(tid: number): boolean;
  unwatch(tid: number): void;
  /** Lets a thread that is held go on, without the signal. */
  release(tid: number): void;
}

/** @param decide - asked at each SIGURG of a watched thread, which stands meanwhile */
export type HolderFactory = (decide: (tid: number) => Decision) => Holder | Promise<Holder>;
