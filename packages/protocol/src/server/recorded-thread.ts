import type { EventTypeDescriptor } from '@extension-events/core';
import type { RingReader, SlotCounters } from '@extension-events/core/ring';
import type { Account, ThreadInfo } from '../frames.ts';

const noCounters: SlotCounters = { matched: 0, lost: 0, throttled: 0 };

/** A thread whose ring is read; its `key` is never used again. */
export class RecordedThread {
  readonly key: number;
  state: ThreadInfo['state'] = 'running';
  /** Descriptors by number, as the ring's `define` records said. */
  readonly definitions: Map<number, EventTypeDescriptor> = new Map();
  reader: RingReader | undefined;
  readonly #final: Map<number, SlotCounters> = new Map();
  /** Losses that the ring told: listen → count. */
  readonly told: Map<number, number> = new Map();
  /** Events dropped on their way to a consumer: listen → count. */
  readonly dropped: Map<number, number> = new Map();

  constructor(key: number) {
    this.key = key;
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
}
