/**
 * Collections whose methods are their own: a program that replaces `Map.prototype.get` sees nothing
 * of ours, and ours goes on as it was when this file was loaded. They are walked by `forEach`, since
 * iterators share a prototype with the program's.
 */
export class SafeMap<K, V> extends Map<K, V> {}
export class SafeSet<T> extends Set<T> {}

keepMethods(SafeMap.prototype, Map.prototype);
keepMethods(SafeSet.prototype, Set.prototype);

function keepMethods(own: object, inherited: object): void {
  for (const key of Reflect.ownKeys(inherited)) {
    const property = Object.getOwnPropertyDescriptor(inherited, key);
    if (property !== undefined && key !== 'constructor') Object.defineProperty(own, key, property);
  }
}

const { apply } = Reflect;
// oxlint-disable-next-line typescript/unbound-method -- called with a receiver below
const { sort } = Array.prototype;

/** `Array.prototype.sort` as it was when this file was loaded. */
export function sortArray<T>(array: T[], compare: (a: T, b: T) => number): T[] {
  return apply(sort, array, [compare]) as T[];
}
