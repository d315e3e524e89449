import { isOwnUrl } from '@extension-events/platform-v8';
import type { ProfileNode } from '@extension-events/platform-v8';
import type { HotFunction, Place } from './internal-types.ts';

/** What a node of the profile stands for. */
export type Meaning =
  | { readonly kind: 'idle' }
  /** Our own snippets: neither busy nor idle. */
  | { readonly kind: 'own' }
  /** Busy, but at no place of the program: `(program)` or `(garbage collector)`. */
  | { readonly kind: 'elsewhere'; readonly name: string }
  | {
      readonly kind: 'function';
      readonly function: HotFunction;
      /** Native function that is called from it; empty when it runs itself. */
      readonly native: string;
      /** Do the node's lines belong to the function? */
      readonly hasLines: boolean;
    };

const maxPlaces = 8192;

/** V8's own nodes have names in parentheses and no script. */
const isIdle = (node: ProfileNode): boolean => node.functionName === '(idle)';
const isElsewhere = (node: ProfileNode): boolean =>
  node.url === '' && /^\((?:root|program|garbage collector)\)$/.test(node.functionName);
// How we roll the profile; V8 charges it to whatever it interrupts.
const isRolling = (node: ProfileNode): boolean =>
  node.url === '' && (node.functionName === 'profile' || node.functionName === 'profileEnd');
const isNative = (node: ProfileNode): boolean =>
  node.url === '' && (node.scriptId === '' || node.scriptId === '0');

/** Says what samples in this node mean. */
export function readMeaning(node: ProfileNode): Meaning {
  if (isIdle(node)) return { kind: 'idle' };
  if (isElsewhere(node)) return { kind: 'elsewhere', name: node.functionName };
  if (isRolling(node)) return { kind: 'own' };
  for (let at: ProfileNode | undefined = node; at !== undefined; at = at.parent) {
    if (isOwnUrl(at.url)) return { kind: 'own' };
  }
  if (!isNative(node)) {
    return { kind: 'function', function: toFunction(node), native: '', hasLines: true };
  }
  return readNative(node);
}

// Time in native code belongs to the line of the program that called for it, so through Node's own
// wrapper (`pbkdf2Sync` in node:internal) up to the program; the name is what that line calls.
function readNative(node: ProfileNode): Meaning {
  let called = node;
  let nearest: { at: ProfileNode; called: ProfileNode } | undefined;
  for (let at = node.parent; at !== undefined; called = at, at = at.parent) {
    if (isNative(at)) continue;
    nearest ??= { at, called };
    if (at.url.startsWith('node:')) continue;
    nearest = { at, called };
    break;
  }
  if (nearest === undefined || isElsewhere(nearest.at))
    return { kind: 'elsewhere', name: node.functionName };
  return {
    kind: 'function',
    function: toFunction(nearest.at),
    native: nearest.called.functionName || node.functionName || '(native)',
    // V8 gives a native node the lines of the JavaScript frame next to it.
    hasLines: nearest.called === node,
  };
}

/** The function of a node that has a script. */
export function toFunction(node: ProfileNode): HotFunction {
  const { functionName, scriptId, url } = node;
  // The code of a whole script may come without a start.
  const line = Math.max(1, node.line);
  const column = Math.max(1, node.column);
  return {
    key: functionKey(url || `#${scriptId}`, line, column),
    functionName,
    scriptId,
    url,
    line,
    column,
  };
}

/** Script and start tell functions apart; names do not. */
export function functionKey(script: string, line: number, column: number): string {
  return `${script}:${line}:${column}`;
}

/** Keeps one object for each place, so that samples are small and counting is by identity. */
export class PlaceTable {
  #places = new Map<string, Place>();

  get(hot: HotFunction | undefined, line: number, native: string): Place {
    const key = `${hot?.key ?? ''}|${line}|${native}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      // A generator of functions must not fill the memory of the program; old samples keep their places.
      if (this.#places.size >= maxPlaces) this.#places = new Map();
      place = { key, function: hot, line, native };
      this.#places.set(key, place);
    }
    return place;
  }
}
