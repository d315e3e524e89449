/**
 * Takes things one after another, each in a task of its own: between two of them the browser may draw,
 * so that a large batch does not hold up a frame.
 */
export class InTurns<T> {
  readonly #take: (thing: T) => void;
  readonly #channel = new MessageChannel();
  #waiting: T[] = [];

  constructor(take: (thing: T) => void) {
    this.#take = take;
    this.#channel.port1.addEventListener('message', () => this.#next());
    this.#channel.port1.start();
  }

  add(things: readonly T[]): void {
    const isIdle = this.#waiting.length === 0;
    this.#waiting.push(...things);
    if (isIdle && this.#waiting.length > 0) this.#channel.port2.postMessage(null);
  }

  /** Forgets what has not had its turn. */
  clear(): void {
    this.#waiting = [];
  }

  #next(): void {
    const thing = this.#waiting.shift();
    if (thing === undefined) return;
    if (this.#waiting.length > 0) this.#channel.port2.postMessage(null);
    this.#take(thing);
  }
}
