/** What all probes of a thread share: the event types, the patches, and what is known of sockets. */
import net from 'node:net';
import { type EventTypeDescriptor, monotonicNs, type Registry } from '@extension-events/core';
import * as events from '../events.ts';
import type * as payloads from '../types.ts';
import type { Handle, SocketInside } from './node-internals.ts';
import { Patches } from './patches.ts';
import { readWire, type SocketState, SocketStates } from './socket-states.ts';

/** The handle of an event type, for payloads of one kind. */
export interface Poster<P> {
  /** Asked first by every probe, which does nothing else unheard. */
  readonly hasListeners: boolean;
  /** @param nowNs - the time, where it was asked for just before */
  post(payload: P, nowNs?: number): void;
}

export interface Types {
  readonly connect: Poster<payloads.NetConnectPayload>;
  readonly accept: Poster<payloads.NetAcceptPayload>;
  readonly send: Poster<payloads.NetTransferPayload>;
  readonly receive: Poster<payloads.NetTransferPayload>;
  readonly close: Poster<payloads.NetClosePayload>;
  readonly error: Poster<payloads.NetErrorPayload>;
  readonly lookup: Poster<payloads.DnsLookupPayload>;
  readonly handshake: Poster<payloads.TlsHandshakePayload>;
  readonly clientRequest: Poster<payloads.HttpClientRequestStartPayload>;
  readonly clientResponse: Poster<payloads.HttpClientRequestPayload>;
  readonly serverRequest: Poster<payloads.HttpServerRequestStartPayload>;
  readonly serverResponse: Poster<payloads.HttpServerRequestPayload>;
}

export class Probes implements Disposable {
  readonly types: Types;
  readonly patches: Patches = new Patches();
  readonly sockets: SocketStates = new SocketStates(new net.Socket());
  #lastRequestId = 0;

  constructor(registry: Registry) {
    const register = <P>(descriptor: EventTypeDescriptor): Poster<P> => {
      const type = registry.registerEventType(descriptor);
      this.patches.defer(() => type.unregister());
      return type as unknown as Poster<P>;
    };
    this.types = {
      connect: register(events.netConnectDescriptor),
      accept: register(events.netAcceptDescriptor),
      send: register(events.netSendDescriptor),
      receive: register(events.netReceiveDescriptor),
      close: register(events.netCloseDescriptor),
      error: register(events.netErrorDescriptor),
      lookup: register(events.dnsLookupDescriptor),
      handshake: register(events.tlsHandshakeDescriptor),
      clientRequest: register(events.httpClientRequestStartDescriptor),
      clientResponse: register(events.httpClientRequestDescriptor),
      serverRequest: register(events.httpServerRequestStartDescriptor),
      serverResponse: register(events.httpServerRequestDescriptor),
    };
  }

  nextRequestId(): number {
    return ++this.#lastRequestId;
  }

  /** A connection was opened just now: its counters start at zero. */
  open(socket: SocketInside, path?: string): SocketState | undefined {
    const state = this.sockets.of(socket);
    if (state === undefined) return undefined;
    const { connection } = state;
    connection.openedNs = monotonicNs();
    this.startAccount(state);
    if (path !== undefined) this.sockets.learn(socket, connection, path);
    return state;
  }

  /** Nothing was told yet of what the counters of a new connection say; who hears it from now on hears all. */
  startAccount(state: SocketState): void {
    const { receive, send } = this.types;
    if (state.sent < 0 && send.hasListeners) state.sent = 0;
    if (!receive.hasListeners) return;
    if (state.received < 0) state.received = 0;
    if (state.wireReceived < 0) state.wireReceived = 0;
  }

  /** Posts what has come in and gone out past JavaScript since the last time, as one event each. */
  postPending(socket: SocketInside, state: SocketState): void {
    this.postReceived(socket, state);
    state.writesPast = true;
    const { _handle: handle } = socket;
    if (handle === null || handle === undefined) return;
    const { send } = this.types;
    if (send.hasListeners) {
      const total = handle.bytesWritten ?? -1;
      const len = state.sent < 0 ? 0 : total - state.sent;
      state.sent = total;
      if (len > 0) send.post(state.describe(len, -1, true));
    }
  }

  /** The same of what has come in alone. */
  postReceived(socket: SocketInside, state: SocketState, nowNs?: number): void {
    state.readsPast = true;
    const { _handle: handle } = socket;
    const { receive } = this.types;
    if (handle === null || handle === undefined || !receive.hasListeners) return;
    const [len, wireLen] = this.#advanceReceived(handle, state);
    if (len > 0) receive.post(state.describe(len, wireLen, true), nowNs);
  }

  #advanceReceived(handle: Handle, state: SocketState): [len: number, wireLen: number] {
    const total = handle.bytesRead ?? -1;
    const len = state.received < 0 ? 0 : total - state.received;
    state.received = total;
    if (state.layer !== 'tls') return [len, -1];
    const wire = readWire(handle, 'bytesRead');
    const wireLen = state.wireReceived < 0 ? -1 : wire - state.wireReceived;
    state.wireReceived = wire;
    return [len, wireLen];
  }

  [Symbol.dispose](): void {
    this.patches[Symbol.dispose]();
  }
}
