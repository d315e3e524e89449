/** net.send, net.receive, net.connect, net.close and net.error of UDP sockets. */
import dgram from 'node:dgram';
import { isIP } from 'node:net';
import type { NetSocketPayload } from '../types.ts';
import { Connection } from './connection.ts';
import { describeError } from './errors-seen.ts';
import { findSymbol, type Handle } from './node-internals.ts';
import { apply, call, Notes } from './primordials.ts';
import type { Probes } from './probes.ts';
import { readDatagram, type SendArguments } from './udp-datagram.ts';

interface UdpState {
  readonly handle: Handle | null;
  readonly connectState: number;
  readonly bindState: number;
  queue?: (() => void)[] | undefined;
}

const connected = 2;

/** Puts the probes over the methods of dgram.Socket. */
export function instrumentDatagrams(probes: Probes): void {
  const { types, patches } = probes;
  const { connect, send, receive, close, error } = types;
  const udp = new Datagrams(probes);
  patches.override(dgram.Socket.prototype, ['send', 'close'], (below) => ({
    send(this: dgram.Socket, message: unknown, offset: unknown, length: unknown, port: unknown, address: unknown, callback: unknown): unknown {
      if (!send.hasListeners || udp.isRepeating) return call(below.send, this, message, offset, length, port, address, callback);
      const waiting = udp.countWaiting(this);
      const result = call(below.send, this, message, offset, length, port, address, callback);
      udp.postSend(this, [message, offset, length, port, address], waiting);
      return result;
    }, // prettier-ignore
    close(this: dgram.Socket, ...args: unknown[]): unknown {
      if (!close.hasListeners) return apply(below.close, this, args);
      const state = udp.stateOf(this);
      const fields = state?.handle ? udp.fieldsOf(this) : undefined;
      const result: unknown = apply(below.close, this, args);
      if (fields !== undefined && state?.handle === null) udp.postClose(fields);
      return result;
    },
  }));
  patches.override(dgram.Socket.prototype, ['emit'], (below) => ({
    emit(this: dgram.Socket, ...args: unknown[]): unknown {
      if (receive.hasListeners || connect.hasListeners || error.hasListeners) {
        // One by one: an array that is handed on has to be made, and V8 would make it unheard too.
        udp.watch(this, args[0], args[1], args[2]);
      }
      return apply(below.emit, this, args);
    },
  }));
}

class Datagrams {
  /** Does Node send now what waited for the socket to be bound? It was posted when it was handed over. */
  isRepeating = false;
  readonly #probes: Probes;
  readonly #connections: Notes<object, Connection> = new Notes();
  #state: symbol | undefined;

  constructor(probes: Probes) {
    this.#probes = probes;
  }

  stateOf(socket: dgram.Socket): UdpState | undefined {
    this.#state ??= findSymbol(socket, 'state symbol');
    return this.#state && (socket as unknown as Record<symbol, UdpState>)[this.#state];
  }

  countWaiting(socket: dgram.Socket): number {
    return this.stateOf(socket)?.queue?.length ?? 0;
  }

  fieldsOf(socket: dgram.Socket): NetSocketPayload {
    let connection = this.#connections.get(socket);
    connection ??= this.#connections.set(socket, new Connection('udp'));
    const state = this.stateOf(socket);
    if (!connection.isComplete && state?.handle && state.bindState === 2) {
      connection.learn(state.handle);
      // Before it is connected it has no other side; then it will be asked anew.
      connection.isComplete = state.connectState === connected || connection.fields.localPort !== undefined; // prettier-ignore
    }
    return connection.fields;
  }

  /** What the socket emits, before the program's listeners. */
  watch(socket: dgram.Socket, type: unknown, value: unknown, from: unknown): void {
    const { connect, receive, error } = this.#probes.types;
    if (type === 'message' && receive.hasListeners) this.#postReceive(socket, value, from);
    else if (type === 'connect' && connect.hasListeners) this.#postConnect(socket);
    else if (type === 'error' && error.hasListeners) this.#postError(socket, value);
  }

  postSend(socket: dgram.Socket, args: SendArguments, waiting: number): void {
    try {
      if (!this.#probes.patches.isLive) return;
      const state = this.stateOf(socket);
      this.#markRepetition(state, waiting);
      const { len, address, port } = readDatagram(args, state?.connectState === connected);
      const fields = this.fieldsOf(socket);
      const remote = address ?? (port === undefined ? undefined : loopbackOf(socket));
      this.#probes.types.send.post({
        len,
        layer: 'socket',
        aggregated: false,
        ...fields,
        // A name may be given; what it means is known to the resolver alone.
        ...(remote !== undefined && isIP(remote) !== 0 && { remoteAddress: remote }),
        ...(port !== undefined && { remotePort: port }),
      });
    } catch {
      // The program goes first.
    }
  }

  // An unbound socket keeps the call and makes it again once it is bound.
  #markRepetition(state: UdpState | undefined, waiting: number): void {
    const queue = state?.queue;
    const entry = queue?.at(-1);
    if (queue === undefined || entry === undefined || queue.length <= waiting) return;
    queue[queue.length - 1] = () => {
      this.isRepeating = true;
      try {
        entry();
      } finally {
        this.isRepeating = false;
      }
    };
  }

  #postReceive(socket: dgram.Socket, bytes: unknown, from: unknown): void {
    try {
      if (!this.#probes.patches.isLive) return;
      const { address, port, family } = from as { address?: string; port?: number; family?: string };
      this.#probes.types.receive.post({
        len: (bytes as Uint8Array).byteLength,
        layer: 'socket',
        aggregated: false,
        ...this.fieldsOf(socket),
        ...(address !== undefined && { remoteAddress: address }),
        ...(port !== undefined && { remotePort: port }),
        ...(family !== undefined && { family }),
      });
    } catch {
      // The program goes first.
    }
  } // prettier-ignore

  #postConnect(socket: dgram.Socket): void {
    try {
      if (!this.#probes.patches.isLive) return;
      const connection = this.#connections.get(socket);
      if (connection !== undefined) connection.isComplete = false;
      this.#probes.types.connect.post(this.fieldsOf(socket));
    } catch {
      // The program goes first.
    }
  }

  #postError(socket: dgram.Socket, exception: unknown): void {
    try {
      if (!this.#probes.patches.isLive) return;
      this.#probes.types.error.post({ ...this.fieldsOf(socket), ...describeError(exception) });
    } catch {
      // The program goes first.
    }
  }

  postClose(fields: NetSocketPayload): void {
    try {
      if (!this.#probes.patches.isLive) return;
      this.#probes.types.close.post({ ...fields, hadError: false });
    } catch {
      // The program goes first.
    }
  }
}

function loopbackOf(socket: dgram.Socket): string {
  return (socket as unknown as { type: string }).type === 'udp6' ? '::1' : '127.0.0.1';
}
