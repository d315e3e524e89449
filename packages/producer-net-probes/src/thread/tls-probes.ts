/* oxlint-disable no-underscore-dangle -- names of Node's own */
/** tls.handshake: Node's own notice that a handshake is done, on both sides. */
import type tls from 'node:tls';
import { monotonicNs } from '@extension-events/core';
import type { SocketInside } from './node-internals.ts';
import { apply, call, Notes } from './primordials.ts';
import type { Probes } from './probes.ts';

type TlsInside = tls.TLSSocket &
  SocketInside & {
    readonly _tlsOptions?: { readonly isServer?: boolean };
    readonly _handle: TlsHandle | null;
  };

interface TlsHandle {
  getServername?(): unknown;
  getALPNNegotiatedProtocol?(): unknown;
  verifyError?(): unknown;
}

/** Puts the probes over the methods of TLS sockets, whose class a Node without OpenSSL has not. */
export function instrumentTls(probes: Probes, prototype: tls.TLSSocket): void {
  const { types, patches } = probes;
  const { handshake } = types;
  const startedNs = new Notes<object, number>();
  patches.override(prototype, ['_init', '_start', '_finishInit'], (below) => ({
    // A server waits for the other side from here on; a client starts when it is connected.
    _init(this: TlsInside, ...args: unknown[]): unknown {
      if (handshake.hasListeners) startedNs.set(this, monotonicNs());
      return apply(below._init, this, args);
    },
    _start(this: TlsInside): unknown {
      if (handshake.hasListeners && !this.connecting) startedNs.set(this, monotonicNs());
      return call(below._start, this);
    },
    _finishInit(this: TlsInside): unknown {
      if (handshake.hasListeners) postHandshake(probes, this, startedNs.get(this));
      return call(below._finishInit, this);
    },
  }));
}

function postHandshake(probes: Probes, socket: TlsInside, startedNs: number | undefined): void {
  try {
    const { _handle: handle } = socket;
    const state = probes.sockets.of(socket);
    // Node ignores the notice when the socket was destroyed meanwhile.
    if (!probes.patches.isLive || handle === null || state === undefined) return;
    const { connection } = state;
    const isServer = socket._tlsOptions?.isServer === true;
    const cipher: { readonly name?: string } | undefined = socket.getCipher();
    // A server that asks for no certificate has nothing to say of it.
    const isVerified = !isServer || socket.getPeerX509Certificate?.() !== undefined;
    probes.types.handshake.post({
      ...connection.fields,
      isServer,
      ...text('servername', handle.getServername?.()),
      ...text('version', socket.getProtocol()),
      ...text('cipher', cipher?.name),
      ...text('alpnProtocol', handle.getALPNNegotiatedProtocol?.()),
      ...(isVerified && { isAuthorized: isNothing(handle.verifyError?.()) }),
      isResumed: socket.isSessionReused(),
      ...(startedNs !== undefined && { durationNs: monotonicNs() - startedNs }),
    });
  } catch {
    // The program goes first.
  }
}

function text<N extends string>(name: N, value: unknown): Partial<Record<N, string>> {
  return typeof value === 'string' && value !== '' ? ({ [name]: value } as Record<N, string>) : {};
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}
