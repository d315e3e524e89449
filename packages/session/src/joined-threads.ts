import type { ThreadInfo } from '@extension-events/protocol';
import type { Side } from './target-connection.ts';

interface JoinedThread {
  readonly key: number;
  readonly tid: number;
  readonly sides: Map<Side, ThreadInfo>;
  /** What each side called it, also after its end. */
  readonly sideKeys: Map<Side, number>;
}

// Late losses and accounts name threads that have ended; of a program that starts many, the last.
const maxEnded = 1024;

/**
 * The threads of a process as its agent and its host tell them, each once: the same tid at the same
 * time is the same thread. Keys are of its own, and never used again.
 */
export class JoinedThreads {
  #nextKey = 1;
  /** The entry of each thread that lives, by tid, but for those that post for others. */
  readonly #living: Map<number, JoinedThread> = new Map();
  /** Everybody that ever had a key on a side: late losses and accounts still name them. */
  readonly #bySideKey: Readonly<Record<Side, Map<number, JoinedThread>>> = {
    agent: new Map(),
    host: new Map(),
  };
  readonly #byKey: Map<number, JoinedThread> = new Map();
  /** Those that have ended, oldest first. */
  readonly #ended: JoinedThread[] = [];

  /** One side's threads that live, as they are now. */
  update(side: Side, threads: readonly ThreadInfo[]): void {
    const known = this.#bySideKey[side];
    for (const thread of threads) {
      const entry = known.get(thread.key) ?? this.#enter(side, thread);
      entry.sides.set(side, thread);
    }
    const keys = new Set(threads.map((thread) => thread.key));
    for (const entry of this.#living.values()) {
      const present = entry.sides.get(side);
      if (present === undefined || keys.has(present.key)) continue;
      entry.sides.delete(side);
      if (entry.sides.size === 0) this.#bury(entry);
    }
  }

  #bury(entry: JoinedThread): void {
    this.#living.delete(entry.tid);
    entry.sides.clear();
    this.#ended.push(entry);
    const oldest = this.#ended.length > maxEnded ? this.#ended.shift() : undefined;
    if (oldest === undefined) return;
    this.#byKey.delete(oldest.key);
    for (const [side, key] of oldest.sideKeys) this.#bySideKey[side].delete(key);
  }

  #enter(side: Side, { key: sideKey, tid }: ThreadInfo): JoinedThread {
    const living = this.#living.get(tid);
    // A tid that this side has under another key has been used again.
    const isSame = living !== undefined && !living.sides.has(side);
    if (living !== undefined && !isSame) this.#bury(living);
    const entry = isSame ? living : this.#create(tid);
    this.#living.set(tid, entry);
    this.#bySideKey[side].set(sideKey, entry);
    entry.sideKeys.set(side, sideKey);
    return entry;
  }

  #create(tid: number): JoinedThread {
    const entry: JoinedThread = {
      key: this.#nextKey++,
      tid,
      sides: new Map(),
      sideKeys: new Map(),
    };
    this.#byKey.set(entry.key, entry);
    return entry;
  }

  /** The threads that live; what the agent knows of one goes before what the host does. */
  get all(): ThreadInfo[] {
    return Array.from(this.#living.values(), describe).toSorted((a, b) => a.key - b.key);
  }

  byTid(tid: number): ThreadInfo | undefined {
    const entry = this.#living.get(tid);
    return entry === undefined ? undefined : describe(entry);
  }

  byKey(key: number): ThreadInfo | undefined {
    const entry = this.#byKey.get(key);
    return entry === undefined || entry.sides.size === 0 ? undefined : describe(entry);
  }

  /** The joined key of a thread that a side names; one that posts for others gets one here. */
  keyOf(side: Side, sideKey: number): number {
    const known = this.#bySideKey[side].get(sideKey);
    if (known !== undefined) return known.key;
    const entry = this.#create(0);
    this.#bySideKey[side].set(sideKey, entry);
    return entry.key;
  }

  /** What a side calls a thread; `undefined`: it does not know it. */
  sideKey(side: Side, key: number | undefined): number | undefined {
    return key === undefined ? undefined : this.#byKey.get(key)?.sides.get(side)?.key;
  }

  /** Ends a side: its threads stay where the other one has them. */
  clear(side: Side): void {
    this.update(side, []);
  }
}

function describe({ key, sides }: JoinedThread): ThreadInfo {
  const [agent, host] = [sides.get('agent'), sides.get('host')];
  const info = agent ?? host;
  if (info === undefined) throw new TypeError('a thread of nobody');
  // Who holds it by means of the kernel is known to the host alone.
  const { heldBy } = host ?? {};
  if (info.state !== 'running' || heldBy === undefined) return { ...info, key };
  return { ...info, key, state: 'held', heldBy };
}
