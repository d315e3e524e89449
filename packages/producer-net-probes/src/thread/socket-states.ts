/* oxlint-disable no-underscore-dangle -- names of Node's own */
import { Connection, protocolOf, wireOf } from './connection.ts';
import { findSymbol, type Handle, type SocketInside } from './node-internals.ts';
import type { NetSocketPayload, NetTransferPayload } from '../types.ts';
import { getPrototypeOf, isInstance, Notes } from './primordials.ts';
import type { ServedConnection } from './served-connection.ts';

// A power of two; that many connections are found at once.
const recentStates = 256;

type Transfer = { -readonly [K in keyof NetTransferPayload]: NetTransferPayload[K] };

/** What is known of one socket: its connection, and how far its bytes have been told. */
export class SocketState {
  readonly connection: Connection;
  readonly layer: 'socket' | 'tls';
  /** Counters of the handle up to which events were posted; -1 while that is not known. */
  received = -1;
  sent = -1;
  /** Counters of the wire, below any TLS: after the last read, and before the write that goes on. */
  wireReceived = -1;
  wireBefore = -1;
  /** Do its bytes go past JavaScript, so that only the counters tell of them? */
  readsPast = false;
  writesPast = false;
  isShut = false;
  /** The async id under which it is found without a look into the map; 0: none. */
  asyncId = 0;
  /** Of HTTP/1 servers: the requests that came by it. */
  served: ServedConnection | undefined;
  // Posted again and again: core copies what it keeps. One has wireLen and one has not, since a
  // field that is spelled out as undefined costs a closer look.
  #of: NetSocketPayload | undefined;
  #bare: Transfer | undefined;
  #wired: Transfer | undefined;

  constructor(connection: Connection, layer: 'socket' | 'tls') {
    this.connection = connection;
    this.layer = layer;
  }

  /** The payload of a net.send or net.receive; valid until the next. `wireLen` below 1: not known. */
  describe(len: number, wireLen: number, aggregated: boolean): NetTransferPayload {
    const { fields } = this.connection;
    if (this.#of !== fields) {
      this.#of = fields;
      const { layer } = this;
      this.#bare = { len, layer, aggregated, ...fields };
      this.#wired = { len, wireLen, layer, aggregated, ...fields };
    }
    const payload = (wireLen < 1 ? this.#bare : this.#wired) as Transfer;
    payload.len = len;
    payload.aggregated = aggregated;
    if (wireLen >= 1) payload.wireLen = wireLen;
    return payload;
  }
}

/** The states of the sockets of this thread, made when a socket is first heard of. */
export class SocketStates {
  /** Was any socket heard of? */
  isUsed = false;
  readonly #states: Notes<object, SocketState | null> = new Notes();
  // Out of the cold the map takes a good part of what the probes of a request cost. Node numbers its
  // sockets, no two alike: what is told of one lately is found by that. It holds no socket.
  readonly #recent: (SocketState | undefined)[] = Array.from<undefined>({ length: recentStates });
  readonly #idSymbol: symbol;
  readonly #socketPrototype: object;

  /** @param sample - a socket of the class whose sockets are told of */
  constructor(sample: object) {
    this.#socketPrototype = getPrototypeOf(sample) as object;
    this.#idSymbol = findSymbol(sample, 'async_id_symbol') ?? Symbol('none');
  }

  /** The state of a socket; undefined for what is no socket, such as a terminal or stdout. */
  of(socket: SocketInside): SocketState | undefined {
    return this.#recall(socket) ?? this.#find(socket);
  }

  #recall(socket: object): SocketState | undefined {
    const id = (socket as Record<symbol, unknown>)[this.#idSymbol] as number;
    const state = this.#recent[id & (recentStates - 1)];
    return state?.asyncId === id ? state : undefined;
  }

  #find(socket: SocketInside): SocketState | undefined {
    let state = this.#states.get(socket);
    if (state === undefined || (state?.isShut === true && isReopened(socket))) {
      state = this.#states.set(socket, this.#create(socket));
    }
    if (state === null) return undefined;
    const { connection } = state;
    if (!connection.isComplete) this.learn(socket, connection);
    this.#keep(socket, state);
    return state;
  }

  #keep(socket: object, state: SocketState): void {
    const id = (socket as Record<symbol, unknown>)[this.#idSymbol];
    if (typeof id !== 'number' || id <= 0 || !state.connection.isComplete || state.isShut) return;
    state.asyncId = id;
    this.#recent[id & (recentStates - 1)] = state;
  }

  /** The socket is done with, unless it is opened again. */
  shut(state: SocketState): void {
    state.isShut = true;
    const at = state.asyncId & (recentStates - 1);
    if (this.#recent[at] === state) this.#recent[at] = undefined;
    state.asyncId = 0;
  }

  /** That of something which may be no net.Socket at all. */
  ofAny(value: unknown): SocketState | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    const recent = this.#recall(value);
    if (recent !== undefined) return recent;
    const known = this.#states.get(value);
    if (known === null) return undefined;
    if (known?.isShut === false && known.connection.isComplete) {
      this.#keep(value, known);
      return known;
    }
    return isInstance(value, this.#socketPrototype) ? this.of(value as SocketInside) : undefined;
  }

  #create(socket: SocketInside): SocketState | null {
    this.isUsed = true;
    const protocol = protocolOf(socket);
    if (protocol === undefined) return null;
    const layer = socket.encrypted === true ? 'tls' : 'socket';
    const below = socket._handle?._parentWrap ?? socket._parent;
    const parent = layer === 'tls' ? this.ofAny(below) : undefined;
    return new SocketState(parent?.connection ?? new Connection(protocol), layer);
  }

  /** Asks for the addresses, as soon as there is a connection to have some. */
  learn(socket: SocketInside, connection: Connection, path?: string): void {
    const { _handle: handle } = socket;
    if (handle === null || handle === undefined || socket.connecting) return;
    connection.learn(wireOf(handle), path);
    const served = socket._server?._pipeName;
    if (served !== undefined) connection.add({ localAddress: served });
  }
}

// A socket may be connected again after it was destroyed.
function isReopened(socket: SocketInside): boolean {
  return !socket.destroyed && socket._handle !== null && socket._handle !== undefined;
}

/** What the kernel has taken so far, or -1: the counter has what waits in libuv's queue, too. */
export function readSent(handle: Handle | null | undefined): number {
  const bytes = readWire(handle, 'bytesWritten');
  return bytes < 0 || handle === null || handle === undefined ? bytes : bytes - (wireOf(handle).writeQueueSize ?? 0);
} // prettier-ignore

/** What the wire has taken or brought so far, or -1. */
export function readWire(handle: Handle | null | undefined, counter: 'bytesRead' | 'bytesWritten'): number {
  return handle === null || handle === undefined ? -1 : (wireOf(handle)[counter] ?? -1);
} // prettier-ignore
