import type { LinuxThread, ThreadChange } from '../host.ts';
import { listThreads, tryReadComm, tryReadStatus } from './status.ts';

/** While somebody listens; perf records of births and deaths bring a scan forward. */
const scanMs = 250;
/** A thread gets its name soon after its birth: until then it has its parent's. */
const namedAfterMs = 2000;

interface Known {
  readonly thread: LinuxThread;
  readonly sinceMs: number;
}

/** The threads of a process, and who comes and goes. Looks at /proc while somebody listens, or when asked. */
export class ThreadFollower implements Disposable {
  readonly pid: number;
  #known: Map<number, Known> = new Map();
  readonly #listeners: Set<(change: ThreadChange) => void> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(pid: number) {
    this.pid = pid;
    this.scan();
  }

  /** The threads at the last look. */
  get threads(): readonly LinuxThread[] {
    return Array.from(this.#known.values(), ({ thread }) => thread);
  }

  /** Looks now; returns the tids of all threads. */
  list(): readonly number[] {
    this.scan();
    return [...this.#known.keys()];
  }

  /** Calls the listener after each look that found a change. */
  onChange(listener: (change: ThreadChange) => void): Disposable {
    // A function of its own for each call: the same listener may be given twice.
    const own = (change: ThreadChange): void => listener(change);
    this.#listeners.add(own);
    this.#schedule();
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(own);
        if (this.#listeners.size === 0) this.#stop();
      },
    };
  }

  #schedule(): void {
    if (this.#isClosed || this.#listeners.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.scan();
      this.#schedule();
    }, scanMs);
    // Following alone is no reason to stay alive; what is open has timers of its own.
    this.#timer.unref();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Looks at /proc now and tells what has changed. */
  scan(): void {
    if (this.#isClosed) return;
    const before = this.#known;
    const nowMs = performance.now();
    const known = new Map<number, Known>();
    for (const tid of this.#listLiving(before)) {
      const old = before.get(tid);
      const isNamed = old !== undefined && nowMs - old.sinceMs > namedAfterMs;
      const name = isNamed ? old.thread.name : tryReadComm(this.pid, tid);
      if (name === undefined) continue;
      const isSame = old?.thread.name === name;
      known.set(tid, isSame ? old : { thread: { tid, name }, sinceMs: old?.sinceMs ?? nowMs });
    }
    this.#known = known;
    this.#tell(
      [...known.values()].filter(({ thread }) => !before.has(thread.tid)),
      [...before.values()].filter(({ thread }) => !known.has(thread.tid)),
    );
  }

  /** A process that nobody waited for keeps its directory. */
  #listLiving(before: ReadonlyMap<number, Known>): number[] {
    const tids = listThreads(this.pid);
    const [only] = tids;
    const isAlone = tids.length === 1 && only !== undefined && (before.size !== 1 || before.has(only)); // prettier-ignore
    if (!isAlone) return tids;
    const { state = 'X' } = tryReadStatus(this.pid, only) ?? {};
    return state === 'Z' || state === 'X' ? [] : tids;
  }

  #tell(added: readonly Known[], removed: readonly Known[]): void {
    if (added.length === 0 && removed.length === 0) return;
    const change = {
      added: added.map(({ thread }) => thread),
      removed: removed.map(({ thread }) => thread),
    };
    // A set's iteration skips what is deleted meanwhile.
    for (const listener of this.#listeners) listener(change);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#stop();
  }
}
