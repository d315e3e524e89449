/* oxlint-disable no-underscore-dangle -- names of Node's own */
/** net.send, net.receive, net.close and net.error of net.Socket and all that extends it. */
import net from 'node:net';
import { monotonicNs } from '@extension-events/core';
import type { Probes } from './probes.ts';
import { describeError, describePeer } from './errors-seen.ts';
import { findSymbol, type Handle, type SocketInside } from './node-internals.ts';
import { call, isView, measureChunk } from './primordials.ts';
import { readSent, readWire, type SocketState } from './socket-states.ts';

/** Puts the probes over the methods of net.Socket; `super` is Node's, or what the program has there. */
export function instrumentSockets(probes: Probes, abort: (socket: SocketInside) => void): void {
  const { types, patches, sockets } = probes;
  const { send, receive, close, error } = types;
  const ownBuffer = findSymbol(new net.Socket(), 'kBuffer');
  patches.override(net.Socket.prototype, ['write', 'push'], (below) => ({
    write(this: SocketInside, chunk: unknown, encoding: unknown, callback: unknown): unknown {
      if (!send.hasListeners || isEmpty(chunk)) return call(below.write, this, chunk, encoding, callback); // prettier-ignore
      const state = beginWrite(probes, this, chunk);
      const len = state === undefined ? -1 : measure(this, chunk, encoding);
      const result: unknown = call(below.write, this, chunk, encoding, callback);
      if (state !== undefined && len >= 0) endWrite(probes, this, state, len);
      return result;
    },
    push(this: SocketInside, chunk: unknown, encoding: unknown): unknown {
      if (receive.hasListeners) postPush(probes, this, chunk);
      return call(below.push, this, chunk, encoding);
    },
  }));
  patches.override(net.Socket.prototype, ['end', '_unrefTimer', '_destroy'], (below) => ({
    end(this: SocketInside, chunk: unknown, encoding: unknown, callback: unknown): unknown {
      if (!send.hasListeners || isEmpty(chunk)) return call(below.end, this, chunk, encoding, callback); // prettier-ignore
      const state = beginWrite(probes, this, chunk);
      const len = state === undefined ? -1 : measure(this, chunk, encoding);
      const result: unknown = call(below.end, this, chunk, encoding, callback);
      if (state !== undefined && len >= 0) endWrite(probes, this, state, len);
      return result;
    },
    _unrefTimer(this: SocketInside): unknown {
      if (receive.hasListeners) postOwnBuffer(probes, this, ownBuffer);
      return call(below._unrefTimer, this);
    },
    _destroy(this: SocketInside, exception: unknown, callback: unknown): unknown {
      // A socket that was never heard of has neither bytes nor a response left to tell of.
      if (sockets.isUsed || close.hasListeners || error.hasListeners) {
        postEnd(probes, this, exception, abort);
      }
      return call(below._destroy, this, exception, callback);
    },
  }));
}

// Node's own http writes an empty text after each response to be called back: nothing is sent.
function isEmpty(chunk: unknown): boolean {
  return chunk === '' || (isView(chunk) && chunk.byteLength === 0);
}

/** The state of a socket whose write is to be posted when it is done. */
function beginWrite(probes: Probes, socket: SocketInside, chunk: unknown): SocketState | undefined {
  if (!probes.patches.isLive || chunk === null || chunk === undefined) return undefined;
  try {
    // Refused by the stream: nothing will be sent.
    if (socket.destroyed || socket.writableEnded) return undefined;
    const state = probes.sockets.of(socket);
    if (state === undefined) return undefined;
    // What the stream holds back goes out in a later call, and the counter tells nothing of this one.
    const isDirect = !socket.connecting && socket.writableCorked === 0 && socket.writableLength === 0;
    state.wireBefore = isDirect ? readWire(socket._handle, 'bytesWritten') : -1;
    return state;
  } catch {
    return undefined;
  }
} // prettier-ignore

// Before it is written: measuring a text that was put together makes it one piece, which the write
// then has to do no more.
function measure(socket: SocketInside, chunk: unknown, encoding: unknown): number {
  try {
    return measureChunk(chunk, encoding ?? socketEncoding(socket));
  } catch {
    return -1;
  }
}

