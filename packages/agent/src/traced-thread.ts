import { flagWord, type RegisteredType, type Subject } from '@extension-events/core';
import type { CdpSession } from '@extension-events/platform-v8';
import type { HeldBy, ThreadInfo } from '@extension-events/protocol';
import { RecordedThread } from '@extension-events/protocol/server';
import type { ThreadLink } from './thread-link.ts';

/** One thread of the process as the agent knows it. */
export class TracedThread extends RecordedThread {
  readonly isAgent: boolean;
  /** Absent while a new worker has only its ring: it inherited listens and is not inspected yet. */
  link: ThreadLink | undefined;
  /** Absent too for the agent's own thread. */
  session: CdpSession | undefined;
  subject: Subject;
  name: string;
  /** While a debugger holds it. */
  heldBy: HeldBy | undefined;
  types: readonly RegisteredType[] = [];
  words: Int32Array<SharedArrayBuffer> | undefined;
  /** Listens in force here. */
  readonly listens: Set<number> = new Set();

  constructor(key: number, subject: Subject, name: string, isAgent: boolean) {
    super(key);
    this.subject = subject;
    this.name = name;
    this.isAgent = isAgent;
  }

  get info(): ThreadInfo {
    const { heldBy, isAgent, key, name, state, subject } = this;
    return {
      key,
      name,
      state,
      ...subject,
      ...(isAgent ? { isAgent } : {}),
      ...(heldBy === undefined || state !== 'held' ? {} : { heldBy }),
    };
  }

  override freeze(open: readonly { readonly id: number; readonly slot?: number }[]): void {
    super.freeze(open);
    this.words = undefined;
  }

  /** Tells the thread that its stop sentinel has a breakpoint, or no longer. */
  showSentinel(isArmed: boolean): void {
    if (this.words === undefined) return;
    Atomics.store(this.words, flagWord.sentinelArmed, isArmed ? 1 : 0);
    if (isArmed) Atomics.notify(this.words, flagWord.sentinelArmed);
  }

  /** Tells the exiting thread that it is heard, or that its last events are still leaving: it waits on. */
  acknowledgeExit(): void {
    if (this.words === undefined) return;
    const state = Atomics.load(this.words, flagWord.exit);
    if (state === 2) return; // it has been let go
    Atomics.store(this.words, flagWord.exit, Math.max(2, state) + 1);
    Atomics.notify(this.words, flagWord.exit);
  }

  /** Lets the exiting thread go on. */
  releaseExit(): void {
    if (this.words === undefined) return;
    Atomics.store(this.words, flagWord.exit, 2);
    Atomics.notify(this.words, flagWord.exit);
  }
}
