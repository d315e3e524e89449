interface Slot {
  key: string;
  /** Samples of the window that are booked here, inherited ones included. */
  count: number;
  /** Inherited from keys that had the slot before: the most by which `count` may be too high. */
  inherited: number;
  generation: number;
}

interface Booking {
  readonly timeNs: number;
  readonly slot: Slot | undefined;
  readonly generation: number;
}

/**
 * Counts keys over a sliding window in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi 2005:
 * a new key takes over the slot with the smallest count) with bookings that leave when the window
 * moves on.
 *
 * {@link WindowCounter.hits} never exceeds the true count, and equals it while no more keys than the
 * capacity are in the window. A key that never stops coming keeps its slot.
 */
export class WindowCounter {
  readonly #windowNs: number;
  readonly #capacity: number;
  readonly #slots = new Map<string, Slot>();
  #bookings: Booking[] = [];
  #first = 0;
  #latestNs = -Infinity;

  constructor(windowMs: number, capacity = 512) {
    this.#windowNs = windowMs * 1e6;
    this.#capacity = capacity;
  }

  /** Samples in the window, with and without a key. */
  get total(): number {
    return this.#bookings.length - this.#first;
  }

  /** Certain hits of this key in the window. */
  hits(key: string): number {
    const slot = this.#slots.get(key);
    return slot === undefined ? 0 : slot.count - slot.inherited;
  }

  /** The key with the most certain hits. */
  get top(): { readonly key: string; readonly hits: number } | undefined {
    let best: Slot | undefined;
    for (const slot of this.#slots.values()) {
      if (best === undefined || slot.count - slot.inherited > best.count - best.inherited)
        best = slot;
    }
    return best === undefined || best.count === best.inherited
      ? undefined
      : { key: best.key, hits: best.count - best.inherited };
  }

  /** Keys with at least so many certain hits, most first. */
  above(hits: number): { readonly key: string; readonly hits: number }[] {
    const found: { key: string; hits: number }[] = [];
    for (const { key, count, inherited } of this.#slots.values()) {
      if (count - inherited >= hits) found.push({ key, hits: count - inherited });
    }
    return found.toSorted((a, b) => b.hits - a.hits);
  }

  /** Adds a sample; times must not decrease. Without a key it only counts in the total. */
  add(timeNs: number, key: string | undefined): void {
    this.moveTo(timeNs);
    if (key === undefined) {
      this.#bookings.push({ timeNs, slot: undefined, generation: 0 });
      return;
    }
    const slot = this.#slots.get(key) ?? this.#take(key);
    slot.count++;
    this.#bookings.push({ timeNs, slot, generation: slot.generation });
  }

  /** Moves the window's end; samples older than its length leave. */
  moveTo(timeNs: number): void {
    this.#latestNs = Math.max(this.#latestNs, timeNs);
    const fromNs = this.#latestNs - this.#windowNs;
    for (;;) {
      const booking = this.#bookings[this.#first];
      if (booking === undefined || booking.timeNs > fromNs) break;
      this.#first++;
      const { slot } = booking;
      if (slot === undefined) continue;
      slot.count--;
      if (booking.generation !== slot.generation) slot.inherited--;
      if (slot.count === 0) this.#slots.delete(slot.key);
    }
    // Amortised: the dead front is cut off when it is half of the array.
    if (this.#first > 1024 && this.#first * 2 > this.#bookings.length) {
      this.#bookings = this.#bookings.slice(this.#first);
      this.#first = 0;
    }
  }

  #take(key: string): Slot {
    if (this.#slots.size < this.#capacity) {
      const slot: Slot = { key, count: 0, inherited: 0, generation: 0 };
      this.#slots.set(key, slot);
      return slot;
    }
    let smallest: Slot | undefined;
    for (const slot of this.#slots.values()) {
      if (smallest === undefined || slot.count < smallest.count) smallest = slot;
    }
    if (smallest === undefined) throw new RangeError('a counter needs room for at least one key');
    this.#slots.delete(smallest.key);
    smallest.key = key;
    smallest.inherited = smallest.count;
    smallest.generation++;
    this.#slots.set(key, smallest);
    return smallest;
  }
}
