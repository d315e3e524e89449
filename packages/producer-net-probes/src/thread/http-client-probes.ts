/* oxlint-disable no-underscore-dangle -- names of Node's own */
/** http.client.request.start and http.client.request of node:http and node:https. */
import http from 'node:http';
import { tapChannel } from './channels.ts';
import { ClientExchanges } from './client-exchanges.ts';
import { apply, call } from './primordials.ts';
import type { Probes } from './probes.ts';

/** Watches HTTP/1 clients. */
export function instrumentHttpClients(probes: Probes, exchanges: ClientExchanges): void {
  const { patches, types } = probes;
  const { clientRequest, clientResponse } = types;
  const { prototype } = http.ClientRequest;
  const isHeard = (): boolean => clientRequest.hasListeners || clientResponse.hasListeners;
  const isAnswered = (): boolean => clientResponse.hasListeners;
  // Not where requests have it from, or servers would pass here with each response.
  patches.override(prototype, ['_storeHeader'], (below) => ({
    // Called once for each message, in the call of the program that begins to send it.
    _storeHeader(this: http.ClientRequest, firstLine: unknown, headers: unknown): unknown {
      const result: unknown = call(below._storeHeader, this, firstLine, headers);
      if (isHeard()) begin(exchanges, this);
      return result;
    },
  }));
  tapChannel(patches, 'http.client.response.finish', isAnswered, (message: Answer) => {
    answer(exchanges, message.request, message.response);
  });
  tapChannel(patches, 'http.client.request.error', isAnswered, ({ request, error }: Failure) => {
    exchanges.fail(request, error, request.socket);
  });
  patches.override(prototype, ['emit'], (below) => ({
    emit(this: http.ClientRequest, ...args: unknown[]): unknown {
      // An upgraded connection has a response that comes by no channel.
      if (clientResponse.hasListeners && (args[0] === 'upgrade' || args[0] === 'connect')) {
        answer(exchanges, this, args[1] as http.IncomingMessage);
      }
      return apply(below.emit, this, args);
    },
  }));
}

interface Answer {
  readonly request: http.ClientRequest;
  readonly response: http.IncomingMessage;
}

interface Failure {
  readonly request: http.ClientRequest;
  readonly error: unknown;
}

// A function of its own: a closure in the probe would have V8 allocate for it unheard too.
function begin(exchanges: ClientExchanges, request: http.ClientRequest): void {
  exchanges.begin(request, () => describe(request));
}

function describe(request: http.ClientRequest) {
  const header = request.getHeader('host');
  return {
    library: 'http',
    method: request.method,
    host: typeof header === 'string' ? header : request.host,
    path: request.path,
    httpVersion: '1.1',
    protocol: request.protocol === 'https:' ? 'https' : 'http',
  };
}

function answer(exchanges: ClientExchanges, request: http.ClientRequest, response: http.IncomingMessage): void {
  const { statusCode = 0, httpVersion } = response;
  exchanges.answer(request, statusCode, { httpVersion }, request.socket);
} // prettier-ignore
