/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-call, typescript/no-unsafe-return -- `super` of an object that gets its prototype later has no type */
/** net.accept, and net.error of servers: what servers emit, before anybody hears it. */
import net from 'node:net';
import { describeError } from './errors-seen.ts';
import type { SocketInside } from './node-internals.ts';
import type { Probes } from './probes.ts';

/** What a server emits that other probes look at; called before the program's listeners. */
export type ServerWatcher = (server: net.Server, type: string, args: readonly unknown[]) => void;

/**
 * Puts a probe over `emit` of servers. Only what has come by `net.Server.prototype` is overridden,
 * and the classes below where they have an `emit` of their own: other tools put one there.
 */
export function instrumentServers(probes: Probes, prototypes: readonly object[], watchUpgrade: ServerWatcher): void {
  const { types, patches } = probes;
  const { accept, receive, send, close, error, handshake, serverRequest } = types;
  const createMethods = () => ({
    emit(this: net.Server, type: unknown, ...args: unknown[]): unknown {
      if (type === 'connection') {
        if (accept.hasListeners || close.hasListeners || send.hasListeners || receive.hasListeners || handshake.hasListeners) {
          postAccept(probes, args[0]);
        }
      } else if (type === 'upgrade' || type === 'connect') {
        if (serverRequest.hasListeners || receive.hasListeners) watchUpgrade(this, type, args);
      } else if (type === 'error' && error.hasListeners) postServerError(probes, this, args[0]);
      return super.emit(type, ...args);
    },
  }); // prettier-ignore
  patches.override(net.Server.prototype, createMethods());
  for (const prototype of prototypes) {
    if (Object.hasOwn(prototype, 'emit')) patches.override(prototype, createMethods());
  }
} // prettier-ignore

function postAccept(probes: Probes, value: unknown): void {
  try {
    if (!probes.patches.isLive) return;
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
    if (!probes.patches.isLive) return;
    probes.types.error.post({
      protocol: typeof server.address() === 'string' ? 'pipe' : 'tcp',
      ...describeError(exception),
    });
  } catch {
    // The program goes first.
  }
}
