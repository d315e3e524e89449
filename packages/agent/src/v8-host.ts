import { monotonicNs, type Subject } from '@extension-events/core';
import type { CdpSession, V8Host, V8Thread } from '@extension-events/platform-v8';
import type { TracedThread } from './traced-thread.ts';

type HeldListener = (fromNs: number, toNs: number) => void;

class HostedThread implements V8Thread {
  readonly subject: Subject;
  readonly name: string;
  readonly session: CdpSession;
  readonly #listeners: Set<HeldListener> = new Set();
  #heldSinceNs = 0;

  constructor(thread: TracedThread, session: CdpSession) {
    this.subject = thread.subject;
    this.name = thread.name;
    this.session = session;
  }

  get isHeld(): boolean {
    return this.#heldSinceNs > 0;
  }

  onHeld(listener: HeldListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  hold(): void {
    if (!this.isHeld) this.#heldSinceNs = monotonicNs();
  }

  release(): void {
    if (!this.isHeld) return;
    const from = this.#heldSinceNs;
    this.#heldSinceNs = 0;
    for (const listener of this.#listeners) listener(from, monotonicNs());
  }
}

type Change = { readonly added: readonly V8Thread[]; readonly removed: readonly V8Thread[] };

/** The process's threads as producers beside them see them. */
export class AgentV8Host implements V8Host {
  readonly #threads: Map<TracedThread, HostedThread> = new Map();
  readonly #listeners: Set<(change: Change) => void> = new Set();

  get threads(): readonly V8Thread[] {
    return [...this.#threads.values()];
  }

  onThreads(listener: (change: Change) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  add(thread: TracedThread): void {
    const { session } = thread;
    if (session === undefined || this.#threads.has(thread)) return;
    const hosted = new HostedThread(thread, session);
    this.#threads.set(thread, hosted);
    for (const listener of this.#listeners) listener({ added: [hosted], removed: [] });
  }

  remove(thread: TracedThread): void {
    const hosted = this.#threads.get(thread);
    if (hosted === undefined || !this.#threads.delete(thread)) return;
    for (const listener of this.#listeners) listener({ added: [], removed: [hosted] });
  }

  clear(): void {
    for (const thread of this.#threads.keys()) this.remove(thread);
  }

  /** A debugger takes or releases a thread. Landing and its looks inside count as held too. */
  setHeld(thread: TracedThread, isHeld: boolean): void {
    const hosted = this.#threads.get(thread);
    if (isHeld) hosted?.hold();
    else hosted?.release();
  }
}
