/** Something that is made for its first user and ended after its last. */
interface Entry<T> {
  readonly value: T;
  users: number;
  timer?: NodeJS.Timeout;
}

/** One user's hold on a shared thing. */
export interface Hold<T> {
  readonly value: T;
  /** Lets go; a second call does nothing. */
  readonly release: () => void;
}

/** Things that equal users share. */
export class Pool<T> {
  readonly #entries: Map<string, Entry<T>> = new Map();
  readonly #end: (value: T) => void;
  readonly #keepMs: number;

  /**
   * @param keepMs - how long a thing is kept without users, for the next one
   * @param end - called once for each thing, when it is given up
   */
  constructor(keepMs: number, end: (value: T) => void) {
    this.#keepMs = keepMs;
    this.#end = end;
  }

  get size(): number {
    return this.#entries.size;
  }

  *values(): IterableIterator<T> {
    for (const { value } of this.#entries.values()) yield value;
  }

  use(key: string, make: () => T): Hold<T> {
    const entry = this.#entries.get(key) ?? { value: make(), users: 0 };
    this.#entries.set(key, entry);
    clearTimeout(entry.timer);
    entry.users++;
    let isHeld = true;
    return {
      value: entry.value,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        if (--entry.users === 0) this.#leave(key, entry);
      },
    };
  }

  #leave(key: string, entry: Entry<T>): void {
    if (this.#entries.get(key) !== entry) return; // ended meanwhile
    if (this.#keepMs <= 0) return this.#giveUp(key, entry);
    entry.timer = setTimeout(() => this.#giveUp(key, entry), this.#keepMs);
    entry.timer.unref();
  }

  #giveUp(key: string, entry: Entry<T>): void {
    this.#entries.delete(key);
    this.#end(entry.value);
  }

  /** Ends everything, used or not. */
  clear(): void {
    for (const [key, entry] of this.#entries) {
      clearTimeout(entry.timer);
      this.#giveUp(key, entry);
    }
  }
}
