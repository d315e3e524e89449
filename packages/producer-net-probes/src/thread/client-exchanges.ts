import { monotonicNs } from '@extension-events/core';
import type { HttpClientRequestStartPayload } from '../types.ts';
import { describeError } from './errors-seen.ts';
import { Notes } from './primordials.ts';
import type { Probes } from './probes.ts';

/** What a library knows of a request when it begins. */
export type ClientRequestDescription = Omit<
  HttpClientRequestStartPayload,
  'requestId' | 'socketId'
>;

interface Exchange {
  readonly startNs: number;
  payload: HttpClientRequestStartPayload;
  isDone: boolean;
}

/** Requests under way, of all libraries; each is known by the object that the library has for it. */
export class ClientExchanges {
  readonly #probes: Probes;
  readonly #exchanges: Notes<object, Exchange> = new Notes();

  constructor(probes: Probes) {
    this.#probes = probes;
  }

  /** @param socket - the one that will carry it, where that is known by now */
  begin(request: object, describe: () => ClientRequestDescription, socket?: unknown): void {
    try {
      if (!this.#probes.patches.isLive || this.#exchanges.get(request) !== undefined) return;
      const requestId = this.#probes.nextRequestId();
      const payload = { requestId, ...describe(), ...this.#carrier(socket) };
      this.#exchanges.set(request, { startNs: monotonicNs(), payload, isDone: false });
      const { clientRequest } = this.#probes.types;
      if (clientRequest.hasListeners) clientRequest.post(payload);
    } catch {
      // The program goes first.
    }
  }

  /** The socket that carries a request. */
  carry(request: object, socket: unknown): void {
    const exchange = this.#exchanges.get(request);
    if (exchange !== undefined) exchange.payload = { ...exchange.payload, ...this.#carrier(socket) }; // prettier-ignore
  }

  #carrier(socket: unknown): { readonly socketId?: number } {
    const state = this.#probes.sockets.ofAny(socket);
    return state === undefined ? {} : { socketId: state.connection.id };
  }

  answer(request: object, status: number, more: { httpVersion?: string }, socket: unknown): void {
    this.#end(request, socket, { ...more, status });
  } // prettier-ignore

  fail(request: object, error: unknown, socket: unknown): void {
    this.#end(request, socket, { code: describeError(error).code });
  }

  /** It is over without an error, unless it was answered. */
  cancel(request: object, code: string, socket: unknown): void {
    this.#end(request, socket, { code });
  }

  #end(request: object, socket: unknown, end: { httpVersion?: string; status?: number; code?: string }): void {
    try {
      const exchange = this.#exchanges.get(request);
      if (exchange === undefined || exchange.isDone || !this.#probes.patches.isLive) return;
      exchange.isDone = true;
      if (socket !== undefined) this.carry(request, socket);
      const { clientResponse } = this.#probes.types;
      if (!clientResponse.hasListeners) return;
      const durationNs = monotonicNs() - exchange.startNs;
      clientResponse.post({ ...exchange.payload, ...end, durationNs });
    } catch {
      // The program goes first.
    }
  } // prettier-ignore
}
