/** net.accept, and net.error of servers: what servers emit, before anybody hears it. */
import net from 'node:net';
import { describeError } from './errors-seen.ts';
import type { SocketInside } from './node-internals.ts';
import type { MakeMethods } from './patches.ts';
import { apply } from './primordials.ts';
import type { Probes } from './probes.ts';

/**
 * Told of a request that turns its connection into something else. Returns what is to be called
 * after the program has been told of it. Neither throws.
 */
export type UpgradeWatcher = (request: unknown, socket: unknown) => (() => void) | undefined;

/**
 * Puts a probe over `emit` of servers. Most of them have it from `net.Server.prototype`; the
 * classes below are overridden where they have an `emit` of their own: other tools put one there.
 */
export function instrumentServers(probes: Probes, prototypes: readonly object[], watchUpgrade: UpgradeWatcher): void {
  const { types, patches } = probes;
  const { accept, receive, close, error, serverRequest, serverResponse } = types;
  const makeEmit: MakeMethods<'emit'> = (below) => ({
    emit(this: net.Server, ...args: unknown[]): unknown {
      if (accept.hasListeners || close.hasListeners || receive.hasListeners || serverRequest.hasListeners || serverResponse.hasListeners || error.hasListeners) {
        // One by one: an array that is handed on has to be made, and V8 would make it unheard too.
        const afterwards = watch(this, args[0], args[1], args[2]);
        if (afterwards !== undefined) {
          try {
            return apply(below.emit, this, args);
          } finally {
            afterwards();
          }
        }
      }
      return apply(below.emit, this, args);
    },
  });
  const watch = (server: net.Server, type: unknown, value: unknown, socket: unknown): (() => void) | undefined => {
    if (!patches.isLive) return undefined;
    if (type === 'connection') postAccept(probes, value);
    else if (type === 'upgrade' || type === 'connect') return watchUpgrade(value, socket);
    else if (type === 'error' && error.hasListeners) postServerError(probes, server, value);
    return undefined;
  };
  patches.override(net.Server.prototype, ['emit'], makeEmit);
  for (const prototype of prototypes) {
    if (Object.hasOwn(prototype, 'emit')) patches.override(prototype, ['emit'], makeEmit);
  }
} // prettier-ignore

function postAccept(probes: Probes, value: unknown): void {
  try {
    const known = probes.sockets.ofAny(value);
    // A program may hand a connection of one server over to another.
    if (known === undefined || known.connection.openedNs !== undefined) return;
    const state = probes.open(value as SocketInside);
    const { accept } = probes.types;
    if (state !== undefined && accept.hasListeners) accept.post(state.connection.fields);
  } catch {
    // The program goes first.
  }
}

function postServerError(probes: Probes, server: net.Server, exception: unknown): void {
  try {
    probes.types.error.post({
      protocol: typeof server.address() === 'string' ? 'pipe' : 'tcp',
      ...describeError(exception),
    });
  } catch {
    // The program goes first.
  }
}
