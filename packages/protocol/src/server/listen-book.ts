import { ExtensionEventError } from '@extension-events/core';
import { listenSlots } from '@extension-events/core/ring';
import type { Account } from '../frames.ts';
import type { Consumer } from './consumer.ts';
import type { RecordedThread } from './recorded-thread.ts';

/** What the ways of records and accounts need to know of a listen. */
export interface RoutedListen {
  readonly spec: {
    /** The server's number for it, never used again. */
    readonly id: number;
    /** Slot of the rings' sets and counters; catchpoints have none. */
    readonly slot?: number;
  };
  readonly consumer: Consumer;
  /** The consumer's own number for it. */
  readonly number: number;
}

// Temporary catchpoints that one stop has used up.
const mostEnded = 32;

/** The open listens of a process: by number, by slot, by consumer. */
export class ListenBook<L extends RoutedListen> {
  readonly #byId: Map<number, L> = new Map();
  readonly #bySlot: (L | undefined)[] = Array.from({ length: listenSlots });
  #nextId = 1;
  readonly #ended: L[] = [];

  takeId(): number {
    return this.#nextId++;
  }

  /**
   * A slot that no listen has.
   *
   * @throws ExtensionEventError `EE_LISTEN_SLOTS`
   */
  freeSlot(): number {
    const slot = this.#bySlot.indexOf(undefined);
    if (slot >= 0) return slot;
    throw new ExtensionEventError('EE_LISTEN_SLOTS', `This process is listened to ${listenSlots} times already.`, 'End a listen that is not needed, or listen once with a pattern instead of many names.'); // prettier-ignore
  }

  add(listen: L): void {
    const { id, slot } = listen.spec;
    this.#byId.set(id, listen);
    if (slot !== undefined) this.#bySlot[slot] = listen;
  }

  /** It is not open any more; its slot stays taken until {@link free}. */
  end(listen: L): void {
    this.#byId.delete(listen.spec.id);
    this.#ended.push(listen);
    if (this.#ended.length > mostEnded) this.#ended.shift();
  }

  /** Its last records are on their way: the slot may be used again. */
  free({ spec: { slot } }: L): void {
    if (slot !== undefined) this.#bySlot[slot] = undefined;
  }

  get all(): L[] {
    return [...this.#byId.values()];
  }

  get(id: number): L | undefined {
    return this.#byId.get(id);
  }

  atSlot(slot: number): L | undefined {
    return this.#bySlot[slot];
  }

  of(consumer: Consumer): L[] {
    return this.all.filter((listen) => listen.consumer === consumer);
  }

  /**
   * The listen that a consumer means by its own number.
   *
   * @throws ExtensionEventError `EE_LISTEN_UNKNOWN`
   */
  find(consumer: Consumer, number: number | undefined): L {
    const found = this.of(consumer).find((listen) => listen.number === number);
    if (found !== undefined) return found;
    throw new ExtensionEventError('EE_LISTEN_UNKNOWN', `This connection has no listen ${String(number)}.`, 'It may have been temporary, or ended already.'); // prettier-ignore
  }

  /** A listen that has ended, for a stop that it still caused. */
  recall(id: number): L | undefined {
    return this.#ended.find(({ spec }) => spec.id === id);
  }

  /** Tells the losses of a listen for which the rings had no room. */
  tellRest({ consumer, number, spec: { id, slot } }: L, threads: readonly RecordedThread[]): void {
    if (slot === undefined) return;
    for (const thread of threads) {
      const rest = thread.untoldLosses(id, slot);
      if (rest > 0) consumer.lose(number, thread.key, 'ring-full', rest);
    }
  }

  /** The accounts of a listen on these threads; where nothing has happened there is none. */
  accounts({ spec: { id, slot } }: L, threads: readonly RecordedThread[]): Account[] {
    if (slot === undefined) return [];
    return threads
      .map((thread) => thread.account(id, slot))
      .filter((account) => account.matched > 0 || account.lost > 0);
  }

  /** The final accounts of the listens of a consumer that are open when the process ends. */
  finalAccounts(
    consumer: Consumer,
    threads: readonly RecordedThread[],
  ): (Account & { listen: number })[] {
    return this.of(consumer).flatMap((listen) => {
      this.tellRest(listen, threads);
      return this.accounts(listen, threads).map((account) => ({ ...account, listen: listen.number })); // prettier-ignore
    });
  }
}
