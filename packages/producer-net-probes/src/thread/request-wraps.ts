/**
 * Requests of Node to libuv and c-ares: each gets its `oncomplete` by assignment, and a setter on
 * the prototype of their class sees it. So every connect and every look-up is found, whichever
 * function of whichever module began it, also one that the program took out of its module long ago.
 */
import type { OnComplete, RequestWrap } from './node-internals.ts';
import type { Patches } from './patches.ts';
import { defineProperty, getOwnPropertyDescriptor } from './primordials.ts';

/**
 * Has `wrap` replace the callbacks of the requests that begin while `isHeard`.
 */
export function watchRequests(patches: Patches, prototype: object, isHeard: () => boolean, wrap: (request: RequestWrap, complete: OnComplete) => OnComplete): void {
  // Another copy of the probes may be there already, for another registry.
  const below = getOwnPropertyDescriptor(prototype, 'oncomplete')?.set;
  // Made once: an unheard request allocates nothing.
  const own: PropertyDescriptor = { configurable: true, enumerable: true, writable: true };
  patches.define(prototype, 'oncomplete', {
    get: () => undefined,
    set(this: RequestWrap, complete: OnComplete) {
      const isWrapped = patches.isLive && isHeard() && typeof complete === 'function';
      const value = isWrapped ? wrap(this, complete) : complete;
      if (below !== undefined) {
        below.call(this, value);
        return;
      }
      own.value = value;
      defineProperty(this, 'oncomplete', own);
      own.value = undefined;
    },
  });
} // prettier-ignore
