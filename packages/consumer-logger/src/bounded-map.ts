/** A map that forgets what was put in first when it is full: logs run for days, and names come and go. */
export class BoundedMap<K, V> {
  readonly #most: number;
  readonly #map: Map<K, V> = new Map();

  constructor(most: number) {
    this.#most = most;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    this.#map.set(key, value);
    if (this.#map.size <= this.#most) return;
    const [oldest] = this.#map.keys();
    if (oldest !== undefined) this.#map.delete(oldest);
  }

  getOrMake(key: K, make: () => V): V {
    const found = this.#map.get(key);
    if (found !== undefined) return found;
    const made = make();
    this.set(key, made);
    return made;
  }

  clear(): void {
    this.#map.clear();
  }
}
