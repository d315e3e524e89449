/* oxlint-disable no-underscore-dangle -- names of Node's own */
/** net.connect: the answer to a connect request, before the program hears of it. */
import net from 'node:net';
import { monotonicNs } from '@extension-events/core';
import type { NetSocketPayload } from '../types.ts';
import { type Handle, type OnComplete, ownerOf, type RequestWrap, type SocketInside, tryGetBinding } from './node-internals.ts'; // prettier-ignore
import { apply, isArray, isInstance } from './primordials.ts';
import type { Probes } from './probes.ts';
import { watchRequests } from './request-wraps.ts';

const { prototype } = net.Socket;

/** Watches the connect requests of TCP and unix sockets; `onConnect` is called when one begins. */
export function instrumentConnects(probes: Probes, onConnect: () => void): void {
  const { types, patches } = probes;
  const { connect, close, send, receive, handshake } = types;
  // The others want to know when it was opened, and that its counters start at zero.
  const isHeard = (): boolean => connect.hasListeners || close.hasListeners || send.hasListeners || receive.hasListeners || handshake.hasListeners; // prettier-ignore
  const wrap = (request: RequestWrap, complete: OnComplete): OnComplete => {
    const startNs = monotonicNs();
    return function oncomplete(this: RequestWrap, ...args: unknown[]): unknown {
      const [status, handle] = args;
      if (status === 0 && patches.isLive) postConnect(probes, handle as Handle, request, startNs);
      return apply(complete, this, args);
    };
  };
  patches.override(prototype, ['connect'], (below) => ({
    connect(this: SocketInside, ...args: unknown[]): unknown {
      const result: unknown = apply(below.connect, this, args);
      onConnect();
      // What is written before the connection is there shall say where it goes.
      if (send.hasListeners && this.connecting) noteTarget(probes, this, args);
      return result;
    },
  }));
  for (const Wrap of [tryGetBinding('tcp_wrap')?.TCPConnectWrap, tryGetBinding('pipe_wrap')?.PipeConnectWrap]) {
    if (Wrap !== undefined) watchRequests(patches, Wrap.prototype, isHeard, wrap);
  } // prettier-ignore
}

function noteTarget(probes: Probes, socket: SocketInside, args: readonly unknown[]): void {
  try {
    if (!probes.patches.isLive) return;
    // net.connect hands over its arguments in an array, sorted already.
    const [first, second] = isArray(args[0]) ? args[0] : args;
    const isOptions = typeof first === 'object' && first !== null;
    const target = isOptions ? (first as Target) : { port: first, host: second };
    probes.sockets.of(socket)?.connection.add(describeTarget(target));
  } catch {
    // The program goes first.
  }
}

// A path goes before a port, which http sets along with it.
function describeTarget({ host, path, port }: Target): Partial<NetSocketPayload> {
  const pipe = typeof path === 'string' && path !== '' ? path : port;
  if (typeof pipe === 'string' && !(Number(pipe) >= 0)) return { family: 'unix', remoteAddress: pipe };
  return {
    ...(port !== undefined && Number(port) > 0 && { remotePort: Number(port) }),
    ...(typeof host === 'string' && net.isIP(host) !== 0 && { remoteAddress: host }),
  };
} // prettier-ignore

interface Target {
  readonly path?: unknown;
  readonly port?: unknown;
  readonly host?: unknown;
}

function postConnect(probes: Probes, handle: Handle, request: RequestWrap, startNs: number): void {
  try {
    const socket = ownerOf(handle) as SocketInside | undefined;
    // An attempt that came too late, or whose socket was destroyed meanwhile, is dropped by Node.
    if (socket === undefined || !isInstance(socket, prototype) || socket.destroyed) return;
    const { _handle: current } = socket;
    if (current !== handle && current?._parent !== handle) return;
    const state = probes.open(socket);
    if (state === undefined) return;
    const { connection } = state;
    // Node still calls it connecting; the handle knows better.
    connection.learn(handle, connection.protocol === 'pipe' ? request.address : undefined);
    const host = socket._host;
    const { connect } = probes.types;
    if (!connect.hasListeners) return;
    connect.post({
      ...connection.fields,
      ...(typeof host === 'string' && { host }),
      durationNs: monotonicNs() - startNs,
    });
  } catch {
    // The program goes first.
  }
}
