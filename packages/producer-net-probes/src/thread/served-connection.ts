import type http from 'node:http';
import type { HttpServerRequestStartPayload, HttpServerRequestPayload } from '../types.ts';
import type { Endpoints } from './connection.ts';

/** A request under way, as far as events tell of it. */
export interface Exchange {
  /** None where the program answers on the socket itself. */
  readonly response: http.ServerResponse | undefined;
  readonly endpoints: Endpoints;
  readonly requestId: number;
  readonly method: string;
  readonly host: string | undefined;
  readonly path: string;
  readonly httpVersion: string;
  readonly protocol: string;
  readonly startNs: number;
}

// Payloads are made anew each time: the texts of a request are young, and V8 keeps a list of the old
// objects that hold young ones.

/** The payload of a request. */
export function describeStart(exchange: Exchange): HttpServerRequestStartPayload {
  const { endpoints, host, httpVersion, method, path, protocol, requestId } = exchange;
  const { localPort, remoteAddress, remotePort, socketId } = endpoints;
  const all = { requestId, socketId, method, host, path, httpVersion, protocol, localPort, remoteAddress, remotePort }; // prettier-ignore
  return (isWhole(exchange) ? all : withoutGaps(all)) as HttpServerRequestStartPayload;
}

/** The payload of its end. */
export function describeEnd(exchange: Exchange, isAborted: boolean, nowNs: number): HttpServerRequestPayload {
  const { endpoints, host, httpVersion, method, path, protocol, requestId, response } = exchange;
  const { localPort, remoteAddress, remotePort, socketId } = endpoints;
  // Before there is a head, a response says 200 of itself.
  const status = response?.headersSent === true ? response.statusCode : undefined;
  const durationNs = nowNs - exchange.startNs;
  const all = { requestId, socketId, method, host, path, httpVersion, protocol, localPort, remoteAddress, remotePort, status, isAborted, durationNs }; // prettier-ignore
  const hasAll = status !== undefined && isWhole(exchange);
  return (hasAll ? all : withoutGaps(all)) as HttpServerRequestPayload;
} // prettier-ignore

function isWhole({ endpoints, host }: Exchange): boolean {
  const { localPort, remoteAddress, remotePort, socketId } = endpoints;
  return host !== undefined && localPort !== undefined && remoteAddress !== undefined && remotePort !== undefined && socketId !== undefined; // prettier-ignore
}

// A field that is spelled out as undefined costs core a closer look.
function withoutGaps(all: Readonly<Record<string, unknown>>): object {
  const payload: Record<string, unknown> = {};
  for (const name in all) if (all[name] !== undefined) payload[name] = all[name];
  return payload;
}

/**
 * The requests of one HTTP/1 connection that are not answered yet, in their order. A map from
 * responses would have to be told of each, at a price that a busy server feels when garbage is
 * collected; a connection is found once and has few of them, mostly one.
 */
export class ServedConnection {
  #first: Exchange | undefined;
  #others: Exchange[] = [];

  /** Keeps a request until its response is done. */
  await(exchange: Exchange): void {
    if (this.#first === undefined) this.#first = exchange;
    else this.#others.push(exchange);
  }

  /** Takes the request of a response that is done; undefined when it was not heard. */
  take(response: object): Exchange | undefined {
    const first = this.#first;
    if (first?.response === response) {
      this.#first = this.#others.length === 0 ? undefined : this.#others.shift();
      return first;
    }
    const at = this.#others.findIndex((exchange) => exchange.response === response);
    if (at < 0) return undefined;
    // Those before it were answered while nobody heard responses.
    const found = this.#others[at];
    this.#others.splice(0, at + 1);
    this.#first = this.#others.shift();
    return found;
  }

  /** Takes all that will not be answered any more. */
  takeRest(): Exchange[] {
    const rest = this.#first === undefined ? [] : [this.#first, ...this.#others];
    this.#first = undefined;
    this.#others = [];
    // Some may have been answered while nobody heard responses.
    return rest.filter(({ response }) => response?.writableFinished !== true);
  }
}
