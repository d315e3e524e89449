/* oxlint-disable typescript/unbound-method -- taken off to be called through `call` */
/**
 * Built-ins as they were when this file was loaded: the program may replace them later, and its
 * replacements must not run in a probe. Methods are called through `call`, bound once.
 */
import { Buffer } from 'node:buffer';

/** `apply(method, self, args)`; the arguments that a rest parameter gathered go on as they are. */
// oxlint-disable-next-line typescript/no-explicit-any -- any method at all
export const apply: (method: (...args: any[]) => unknown, self: unknown, args: readonly unknown[]) => unknown = Reflect.apply as never; // prettier-ignore
export const defineProperty: typeof Reflect.defineProperty = Reflect.defineProperty;
export const deleteProperty: typeof Reflect.deleteProperty = Reflect.deleteProperty;
export const getOwnPropertyDescriptor: typeof Reflect.getOwnPropertyDescriptor = Reflect.getOwnPropertyDescriptor; // prettier-ignore
export const getPrototypeOf: typeof Reflect.getPrototypeOf = Reflect.getPrototypeOf;
export const ownKeys: typeof Reflect.ownKeys = Reflect.ownKeys;
export const createObject: (prototype: object | null) => object = Object.create;
export const getOwnPropertySymbols: (of: object) => symbol[] = Object.getOwnPropertySymbols;
export const isArray: (value: unknown) => value is unknown[] = Array.isArray;
export const isView: (value: unknown) => value is ArrayBufferView = ArrayBuffer.isView;

const { bind, call: callMethod } = Function.prototype;
/** `uncurry(method)(self, ...args)` is `method.call(self, ...args)` without looking `call` up. */
// oxlint-disable-next-line typescript/no-explicit-any -- any method at all
export const uncurry: <M extends (this: any, ...args: any[]) => any>(
  method: M,
) => (self: ThisParameterType<M>, ...args: Parameters<M>) => ReturnType<M> = bind.bind(
  callMethod,
) as never;
/** `call(method, self, …)`. */
// oxlint-disable-next-line typescript/no-explicit-any -- any method at all
export const call: (method: (...args: any[]) => unknown, self: unknown, ...args: unknown[]) => unknown = uncurry(callMethod) as never; // prettier-ignore

const isPrototype = uncurry(Object.prototype.isPrototypeOf);
/** Is the object made by the class, or one that extends it? */
export const isInstance = (value: unknown, prototype: object): boolean =>
  isPrototype(prototype, value as object);

/** `toLowerCase(text)`. */
export const toLowerCase: (text: string) => string = uncurry(String.prototype.toLowerCase);

const byteLengthOf = Buffer.byteLength;
/** Bytes of what a program hands over to be written; -1 of what no socket takes. */
export function measureChunk(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return byteLengthOf(chunk, typeof encoding === 'string' ? (encoding as 'utf8') : 'utf8');
  }
  return isView(chunk) ? chunk.byteLength : -1;
}

const { get, set } = WeakMap.prototype;
const getOf = uncurry(get);
const setOf = uncurry(set);
/** What is known of objects of the program, without a mark on them and without keeping them. */
export class Notes<K extends object, V> {
  readonly #map: WeakMap<K, V> = new WeakMap();

  get(key: K): V | undefined {
    return getOf(this.#map, key) as V | undefined;
  }

  set(key: K, value: V): V {
    setOf(this.#map, key, value);
    return value;
  }
}