function socketEncoding(socket: SocketInside): unknown {
  const { _writableState: state } = socket as unknown as { _writableState?: { defaultEncoding?: string } }; // prettier-ignore
  return state?.defaultEncoding;
}

function endWrite(probes: Probes, socket: SocketInside, state: SocketState, len: number): void {
  try {
    const { wireBefore: before } = state;
    const wireLen = before < 0 ? -1 : readWire(socket._handle, 'bytesWritten') - before;
    if (state.sent >= 0) state.sent += len;
    probes.types.send.post(state.describe(len, wireLen, false));
  } catch {
    // The program goes first.
  }
}

function postPush(probes: Probes, socket: SocketInside, chunk: unknown): void {
  if (chunk === null || chunk === undefined || !probes.patches.isLive) return;
  try {
    const len = measureChunk(chunk, undefined);
    const state = probes.sockets.of(socket);
    if (len < 0 || state === undefined) return;
    postReceived(probes, socket, state, len);
  } catch {
    // The program goes first.
  }
}

function postReceived(probes: Probes, socket: SocketInside, state: SocketState, len: number): void {
  let wireLen = -1;
  if (state.layer === 'tls') {
    const wire = readWire(socket._handle, 'bytesRead');
    if (state.wireReceived >= 0) wireLen = wire - state.wireReceived;
    state.wireReceived = wire;
  }
  state.received = state.received < 0 ? (socket._handle?.bytesRead ?? -1) : state.received + len;
  probes.types.receive.post(state.describe(len, wireLen, false));
}

// With the option `onread` bytes go into a buffer of the program and are never pushed; each read
// comes by here, right after the handle has counted it.
function postOwnBuffer(probes: Probes, socket: SocketInside, ownBuffer: symbol | undefined): void {
  try {
    if (ownBuffer === undefined || !(socket as unknown as Record<symbol, unknown>)[ownBuffer])
      return;
    if (!probes.patches.isLive) return;
    const state = probes.sockets.of(socket);
    const bytes = socket._handle?.bytesRead ?? -1;
    if (state === undefined || bytes < 0) return;
    const before = state.received;
    state.received = bytes;
    const len = bytes - before;
    if (before >= 0 && len > 0) probes.types.receive.post(state.describe(len, -1, false));
  } catch {
    // The program goes first.
  }
}

function postEnd(probes: Probes, socket: SocketInside, exception: unknown, abort: (socket: SocketInside) => void): void {
  if (!probes.patches.isLive) return;
  try {
    const { close, error, serverResponse } = probes.types;
    if (serverResponse.hasListeners) abort(socket);
    const isConnecting = socket.connecting;
    const state = probes.sockets.of(socket);
    if (state === undefined || state.isShut) return;
    const { connection } = state;
    const handle = socket._handle;
    if (state.writesPast) probes.postPending(socket, state);
    else if (state.readsPast || isConsumed(handle)) probes.postReceived(socket, state);
    probes.sockets.shut(state);
    const hadError = exception !== null && exception !== undefined;
    if (hadError && error.hasListeners) error.post({ ...describePeer(exception), ...connection.fields, ...describeError(exception) });
    const isOpen = handle && !isConnecting && !(hadError && isConnectFailure(exception));
    if (connection.isClosed) return;
    connection.isClosed = true;
    if (!isOpen || !close.hasListeners) return;
    const { openedNs } = connection;
    close.post({
      ...connection.fields,
      ...counted('sentBytes', readSent(handle)),
      ...counted('receivedBytes', readWire(handle, 'bytesRead')),
      hadError,
      ...(openedNs !== undefined && { durationNs: monotonicNs() - openedNs }),
    });
  } catch {
    // The program goes first.
  }
} // prettier-ignore

/** A parser reads from it, past JavaScript; what never came to be a request is known by the counter alone. */
function isConsumed(handle: Handle | null | undefined): boolean {
  return handle?._consumed === true;
}

function isConnectFailure(exception: unknown): boolean {
  const { syscall } = exception as { syscall?: unknown };
  return syscall === 'connect' || syscall === 'bind' || syscall === 'getaddrinfo';
}

function counted<N extends string>(name: N, bytes: number): Partial<Record<N, number>> {
  return bytes < 0 ? {} : ({ [name]: bytes } as Record<N, number>);
}
