/**
 * Methods put over those of Node's prototypes, and taken away again.
 *
 * A patch is a set of methods that call on to those below them. Below lies the prototype's own
 * prototype: what was inherited stays inherited, so that a replacement which the program makes
 * further down the chain takes effect. Between the two lies an object with the methods that the
 * prototype had of its own.
 */
import { createObject, defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } from './primordials.ts'; // prettier-ignore

/** Any method at all; Node's own have no types here. */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type Method = (this: any, ...args: any[]) => unknown;

/**
 * Makes the methods of a patch. They reach those below by `call(below.name, this, …)`: V8 takes an
 * object that a closure holds for the constant it is, and folds the look-up into nothing; of `super`
 * it checks each link.
 */
export type MakeMethods<K extends string> = (
  below: Readonly<Record<K, Method>>,
) => Readonly<Record<K, Method>>;

export class Patches implements Disposable {
  /** False for good once disposed: a method that the program holds on to passes calls through. */
  isLive = true;
  readonly #undo: (() => void)[] = [];

  /** Puts methods over those of an object; what this Node does not have is left out. */
  override<K extends string>(target: object, names: readonly K[], make: MakeMethods<K>): void {
    const below = createObject(getPrototypeOf(target)) as Record<K, Method>;
    for (const key of names) {
      const own = getOwnPropertyDescriptor(target, key);
      if (own !== undefined) defineProperty(below, key, own);
    }
    const methods = make(below);
    for (const key of names) {
      const method = methods[key];
      const present = findDescriptor(below, key);
      if (typeof present?.value !== 'function') continue;
      dress(method, present.value as Method);
      this.define(target, key, { ...present, value: method });
    }
  }

  /** Defines a property and remembers what was there. */
  define(target: object, key: PropertyKey, descriptor: PropertyDescriptor): void {
    const before = getOwnPropertyDescriptor(target, key);
    if (!defineProperty(target, key, { configurable: true, ...descriptor })) return;
    const mine = getOwnPropertyDescriptor(target, key);
    this.#undo.push(() => {
      // What the program has put on top since is not ours to take away.
      const now = getOwnPropertyDescriptor(target, key);
      if (now?.value !== mine?.value || now?.get !== mine?.get || now?.set !== mine?.set) return;
      if (before === undefined) deleteProperty(target, key);
      else defineProperty(target, key, before);
    });
  }

  /** Something else to be undone. */
  defer(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Takes everything away, the last first. */
  [Symbol.dispose](): void {
    this.isLive = false;
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
  }
}

function findDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
  for (let at: object | null = target; at !== null; at = getPrototypeOf(at)) {
    const found = getOwnPropertyDescriptor(at, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

// Name, length, and what others hang on functions, such as util.promisify.custom.
function dress(method: Method, original: Method): void {
  for (const key of ownKeys(original)) {
    if (key === 'prototype' || key === 'arguments' || key === 'caller') continue;
    const descriptor = getOwnPropertyDescriptor(original, key);
    if (descriptor !== undefined) defineProperty(method, key, descriptor);
  }
}
