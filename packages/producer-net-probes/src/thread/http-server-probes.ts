/* oxlint-disable no-underscore-dangle -- names of Node's own */
/** http.server.request.start and http.server.request of HTTP/1, and the bytes that its parser takes. */
import http from 'node:http';
import { monotonicNs } from '@extension-events/core';
import { tapChannel } from './channels.ts';
import type { SocketInside } from './node-internals.ts';
import { call, toLowerCase } from './primordials.ts';
import type { Probes } from './probes.ts';
import type { UpgradeWatcher } from './server-probes.ts';
import {
  describeEnd,
  describeStart,
  type Exchange,
  ServedConnection,
} from './served-connection.ts';
import type { SocketState } from './socket-states.ts';

type ResponseInside = http.ServerResponse & { readonly req: http.IncomingMessage };

/** Watches HTTP/1 servers. */
export class HttpServerProbes {
  readonly #probes: Probes;

  constructor(probes: Probes) {
    this.#probes = probes;
  }

  install(): void {
    const { patches, types } = this.#probes;
    const { serverRequest, serverResponse, receive } = types;
    const isHeard = (): boolean =>
      serverRequest.hasListeners || serverResponse.hasListeners || receive.hasListeners;
    const finish = (response: ResponseInside): void => this.#finish(response);
    // Published after the head was read, before anything of it reaches the program.
    tapChannel(patches, 'http.server.request.start', isHeard, (message: StartMessage) => this.#start(message)); // prettier-ignore
    patches.override(http.ServerResponse.prototype, ['_finish'], (below) => ({
      // Called when the last of a response has been handed to its socket.
      _finish(this: ResponseInside): unknown {
        if (serverResponse.hasListeners || receive.hasListeners) finish(this);
        return call(below._finish, this);
      },
    }));
  }

  #start({ request, response, socket }: StartMessage): void {
    const nowNs = monotonicNs();
    const state = this.#takeBytes(socket, nowNs);
    const { serverRequest, serverResponse } = this.#probes.types;
    if (!serverRequest.hasListeners && !serverResponse.hasListeners) return;
    if (state === undefined) return;
    const exchange = readRequest(request, response, state, this.#probes.nextRequestId(), nowNs);
    if (serverResponse.hasListeners) (state.served ??= new ServedConnection()).await(exchange);
    if (serverRequest.hasListeners) serverRequest.post(describeStart(exchange), nowNs);
    // The rest of what the parser had in hand when the program destroyed the socket.
    if (state.isShut) this.#abort(state);
  }

  /** Upgrades and CONNECT come by no channel. */
  readonly watchUpgrade: UpgradeWatcher = (request, socket) => {
    try {
      if (!this.#probes.patches.isLive) return undefined;
      const message = request as http.IncomingMessage;
      const nowNs = monotonicNs();
      const own = this.#takeBytes(socket as SocketInside, nowNs);
      // From here on its bytes come through JavaScript.
      if (own !== undefined) own.readsPast = false;
      // While a body is still to come, Node 26 hands over a stream in place of the socket.
      const state = own ?? this.#takeBytes(message.socket, nowNs);
      const { serverRequest, serverResponse } = this.#probes.types;
      if (!serverRequest.hasListeners && !serverResponse.hasListeners) return undefined;
      if (state === undefined) return undefined;
      const exchange = readRequest(message, undefined, state, this.#probes.nextRequestId(), nowNs);
      if (serverRequest.hasListeners) serverRequest.post(describeStart(exchange), nowNs);
      return serverResponse.hasListeners ? () => this.#handedOver(exchange) : undefined;
    } catch {
      // The program goes first.
      return undefined;
    }
  };

  #handedOver(exchange: Exchange): void {
    try {
      if (this.#probes.patches.isLive) this.#end(exchange, false);
    } catch {
      // The program goes first.
    }
  }

  // The parser reads from the handle, past JavaScript.
  #takeBytes(socket: SocketInside, nowNs: number): SocketState | undefined {
    const state = this.#probes.sockets.ofAny(socket);
    const { receive } = this.#probes.types;
    if (state === undefined || !receive.hasListeners) return state;
    // A connection from before: all that is known is the piece that the parser has in hand.
    if (state.received < 0) state.received = (socket._handle?.bytesRead ?? 0) - inHand(socket);
    this.#probes.postReceived(socket, state, nowNs);
    return state;
  }

  #finish(response: ResponseInside): void {
    try {
      if (!this.#probes.patches.isLive) return;
      const { socket } = response;
      const state = this.#probes.sockets.ofAny(socket);
      if (socket === null || state === undefined) return;
      // What came of the body since its head.
      if (state.readsPast && this.#probes.types.receive.hasListeners)
        this.#probes.postReceived(socket, state);
      const exchange = state.served?.take(response);
      if (exchange !== undefined) this.#end(exchange, false);
    } catch {
      // The program goes first.
    }
  }

  #end(exchange: Exchange, isAborted: boolean): void {
    const { serverResponse } = this.#probes.types;
    if (!serverResponse.hasListeners) return;
    const nowNs = monotonicNs();
    serverResponse.post(describeEnd(exchange, isAborted, nowNs), nowNs);
  }

  /** The socket goes; responses that it carries, or that wait for it, will never be done. */
  abort(socket: SocketInside): void {
    this.#abort(this.#probes.sockets.ofAny(socket));
  }

  #abort(state: SocketState | undefined): void {
    for (const exchange of state?.served?.takeRest() ?? []) this.#end(exchange, true);
  }
}

interface StartMessage {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly socket: SocketInside;
}

function readRequest(request: http.IncomingMessage, response: Exchange['response'], { connection, layer }: SocketState, requestId: number, startNs: number): Exchange {
  const { method = '', url = '', httpVersion } = request;
  const protocol = layer === 'tls' ? 'https' : 'http';
  return { response, endpoints: connection.endpoints, requestId, method, host: readHost(request), path: url, httpVersion, protocol, startNs }; // prettier-ignore
} // prettier-ignore

// `headers` is made when it is first asked for, which many a program never does: where the raw ones
// leave no doubt, they have to do.
function readHost(request: http.IncomingMessage): string | undefined {
  const { rawHeaders } = request;
  let host: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length !== 4 || (name !== 'Host' && name !== 'host' && toLowerCase(name) !== 'host')) continue; // prettier-ignore
    if (host !== undefined) return request.headers.host;
    host = rawHeaders[i + 1];
  }
  return host;
}

function inHand({ parser }: SocketInside): number {
  return parser?.getCurrentBuffer?.()?.byteLength ?? 0;
}
