import {
  type EventTypeDescriptor,
  flagWord,
  type RegisteredType,
  type Subject,
} from '@extension-events/core';
import { RingReader } from '@extension-events/core/ring';
import type { CdpSession } from '@extension-events/platform-v8';
import type { Account, LossReason, ThreadInfo } from '@extension-events/protocol';
import type { ThreadLink } from './thread-link.ts';

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
    const { matched, lost, throttled } = this.reader?.counters(slot) ?? {
      matched: 0,
      lost: 0,
      throttled: 0,
    };
    return { thread: this.key, matched, throttled, lost: lost + (this.dropped.get(listen) ?? 0) };
  }

  /** Losses of this listen that the ring had no room to tell in band; asked for when it ends. */
  untoldLosses(listen: number, slot: number): number {
    return (this.reader?.counters(slot).lost ?? 0) - (this.told.get(listen) ?? 0);
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
