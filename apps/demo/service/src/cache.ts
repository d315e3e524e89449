interface Entry<V> {
  readonly value: V;
  readonly staleAt: number;
}

/** Keeps the most recently used values for a while. */
export class Cache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #maxEntries: number;
  readonly #maxAgeMs: number;

  constructor(maxEntries: number, maxAgeMs: number) {
    this.#maxEntries = maxEntries;
    this.#maxAgeMs = maxAgeMs;
  }

  getOrMake(key: string, make: () => V): V {
    const now = performance.now();
    const found = this.#entries.get(key);
    this.#entries.delete(key);
    const entry =
      found !== undefined && found.staleAt > now
        ? found
        : { value: make(), staleAt: now + this.#maxAgeMs };
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) break;
      this.#entries.delete(oldest);
    }
    return entry.value;
  }
}
