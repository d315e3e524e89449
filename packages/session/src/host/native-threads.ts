import { ExtensionEventError } from '@extension-events/core';
import type { LinuxHost, LinuxThread } from '@extension-events/platform-linux';
import type { HeldBy, ThreadInfo } from '@extension-events/protocol';

interface NativeThread {
  readonly key: number;
  readonly tid: number;
  name: string;
  heldBy: HeldBy | undefined;
}

const namingMs = 1000;

/** Told of the threads that came, went or changed. */
export type ThreadsListener = (changed: readonly ThreadInfo[]) => void;

/** The watched process's threads as consumers see them; keys are never used again. */
export class NativeThreads implements Disposable {
  readonly #pid: number;
  readonly #linux: LinuxHost;
  readonly #byTid: Map<number, NativeThread> = new Map();
  readonly #poster: ThreadInfo;
  readonly #onChanged: ThreadsListener;
  readonly #following: Disposable;
  #nextKey: number;
  #naming: NodeJS.Timeout | undefined;

  /** @param poster - the host's own thread, which posts about all of them */
  constructor(linux: LinuxHost, poster: ThreadInfo, onChanged: ThreadsListener) {
    this.#pid = linux.pid;
    this.#linux = linux;
    this.#poster = poster;
    this.#nextKey = poster.key + 1;
    this.#onChanged = onChanged;
    this.#following = linux.onThreads(({ added, removed }) => this.#change(added, removed));
    for (const thread of linux.threads) this.#add(thread);
  }

  get all(): ThreadInfo[] {
    return [this.#poster, ...Array.from(this.#byTid.values(), (thread) => describe(thread))];
  }

  get tids(): number[] {
    return [...this.#byTid.keys()];
  }

  nameOf(tid: number): string {
    return this.#byTid.get(tid)?.name ?? '';
  }

  keyOf(tid: number): number | undefined {
    return this.#byTid.get(tid)?.key;
  }

  /** Keys of one thread, or of all that live now. */
  keysOf(tid: number | undefined): number[] {
    const threads = tid === undefined ? [...this.#byTid.values()] : [this.#byTid.get(tid)];
    return threads.flatMap((thread) => thread?.key ?? []);
  }

  #add({ tid, name }: LinuxThread): NativeThread {
    const thread = { key: this.#nextKey++, tid, name, heldBy: undefined };
    this.#byTid.set(tid, thread);
    return thread;
  }

  #change(added: readonly LinuxThread[], removed: readonly LinuxThread[]): void {
    const gone = removed.flatMap(({ tid }) => {
      const thread = this.#byTid.get(tid);
      this.#byTid.delete(tid);
      return thread === undefined ? [] : [{ ...describe(thread), state: 'ended' as const }];
    });
    if (added.length > 0) this.#naming ??= setTimeout(() => this.#nameAgain(), namingMs).unref();
    const come = added.filter(({ tid }) => !this.#byTid.has(tid)).map((thread) => describe(this.#add(thread))); // prettier-ignore
    if (gone.length + come.length > 0) this.#onChanged([...gone, ...come]);
  }

  // A thread is born with the name of its creator.
  #nameAgain(): void {
    this.#naming = undefined;
    const renamed = this.#linux.threads.flatMap(({ tid, name }) => {
      const thread = this.#byTid.get(tid);
      if (thread === undefined || thread.name === name) return [];
      thread.name = name;
      return [describe(thread)];
    });
    if (renamed.length > 0) this.#onChanged(renamed);
  }

  /** A thread is held, by the host or by a debugger; or it goes on. */
  setHeld(tid: number, heldBy: HeldBy | undefined): void {
    const thread = this.#byTid.get(tid);
    if (thread === undefined || (thread.heldBy === undefined && heldBy === undefined)) return;
    thread.heldBy = heldBy;
    this.#onChanged([describe(thread)]);
  }

  /** @throws ExtensionEventError `EE_THREAD_UNKNOWN` */
  tidOf(key: number | undefined): number {
    for (const thread of this.#byTid.values()) if (thread.key === key) return thread.tid;
    throw new ExtensionEventError('EE_THREAD_UNKNOWN', `There is no running thread with key ${String(key)}.`, 'Ask for the threads again: it may have ended.'); // prettier-ignore
  }

  /**
   * The tid that a user means: `tid:N`, or `0` for the main thread.
   *
   * @throws ExtensionEventError `EE_THREAD_UNKNOWN`
   */
  findTid(name: string | undefined): number | undefined {
    if (name === undefined) return undefined;
    const tid = name === '0' ? this.#pid : Number(/^tid:(\d{1,10})$/.exec(name)?.[1]);
    if (this.#byTid.has(tid)) return tid;
    const known = Array.from(this.#byTid.values(), (thread) => `tid:${thread.tid} (${thread.name})`); // prettier-ignore
    const shown = known.length > 12 ? [...known.slice(0, 12), '…'] : known;
    throw new ExtensionEventError('EE_THREAD_UNKNOWN', `There is no thread ${name} in process ${this.#pid}.`, `Threads: ${shown.join('; ')}.`); // prettier-ignore
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
    clearTimeout(this.#naming);
  }
}

function describe({ key, tid, name, heldBy }: NativeThread): ThreadInfo {
  const state = heldBy === undefined ? { state: 'running' as const } : { state: 'held' as const, heldBy }; // prettier-ignore
  return { key, tid, threadId: -1, name, ...state, runs: 'native' };
}
