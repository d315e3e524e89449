/**
 * Looking at the program's objects without running any of its code: own data properties by their
 * descriptors, no getters, nothing of proxies, no methods that it may have replaced. The functions are
 * taken when this file is loaded.
 */
import { types } from 'node:util';

const { getOwnPropertyDescriptor, getPrototypeOf, keys, prototype: objectPrototype } = Object;
const { isArray } = Array;
const { apply } = Reflect;
const { isArgumentsObject, isArrayBufferView, isDate, isMap, isNativeError, isProxy, isSet } =
  types;
const sizeOfMap = getterOf(Map.prototype, 'size');
const sizeOfSet = getterOf(Set.prototype, 'size');
const lengthOfView = getterOf(getPrototypeOf(Uint8Array.prototype) as object, 'byteLength');
// oxlint-disable-next-line typescript/unbound-method -- called by apply, on dates
const isoOf = Date.prototype.toISOString;

function getterOf(object: object, key: string): () => number {
  // oxlint-disable-next-line typescript/unbound-method -- called by apply, on its own kind
  return getOwnPropertyDescriptor(object, key)?.get ?? (() => 0);
}

/** Objects and functions. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** The value of an own data property; `undefined` when there is none, or a getter, or a proxy. */
export function dataOf(object: object, key: string): unknown {
  if (isProxy(object)) return undefined;
  return getOwnPropertyDescriptor(object, key)?.value;
}

/** Has it an own property, whatever it holds? */
export function hasOwn(object: object, key: string): boolean {
  return !isProxy(object) && getOwnPropertyDescriptor(object, key) !== undefined;
}

/** The value of a data property of its own or of its prototypes. */
export function inheritedDataOf(object: object, key: string): unknown {
  let holder: object | null = object;
  for (let i = 0; i < 8 && holder !== null && !isProxy(holder); i++) {
    const found = getOwnPropertyDescriptor(holder, key);
    if (found !== undefined) return found.value;
    holder = getPrototypeOf(holder) as object | null;
  }
  return undefined;
}

/** Keys of own enumerable properties; none of objects that are not made to be looked into. */
export function keysOf(object: object): readonly string[] {
  if (typeof object === 'function' || isProxy(object) || isArrayBufferView(object)) return [];
  return keys(object);
}

/** Arrays and `arguments`: how long; `undefined`: neither. */
export function lengthOfList(object: object): number | undefined {
  if (isProxy(object) || !(isArray(object) || isArgumentsObject(object))) return undefined;
  const length = dataOf(object, 'length');
  return typeof length === 'number' ? length : undefined;
}

export function isError(object: object): boolean {
  return !isProxy(object) && isNativeError(object);
}

/** Made by `{}` or without a prototype, also in another realm. */
export function isPlain(object: object): boolean {
  if (typeof object === 'function' || isProxy(object)) return false;
  const prototype = getPrototypeOf(object) as object | null;
  if (prototype === null || prototype === objectPrototype) return true;
  return !isProxy(prototype) && getPrototypeOf(prototype) === null && dataOf(prototype, 'hasOwnProperty') !== undefined; // prettier-ignore
}

/** The name of its class: `ClientRequest`; of functions, their own. */
export function classNameOf(object: object): string {
  if (isProxy(object)) return 'Proxy';
  const isFunction = typeof object === 'function';
  const named = isFunction ? object : inheritedDataOf(object, 'constructor');
  const name = typeof named === 'function' ? dataOf(named, 'name') : undefined;
  const text = typeof name === 'string' && name !== '' ? name : 'Object';
  return isFunction ? `Function ${text === 'Object' ? '' : text}`.trimEnd() : text;
}

/** In brackets, what is not looked into: `[Socket]`, `[Array(3)]`, `[Buffer(12)]`. */
export function labelOf(object: object): string {
  const length = lengthOfList(object) ?? sizeOf(object);
  return `[${classNameOf(object)}${length === undefined ? '' : `(${length})`}]`;
}

function sizeOf(object: object): number | undefined {
  if (isProxy(object)) return undefined;
  if (isArrayBufferView(object)) return apply(lengthOfView, object, []);
  if (isMap(object)) return apply(sizeOfMap, object, []);
  return isSet(object) ? apply(sizeOfSet, object, []) : undefined;
}

/** Values that are text although they are objects: dates. */
export function textOf(object: object): string | undefined {
  if (isProxy(object) || !isDate(object)) return undefined;
  try {
    return apply(isoOf, object, []);
  } catch {
    return 'Invalid Date';
  }
}
