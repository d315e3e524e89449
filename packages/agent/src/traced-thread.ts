import {
  type EventTypeDescriptor,
  flagWord,
  type RegisteredType,
  type Subject,
} from '@extension-events/core';
import type { RingReader, SlotCounters } from '@extension-events/core/ring';
import type { CdpSession } from '@extension-events/platform-v8';
import type { Account, LossReason, ThreadInfo } from '@extension-events/protocol';
import type { ThreadLink } from './thread-link.ts';

const noCounters: SlotCounters = { matched: 0, lost: 0, throttled: 0 };

/** One thread of the process as the agent knows it; `key` is never used again. */
export class TracedThread {
  readonly key: number;
  readonly isAgent: boolean;
  /** Absent while a new worker has only its ring: it inherited listens and is not inspected yet. */
  link: ThreadLink | undefined;
  /** Absent too for the agent's own thread. */
  session: CdpSession | undefined;
  subject: Subject;
  name: string;
  state: ThreadInfo['state'] = 'running';
  types: readonly RegisteredType[] = [];
  /** Descriptors by number, as the ring's `define` records said. */
  readonly definitions: Map<number, EventTypeDescriptor> = new Map();
  reader: RingReader | undefined;
  words: Int32Array<SharedArrayBuffer> | undefined;
  readonly #final: Map<number, SlotCounters> = new Map();
  /** Listens in force here. */
  readonly listens: Set<number> = new Set();
  /** Losses that the ring told: listen → count. */
  readonly told: Map<number, number> = new Map();
  /** Events dropped on their way to a consumer: listen → count. */
  readonly dropped: Map<number, number> = new Map();

  constructor(key: number, subject: Subject, name: string, isAgent: boolean) {
    this.key = key;
    this.subject = subject;
    this.name = name;
    this.isAgent = isAgent;
  }

  get info(): ThreadInfo {
    const { key, name, state, subject } = this;
    return { key, name, state, ...subject, ...(this.isAgent ? { isAgent: true } : {}) };
  }

  /** The account of one listen on this thread, readable also after the thread has ended. */
  account(listen: number, slot: number): Account {
    const { lost, matched, throttled } = this.#counters(listen, slot);
    return { thread: this.key, matched, throttled, lost: lost + (this.dropped.get(listen) ?? 0) };
  }

  #counters(listen: number, slot: number): SlotCounters {
    return this.#final.get(listen) ?? this.reader?.counters(slot) ?? noCounters;
  }

  /** The thread has ended: keeps the counters of the listens that are open, and lets the ring go. */
  freeze(open: readonly { readonly id: number; readonly slot?: number }[]): void {
    const { reader } = this;
    this.reader = undefined;
    this.words = undefined;
    if (reader === undefined) return;
    for (const { id, slot } of open)
      if (slot !== undefined) this.#final.set(id, reader.counters(slot));
  }

  /** A listen is over, its account given. */
  forget(listen: number): void {
    for (const kept of [this.#final, this.dropped, this.told]) kept.delete(listen);
  }

  /** It has ended, and nobody waits for an account of it. */
  get isDone(): boolean {
    return this.state === 'ended' && this.#final.size === 0;
  }

  /** Losses of this listen that the ring had no room to tell in band; asked for when it ends. */
  untoldLosses(listen: number, slot: number): number {
    return this.#counters(listen, slot).lost - (this.told.get(listen) ?? 0);
  }

  /** Counts events that did not reach their consumer. */
  drop(listen: number, count: number): void {
    this.dropped.set(listen, (this.dropped.get(listen) ?? 0) + count);
  }

  /** Tells the thread that its stop sentinel has a breakpoint, or no longer. */
  showSentinel(isArmed: boolean): void {
    if (this.words === undefined) return;
    Atomics.store(this.words, flagWord.sentinelArmed, isArmed ? 1 : 0);
    if (isArmed) Atomics.notify(this.words, flagWord.sentinelArmed);
  }

  /** Lets the exiting thread go on. */
  releaseExit(): void {
    if (this.words === undefined) return;
    Atomics.store(this.words, flagWord.exit, 2);
    Atomics.notify(this.words, flagWord.exit);
  }
}

/** A loss on its way to a consumer. */
export interface PendingLoss {
  readonly listen: number;
  readonly thread: number;
  readonly reason: LossReason;
  count: number;
}
