/**
 * What runs inside a JavaScript thread at a breakpoint: one constant function, which a condition
 * calls with the number of the place. It tells the agent, by a binding of the inspector, and never
 * throws; the condition is false, so that V8 goes on without a pause.
 *
 * It reads and does not act: no getter, no proxy trap, no method of the program is called.
 */
import { conditionUrl, ownUrlPrefix } from '@extension-events/platform-v8';
import type { Capture } from '../captures.ts';

/** Name of the binding while it is handed over; it is on the global object for that instant. */
export const bindingName = '__extensionEventsBinding';
// A plain name, since a frame may have a variable called Symbol. It is not enumerable.
const helperName = '__extensionEventsHit';

/** What the helper sends. */
export interface RawHit {
  readonly spot: number;
  /** CLOCK_MONOTONIC. */
  readonly timestampNs: number;
  /** Innermost first; ours are left out. */
  readonly frames: readonly RawFrame[];
  /** Printed captures, in the order of the condition's; absent when it has none. */
  readonly values?: readonly string[];
}

/** Function, url, line, column, is async, is constructor, line where the function starts. */
export type RawFrame = readonly [string, string, number, number, 0 | 1, 0 | 1, number];

/** Brings the helper into the thread; the binding must be there. */
export const installHelper: string = `(() => {
  const send = globalThis.${bindingName};
  delete globalThis.${bindingName};
  const now = process.hrtime.bigint, quote = JSON.stringify, text = String;
  const { apply, getOwnPropertyDescriptor: own, getPrototypeOf, defineProperty, isExtensible } = Reflect;
  const { isArray } = Array, { isView } = ArrayBuffer, toObject = Object, { hasOwn } = Object;
  const { isProxy, isMap, isSet, isNativeError } = process.getBuiltinModule('node:util').types;
  const getter = (prototype, key) => own(prototype, key).get;
  const mapSize = getter(Map.prototype, 'size'), setSize = getter(Set.prototype, 'size');
  const viewLength = getter(getPrototypeOf(Uint8Array.prototype), 'length');
  const has = (descriptor, key) => descriptor !== undefined && hasOwn(descriptor, key);
  const dataOf = (object, key) => {
    const descriptor = isProxy(object) ? undefined : own(object, key);
    return has(descriptor, 'value') ? descriptor.value : undefined;
  };
  const clip = (value) => (value.length > 200 ? value.slice(0, 200) + '…' : value);
  const className = (object) => {
    let at = object;
    for (let hops = 0; hops < 32 && at !== null && !isProxy(at); hops++) {
      const type = dataOf(at, 'constructor');
      const name = typeof type === 'function' ? dataOf(type, 'name') : undefined;
      if (typeof name === 'string' && name !== '') return clip(name);
      at = getPrototypeOf(at);
    }
    return 'Object';
  };
  const print = (value, depth) => {
    if (typeof value === 'string') return quote(clip(value));
    if (typeof value === 'bigint') return clip(text(value)) + 'n';
    if (typeof value === 'function') {
      const name = dataOf(value, 'name');
      return typeof name === 'string' && name !== '' ? '[function ' + clip(name) + ']' : '[function]';
    }
    if (typeof value !== 'object' || value === null) return clip(text(value));
    if (isProxy(value)) return '[proxy]';
    if (isArray(value)) {
      const { length } = value;
      if (depth > 0) return 'Array(' + length + ')';
      let items = '';
      for (let i = 0; i < length && i < 8; i++) {
        const item = own(value, text(i));
        items += (i > 0 ? ', ' : '') + (item === undefined ? '' : has(item, 'value') ? print(item.value, 1) : '[getter]');
      }
      return '[' + items + (length > 8 ? ', … ' + (length - 8) + ' more' : '') + ']';
    }
    const name = className(value);
    if (isMap(value)) return name + '(' + apply(mapSize, value, []) + ')';
    if (isSet(value)) return name + '(' + apply(setSize, value, []) + ')';
    if (isView(value)) {
      try { return name + '(' + apply(viewLength, value, []) + ')'; } catch { return name; }
    }
    if (isNativeError(value)) {
      const message = dataOf(value, 'message');
      return typeof message === 'string' ? name + ': ' + clip(message) : name;
    }
    return name + ' {…}';
  };
  // A global that is an accessor would run code when it is read; a variable of that name hides it, but who knows.
  const isGlobalAccessor = (name) => {
    for (let at = globalThis; at !== null && !isProxy(at); at = getPrototypeOf(at)) {
      const descriptor = own(at, name);
      if (descriptor !== undefined) return !hasOwn(descriptor, 'value');
    }
    return false;
  };
  const walk = (name, root, path) => {
    if (name !== 'this' && isGlobalAccessor(name)) return '[getter]';
    let value = root();
    for (let i = 0; i < path.length; i++) {
      const key = path[i];
      if (value === undefined || value === null) return '[not available]';
      if (isProxy(value)) return '[proxy]';
      const descriptor = own(toObject(value), key);
      if (descriptor === undefined) return '[no property]';
      if (!has(descriptor, 'value')) return '[getter]';
      value = descriptor.value;
    }
    return print(value, 0);
  };
  const read = (name, root, path) => {
    try { return walk(name, root, path); } catch { return '[not available]'; }
  };
  // Only a plain, writable setting of Error is touched: a setter is the program's code.
  const change = (key, value) => {
    const before = own(Error, key);
    if (before === undefined ? !isExtensible(Error) : before.writable !== true) return undefined;
    Error[key] = value;
    return () => (before === undefined ? delete Error[key] : (Error[key] = before.value));
  };
  const keepSites = (_, sites) => sites;
  const url = (site) => site.getScriptNameOrSourceURL() ?? site.getFileName() ?? '';
  const stack = (depth) => {
    const undo = [change('stackTraceLimit', depth + 4), change('prepareStackTrace', keepSites)];
    let sites;
    try {
      if (undo[0] !== undefined && undo[1] !== undefined) sites = new Error().stack;
    } finally {
      undo[0]?.();
      undo[1]?.();
    }
    let frames = '', count = 0;
    if (!isArray(sites)) return frames;
    for (let i = 0; i < sites.length && count < depth; i++) {
      const site = sites[i], from = url(site);
      if (from.startsWith(${JSON.stringify(ownUrlPrefix)})) continue;
      if (count++ > 0) frames += ',';
      frames += '[' + quote(site.getFunctionName() ?? '') + ',' + quote(from) + ',' +
        (site.getLineNumber() ?? 0) + ',' + (site.getColumnNumber() ?? 0) + ',' + (site.isAsync() ? 1 : 0) + ',' +
        (site.isConstructor() ? 1 : 0) + ',' + (site.getEnclosingLineNumber?.() ?? 0) + ']';
    }
    return frames;
  };
  const hit = (spot, depth, captures) => {
    try {
      let values = '';
      if (captures !== undefined) {
        for (let i = 0; i < captures.length; i++) {
          const { 0: name, 1: root, 2: path } = captures[i];
          values += (i > 0 ? ',' : ',"values":[') + quote(read(name, root, path));
        }
        values += ']';
      }
      send('{"spot":' + spot + ',"timestampNs":' + text(now()) + ',"frames":[' + stack(depth) + ']' + values + '}');
    } catch {}
    return false;
  };
  defineProperty(globalThis, ${JSON.stringify(helperName)}, { value: hit, configurable: true });
})()`;

