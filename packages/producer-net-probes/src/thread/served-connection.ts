import type { HttpServerRequestStartPayload, HttpServerRequestPayload } from '../types.ts';
import type { Connection, Endpoints } from './connection.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A request under way, as far as events tell of it. */
export interface Exchange {
  readonly response: object;
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

  /** The payload of a response, once; undefined when its request was not heard. */
  end(response: object, status: number, isAborted: boolean, nowNs: number): HttpServerRequestPayload | undefined {
    const exchange = this.#take(response);
    if (exchange === undefined) return undefined;
    this.#prepare(exchange);
    const payload = this.#response as Mutable<HttpServerRequestPayload>;
    assign(payload, exchange);
    payload.status = status;
    payload.isAborted = isAborted;
    payload.durationNs = nowNs - exchange.startNs;
    return payload;
  } // prettier-ignore

  #take(response: object): Exchange | undefined {
    if (this.#open[0]?.response === response) return this.#open.shift();
    const at = this.#open.findIndex((exchange) => exchange.response === response);
    // Those before it were answered while nobody heard responses.
    return this.#open.splice(0, at + 1).at(-1);
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
