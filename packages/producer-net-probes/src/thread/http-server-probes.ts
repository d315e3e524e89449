/* oxlint-disable no-underscore-dangle -- names of Node's own */
/** http.server.request and http.server.response of HTTP/1, and the bytes that its parser takes. */
import http from 'node:http';
import { monotonicNs } from '@extension-events/core';
import type { HttpServerRequestPayload } from '../types.ts';
import { tapChannel } from './channels.ts';
import type { SocketInside } from './node-internals.ts';
import { call, Notes } from './primordials.ts';
import type { Probes } from './probes.ts';
import type { UpgradeWatcher } from './server-probes.ts';
import type { SocketState } from './socket-states.ts';

/** A request that was heard to begin. */
interface Exchange {
  readonly startNs: number;
  readonly payload: HttpServerRequestPayload;
  isDone: boolean;
}

type ResponseInside = http.ServerResponse & { readonly req: http.IncomingMessage };

/** Watches HTTP/1 servers. */
export class HttpServerProbes {
  readonly #probes: Probes;
  readonly #exchanges: Notes<object, Exchange> = new Notes();

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
    const state = this.#takeBytes(socket);
    const { serverRequest, serverResponse } = this.#probes.types;
    if (!serverRequest.hasListeners && !serverResponse.hasListeners) return;
    const payload = this.#describe(request, state);
    this.#exchanges.set(response, { startNs: monotonicNs(), payload, isDone: false });
    if (serverRequest.hasListeners) serverRequest.post(payload);
  }

  /** Upgrades and CONNECT come by no channel. */
  readonly watchUpgrade: UpgradeWatcher = (request, socket) => {
    try {
      if (!this.#probes.patches.isLive) return;
      const state = this.#takeBytes(socket as SocketInside);
      // From here on its bytes come through JavaScript.
      if (state !== undefined) state.readsPast = false;
      const { serverRequest } = this.#probes.types;
      if (!serverRequest.hasListeners || !(request instanceof http.IncomingMessage)) return;
      serverRequest.post(this.#describe(request, state));
    } catch {
      // The program goes first.
    }
  };

  // The parser reads from the handle, past JavaScript.
  #takeBytes(socket: SocketInside): SocketState | undefined {
    const state = this.#probes.sockets.ofAny(socket);
    const { receive } = this.#probes.types;
    if (state === undefined || !receive.hasListeners) return state;
    // A connection from before: all that is known is the piece that the parser has in hand.
    if (state.received < 0) state.received = (socket._handle?.bytesRead ?? 0) - inHand(socket);
    this.#probes.postReceived(socket, state);
    return state;
  }

  #describe(request: http.IncomingMessage, state: SocketState | undefined): HttpServerRequestPayload {
    const { method = '', url = '', httpVersion, headers } = request;
    const { host } = headers;
    return {
      requestId: this.#probes.nextRequestId(),
      method,
      ...(host !== undefined && { host }),
      path: url,
      httpVersion,
      protocol: (request.socket as SocketInside).encrypted === true ? 'https' : 'http',
      ...state?.endpoints,
    };
  } // prettier-ignore

  #finish(response: ResponseInside): void {
    try {
      if (!this.#probes.patches.isLive) return;
      const { socket } = response;
      if (socket !== null) this.#takeRest(socket);
      this.#end(response, false);
    } catch {
      // The program goes first.
    }
  }

  // What came of the body since its head.
  #takeRest(socket: SocketInside): void {
    const { receive } = this.#probes.types;
    const state = receive.hasListeners ? this.#probes.sockets.ofAny(socket) : undefined;
    if (state?.readsPast === true) this.#probes.postReceived(socket, state);
  }

  #end(response: ResponseInside, isAborted: boolean): void {
    const { serverResponse } = this.#probes.types;
    const exchange = this.#exchanges.get(response);
    if (exchange === undefined || exchange.isDone) return;
    exchange.isDone = true;
    if (!serverResponse.hasListeners) return;
    serverResponse.post({
      ...exchange.payload,
      statusCode: response.statusCode,
      isAborted,
      durationNs: monotonicNs() - exchange.startNs,
    });
  }

  /** The socket goes; a response that it still carries will never be done. */
  abort(socket: SocketInside): void {
    const { _httpMessage: message } = socket;
    if (message instanceof http.ServerResponse) this.#end(message as ResponseInside, true);
  }
}

interface StartMessage {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly socket: SocketInside;
}

function inHand({ parser }: SocketInside): number {
  return parser?.getCurrentBuffer?.()?.byteLength ?? 0;
}