/** Takes the helper out of the thread. */
export const removeHelper: string = `delete globalThis.${helperName}, delete globalThis.${bindingName}, undefined`;

/** The condition of a breakpoint: tells the helper and is false. */
export function conditionOf(spot: number, depth: number, captures: readonly Capture[]): string {
  // Roots and keys are names by the grammar of captures: nothing else of the user's is in here.
  const list = captures.map(
    ({ root, path }) => `[${JSON.stringify(root)},()=>${root},${JSON.stringify(path)}]`,
  );
  const argument = list.length === 0 ? '' : `,[${list.join(',')}]`;
  return `${helperName}(${spot},${depth}${argument})\n//# sourceURL=${conditionUrl}`;
}

/**
 * Reads what the helper sent; `undefined` for anything else, since the program could find the helper and
 * call it.
 */
export function readHit(text: string): RawHit | undefined {
  try {
    const hit = JSON.parse(text) as RawHit;
    const isHit =
      typeof hit === 'object' &&
      hit !== null &&
      Number.isInteger(hit.spot) &&
      Number.isFinite(hit.timestampNs) &&
      Array.isArray(hit.frames) &&
      hit.frames.every(isFrame) &&
      (hit.values === undefined ||
        (Array.isArray(hit.values) && hit.values.every((value) => typeof value === 'string')));
    return isHit ? hit : undefined;
  } catch {
    return undefined;
  }
}

function isFrame(frame: unknown): frame is RawFrame {
  if (!Array.isArray(frame) || frame.length !== 7) return false;
  return frame.every((each, at) => typeof each === (at < 2 ? 'string' : 'number'));
}
