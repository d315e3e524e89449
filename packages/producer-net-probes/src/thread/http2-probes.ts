/**
 * Requests and responses of HTTP/2, and the bytes of its sockets: nghttp2 reads and writes past
 * JavaScript, so that net.send and net.receive are posted where streams begin and end.
 */
import type http2 from 'node:http2';
import { monotonicNs } from '@extension-events/core';
import type { HttpServerRequestStartPayload } from '../types.ts';
import { tapChannel } from './channels.ts';
import type { ClientExchanges } from './client-exchanges.ts';
import { type Handle, ownerOf, type SocketInside } from './node-internals.ts';
import { Notes } from './primordials.ts';
import type { Probes } from './probes.ts';
import { type Stream, watchWithoutChannels } from './http2-without-channels.ts';
import type { SocketState } from './socket-states.ts';

// RFC 9113, 7.
const noError = 0;
const cancelled = 8;

interface StreamMessage {
  readonly stream: Stream;
  readonly headers?: http2.IncomingHttpHeaders;
  readonly error?: unknown;
}

interface Exchange {
  readonly startNs: number;
  readonly payload: HttpServerRequestStartPayload;
}

/**
 * Watches both sides of HTTP/2: by the channels that Node has from 22 on, elsewhere by its methods.
 * Returns what is to be called when a connection is made.
 */
export function instrumentHttp2(probes: Probes, exchanges: ClientExchanges): () => void {
  const { patches, types } = probes;
  const { clientRequest, clientResponse, serverRequest, serverResponse, send, receive } = types;
  const served = new Notes<object, Exchange>();
  const isCounted = (): boolean => send.hasListeners || receive.hasListeners;
  const isAsked = (): boolean => clientRequest.hasListeners || clientResponse.hasListeners || isCounted(); // prettier-ignore
  const isAnswered = (): boolean => clientResponse.hasListeners || isCounted();
  const isServed = (): boolean => serverRequest.hasListeners || serverResponse.hasListeners || isCounted(); // prettier-ignore
  const isDone = (): boolean => serverResponse.hasListeners || isCounted();
  const tap = (name: string, isWanted: () => boolean, hear: (message: StreamMessage) => void): void => tapChannel(patches, `http2.${name}`, isWanted, hear); // prettier-ignore

  const onAsked = ({ stream, headers = {} }: StreamMessage): void => {
    takeBytes(probes, stream);
    if (!clientRequest.hasListeners && !clientResponse.hasListeners) return;
    const describeIt = () => ({ library: 'http2', ...describe(headers) });
    exchanges.begin(stream, describeIt, socketOf(stream));
  };
  const onAnswered = ({ stream, headers = {} }: StreamMessage): void => {
    takeBytes(probes, stream);
    exchanges.answer(stream, Number(headers[':status']), {}, socketOf(stream));
  };
  const onFailed = ({ stream, error }: StreamMessage): void => {
    exchanges.fail(stream, error, socketOf(stream));
  };
  const onClosed = ({ stream }: StreamMessage): void => {
    takeBytes(probes, stream);
    const { aborted, errored, rstCode } = stream;
    const socket = socketOf(stream);
    if (errored !== null && errored !== undefined) return exchanges.fail(stream, errored, socket);
    // Of any other code Node makes an error, which is told next.
    if (rstCode === noError || (rstCode === cancelled && !aborted))
      exchanges.cancel(stream, rstCode === noError ? 'NGHTTP2_NO_ERROR' : 'NGHTTP2_CANCEL', socket);
  };
  const onServed = ({ stream, headers = {} }: StreamMessage): void => {
    const state = takeBytes(probes, stream);
    if (!serverRequest.hasListeners && !serverResponse.hasListeners) return;
    const payload = {
      requestId: probes.nextRequestId(),
      ...describe(headers),
      ...state?.connection.endpoints,
    };
    served.set(stream, { startNs: monotonicNs(), payload });
    if (serverRequest.hasListeners) serverRequest.post(payload);
  };
  const onDone = ({ stream }: StreamMessage): void => {
    takeBytes(probes, stream);
    const exchange = served.get(stream);
    if (exchange === undefined || !serverResponse.hasListeners) return;
    const { ':status': status } = (stream as http2.ServerHttp2Stream).sentHeaders ?? {};
    serverResponse.post({
      ...exchange.payload,
      ...(status !== undefined && { status: Number(status) }),
      isAborted: stream.aborted || stream.rstCode !== 0,
      durationNs: monotonicNs() - exchange.startNs,
    });
  };
  tap('client.stream.created', isAsked, onAsked);
  tap('client.stream.finish', isAnswered, onAnswered);
  tap('client.stream.error', isAnswered, onFailed);
  tap('client.stream.close', isAnswered, onClosed);
  tap('server.stream.start', isServed, onServed);
  tap('server.stream.close', isDone, onDone);
  return watchWithoutChannels(patches, {
    isHeard: () => isAsked() || isServed(),
    asked: quietly((stream, headers) => onAsked({ stream, headers: headers as Headers })),
    answered: quietly((stream, headers) => onAnswered({ stream, headers })),
    served: quietly((stream, headers) => onServed({ stream, headers })),
    ends: quietly((stream) => void takeBytes(probes, stream)),
    ended: quietly((stream, error) => {
      onDone({ stream });
      if (error !== null && error !== undefined) onFailed({ stream, error });
      else onClosed({ stream });
    }),
  });
}

type Headers = http2.IncomingHttpHeaders;

// A channel's message is heard in a `try` of its own; a method's caller has none.
function quietly<A extends unknown[]>(hear: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      hear(...args);
    } catch {
      // The program goes first.
    }
  };
}

function describe(headers: http2.IncomingHttpHeaders) {
  const host = headers[':authority'] ?? headers.host;
  return {
    method: headers[':method'] ?? 'GET',
    ...(typeof host === 'string' && { host }),
    path: headers[':path'] ?? '/',
    httpVersion: '2.0',
    ...(typeof headers[':scheme'] === 'string' && { protocol: headers[':scheme'] }),
  };
}

function takeBytes(probes: Probes, stream: StreamMessage['stream']): SocketState | undefined {
  const socket = socketOf(stream);
  const state = probes.sockets.ofAny(socket);
  if (state === undefined) return undefined;
  // The first stream of a connection: what came before it is part of the account.
  if (stream.id === undefined || stream.id === 1) probes.startAccount(state);
  probes.postPending(socket as SocketInside, state);
  return state;
}

/** The socket itself: a session hands out a proxy, through which its handle can be read. */
function socketOf({ session }: StreamMessage['stream']): object | undefined {
  const proxy = session?.socket as { readonly _handle?: Handle } | undefined;
  // oxlint-disable-next-line no-underscore-dangle -- the name is Node's
  return ownerOf(proxy?._handle);
}
