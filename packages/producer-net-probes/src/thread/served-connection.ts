import type http from 'node:http';
import type { HttpServerRequestStartPayload, HttpServerRequestPayload } from '../types.ts';
import type { Connection, Endpoints } from './connection.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A request under way, as far as events tell of it. */
export interface Exchange {
  /** None where the program answers on the socket itself. */
  readonly response: http.ServerResponse | undefined;
  readonly requestId: number;
  readonly method: string;
  readonly host: string | undefined;
  readonly path: string;
  readonly httpVersion: string;
  readonly protocol: string;
  readonly startNs: number;
}

/**
 * The requests of one HTTP/1 connection that are not answered yet, in their order. A map from
 * responses would have to be told of each, at a price that a busy server feels when garbage is
 * collected; a connection is found once and has few of them.
 */
export class ServedConnection {
  readonly #connection: Connection;
  readonly #open: Exchange[] = [];
  // Posted again and again: core copies what it keeps.
  #of: Endpoints | undefined;
  #request: Mutable<HttpServerRequestStartPayload> | undefined;
  #response: Mutable<HttpServerRequestPayload> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Keeps a request until its response is done. */
  await(exchange: Exchange): void {
    this.#open.push(exchange);
  }

  /** The payload of a request, valid until the next. */
  describe(exchange: Exchange): HttpServerRequestStartPayload {
    this.#prepare(exchange);
    const payload = this.#request as Mutable<HttpServerRequestStartPayload>;
    assign(payload, exchange);
    return payload;
  }

  /** The payload of the end of a request, valid until the next. */
  describeEnd(exchange: Exchange, isAborted: boolean, nowNs: number): HttpServerRequestPayload {
    this.#prepare(exchange);
    const payload = this.#response as Mutable<HttpServerRequestPayload>;
    assign(payload, exchange);
    const { response } = exchange;
    // Before there is a head, a response says 200 of itself. Then the connection is done with, and
    // nothing that is posted again and again gets slow by the deletion.
    if (response?.headersSent === true) payload.status = response.statusCode;
    else delete payload.status;
    payload.isAborted = isAborted;
    payload.durationNs = nowNs - exchange.startNs;
    return payload;
  }

  /** Takes the request of a response that is done; undefined when it was not heard. */
  take(response: object): Exchange | undefined {
    if (this.#open[0]?.response === response) return this.#open.shift();
    const at = this.#open.findIndex((exchange) => exchange.response === response);
    // Those before it were answered while nobody heard responses.
    return this.#open.splice(0, at + 1).at(-1);
  }

  /** Takes all that will not be answered any more. */
  takeRest(): Exchange[] {
    // Some may have been answered while nobody heard responses.
    return this.#open.splice(0).filter(({ response }) => response?.writableFinished !== true);
  }

  #prepare({ requestId, method, path, httpVersion, protocol }: Exchange): void {
    const { endpoints } = this.#connection;
    if (this.#of === endpoints) return;
    this.#of = endpoints;
    const request = { requestId, method, path, httpVersion, protocol, ...endpoints };
    this.#request = { ...request };
    this.#response = { ...request, status: 0, isAborted: false, durationNs: 0 };
  }
}

function assign(payload: Mutable<HttpServerRequestStartPayload>, exchange: Exchange): void {
  const { host } = exchange;
  payload.requestId = exchange.requestId;
  payload.method = exchange.method;
  payload.path = exchange.path;
  payload.httpVersion = exchange.httpVersion;
  // A field that is spelled out as undefined costs a closer look.
  if (host !== undefined) payload.host = host;
  else if (payload.host !== undefined) delete payload.host;
}
