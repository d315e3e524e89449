import type { EventTypeDescriptor, RequestValues } from '@extension-events/core';
import type { Subscription } from 'rxjs';
import type { Catchpoint } from './catchpoints.ts';
import type { AnyPayload, Connection, Listening } from './internal-types.ts';
import { formatRequest } from './request-values.ts';

/** What comes nearest to a catchpoint's threshold, and how to ask for less. */
export interface Candidate {
  readonly catchpoint: Catchpoint;
  readonly payload: AnyPayload;
  /** The `catch` command that would have stopped there; absent when nothing could be lowered. */
  readonly command?: string;
}

/**
 * While a catchpoint waits for an event type `NAME` that has a companion `NAME.candidate`, listens
 * to the companion without stopping. It shares the source that the catchpoint has armed: same
 * parameters, no second source.
 */
export class Candidates {
  readonly #connection: Connection;
  readonly #watched = new Map<Catchpoint, { listening: Listening; items: Subscription }>();
  readonly #latest = new Map<Catchpoint, AnyPayload>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Idempotent; a type without companion, and a pattern of several types, have no candidates. */
  watch(catchpoint: Catchpoint): void {
    if (this.#watched.has(catchpoint) || !catchpoint.isEnabled) return;
    const pattern = `${catchpoint.pattern}.candidate`;
    const companion = this.#find(pattern);
    if (companion === undefined) return;
    // The companion takes those parameters that it knows.
    const request = Object.fromEntries(
      Object.entries(catchpoint.request).filter(
        ([name]) => companion.request?.[name] !== undefined,
      ),
    );
    const listening = this.#connection.open({
      pattern,
      ...(Object.keys(request).length === 0 ? {} : { request }),
    });
    const items = listening.items$.subscribe({
      next: (item) => {
        if (item.payload !== undefined) this.#latest.set(catchpoint, item.payload);
      },
      error: () => undefined, // told by `ready` below
    });
    this.#watched.set(catchpoint, { listening, items });
    // Advice that cannot be had is no error: the catchpoint itself is in force.
    listening.ready.catch(() => this.#unwatch(catchpoint));
  }

  /** The latest candidate of any of the watched catchpoints. */
  get latest(): Candidate | undefined {
    for (const [catchpoint, payload] of this.#latest) {
      if (!catchpoint.isEnabled || catchpoint.listening === undefined) continue;
      const descriptor = this.#find(catchpoint.pattern);
      const command = suggestLess(catchpoint, payload, descriptor);
      return { catchpoint, payload, ...(command === undefined ? {} : { command }) };
    }
    return undefined;
  }

  /** Ends the listens; what was heard before is not told again. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#watched.keys()].map((entry) => this.#unwatch(entry)));
  }

  async #unwatch(catchpoint: Catchpoint): Promise<void> {
    const watched = this.#watched.get(catchpoint);
    this.#watched.delete(catchpoint);
    this.#latest.delete(catchpoint);
    watched?.items.unsubscribe();
    await watched?.listening.unlisten().catch(() => undefined);
  }

  #find(name: string): EventTypeDescriptor | undefined {
    return this.#connection.eventTypes.find((type) => type.descriptor.name === name)?.descriptor;
  }
}

/**
 * The `catch` that asks for as much as the candidate has: each numeric parameter of the request
 * that the payload has too, and that the payload does not reach, is lowered to a round number
 * below what was seen.
 */
export function suggestLess(
  catchpoint: Pick<Catchpoint, 'pattern' | 'request'>,
  payload: AnyPayload,
  descriptor: EventTypeDescriptor | undefined,
): string | undefined {
  const lowered: Record<string, number> = {};
  for (const [name, parameter] of Object.entries(descriptor?.request ?? {})) {
    const asked = catchpoint.request[name] ?? parameter.default;
    const seen = payload[name];
    if (typeof asked !== 'number' || typeof seen !== 'number' || seen <= 0 || seen >= asked)
      continue;
    // How long and how often is measured, not how much is asked for.
    if (/^(?:[nµum]?s|min|Hz)$/.test(parameter.unit ?? '')) continue;
    const round = roundDown(seen * 0.85, parameter.type.startsWith('f'));
    lowered[name] = Math.max(round, parameter.min ?? 0);
  }
  if (Object.keys(lowered).length === 0) return undefined;
  const request: RequestValues = { ...catchpoint.request, ...lowered };
  return `catch ${catchpoint.pattern} ${formatRequest(request)}`;
}

/** One significant digit, downwards; whole numbers stay whole and at least 1. */
function roundDown(value: number, isFraction: boolean): number {
  const size = 10 ** Math.floor(Math.log10(value));
  const rounded = Number((Math.floor(value / size + 1e-9) * size).toPrecision(1));
  return isFraction ? rounded : Math.max(1, Math.floor(rounded));
}
