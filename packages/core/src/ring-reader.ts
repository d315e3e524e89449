import {
  counterOffset,
  countersPerSlot,
  dataOffset,
  listenSlots,
  ringMagic,
  ringWord,
  sleeperBit,
} from './ring.ts';

/** What a ring knows of one listen slot. */
export interface SlotCounters {
  readonly matched: number;
  readonly lost: number;
  readonly throttled: number;
}

/** The reading side of one ring: one reader, on any thread, also after the writer has ended. */
export class RingReader {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #data: Uint8Array;
  readonly #counters: Float64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer, 0, 16);
    if (buffer.byteLength < dataOffset || this.#words[ringWord.magic] !== ringMagic)
      throw new RangeError('not a record ring');
    this.#data = new Uint8Array(buffer, dataOffset);
    this.#counters = new Float64Array(buffer, counterOffset, listenSlots * countersPerSlot);
  }

  /** Bytes that wait to be read. */
  get waitingBytes(): number {
    return this.#waitingBelow(Atomics.load(this.#words, ringWord.head));
  }

  #waitingBelow(head: number): number {
    return ((head & ~sleeperBit) - (this.#words[ringWord.tail] ?? 0)) >>> 0;
  }

  /**
   * Shows what has been published, in at most two runs of whole records, and frees their room when
   * `visit` has returned: copy what is to be kept.
   *
   * @returns the number of bytes read
   */
  read(visit: (run: Uint8Array) => void): number {
    const waiting = this.waitingBytes;
    if (waiting === 0) return 0;
    const size = this.#data.length;
    const tail = this.#words[ringWord.tail] ?? 0;
    const at = tail & (size - 1);
    const first = Math.min(waiting, size - at);
    visit(this.#data.subarray(at, at + first));
    if (first < waiting) visit(this.#data.subarray(0, waiting - first));
    Atomics.store(this.#words, ringWord.tail, (tail + waiting) | 0);
    return waiting;
  }

  /**
   * Asks the writer to ring and waits for it; resolves at once when something was published
   * meanwhile, and after `limitMs` at the latest.
   */
  async ring(limitMs: number): Promise<void> {
    const head = Atomics.or(this.#words, ringWord.head, sleeperBit);
    if (this.#waitingBelow(head) > 0) return;
    const sleeping = head | sleeperBit;
    const { async, value } = Atomics.waitAsync(this.#words, ringWord.head, sleeping, limitMs);
    if (async) await value;
  }

  /** Waits while records gather: for so long, or until half of the ring is full. */
  async nap(forMs: number): Promise<void> {
    const words = this.#words;
    Atomics.store(words, ringWord.nap, 1);
    // The writer looks at the word as it passes the half, which it may have done just before.
    if (this.waitingBytes <= this.#data.length / 2) {
      const { async, value } = Atomics.waitAsync(words, ringWord.nap, 1, forMs);
      if (async) await value;
    }
    Atomics.store(words, ringWord.nap, 0);
  }

  /** Wakes a reader of this ring that sleeps or naps, from any thread. */
  wake(): void {
    Atomics.and(this.#words, ringWord.head, ~sleeperBit);
    Atomics.notify(this.#words, ringWord.head);
    Atomics.store(this.#words, ringWord.nap, 0);
    Atomics.notify(this.#words, ringWord.nap);
  }

  counters(slot: number): SlotCounters {
    const at = slot * countersPerSlot;
    return { matched: this.#counters[at] ?? 0, lost: this.#counters[at + 1] ?? 0, throttled: this.#counters[at + 2] ?? 0 }; // prettier-ignore
  }
}
