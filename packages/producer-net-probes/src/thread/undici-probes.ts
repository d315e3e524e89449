/** http.client.request.start and http.client.request of undici, also of Node's own behind fetch. */
import { tapChannel } from './channels.ts';
import type { ClientExchanges } from './client-exchanges.ts';
import { apply, getPrototypeOf, Notes } from './primordials.ts';
import type { Probes } from './probes.ts';

interface UndiciRequest {
  readonly method?: string;
  readonly path?: string;
  readonly origin?: unknown;
}

/** Watches undici by its channels, which all its copies share. */
export function instrumentUndici(probes: Probes, exchanges: ClientExchanges): void {
  const { patches, types } = probes;
  const { clientRequest, clientResponse } = types;
  const isHeard = (): boolean => clientRequest.hasListeners || clientResponse.hasListeners;
  const isAnswered = (): boolean => clientResponse.hasListeners;
  const tap = (name: string, isWanted: () => boolean, hear: (message: UndiciMessage) => void): void => tapChannel(patches, `undici:${name}`, isWanted, hear); // prettier-ignore
  const seen: Notes<object, true> = new Notes();
  tap('request:create', isHeard, ({ request }) => {
    const prototype = getPrototypeOf(request);
    if (prototype !== null && seen.get(prototype) === undefined) {
      seen.set(prototype, true);
      watchUpgrades(probes, exchanges, prototype);
    }
    exchanges.begin(request, () => describe(request));
  });
  tap('client:sendHeaders', isAnswered, ({ request, socket }) => {
    exchanges.carry(request, socket);
  });
  tap('request:headers', isAnswered, ({ request, response }) => {
    exchanges.answer(request, response?.statusCode ?? 0, {}, undefined);
  });
  tap('request:error', isAnswered, ({ request, error }) => {
    exchanges.fail(request, error, undefined);
  });
}

// A request that is answered by an upgrade, as that of a WebSocket, has no message of its own before
// undici 7.29, and Node has copies that are older.
function watchUpgrades({ patches, types }: Probes, exchanges: ClientExchanges, prototype: object): void {
  const hear = (request: object, [status]: readonly unknown[]): void => {
    if (types.clientResponse.hasListeners && typeof status === 'number') exchanges.answer(request, status, {}, undefined);
  };
  // The second is its name since undici 8.
  patches.override(prototype, ['onUpgrade', 'onRequestUpgrade'], (below) => ({
    onUpgrade(this: UndiciRequest, ...args: unknown[]): unknown {
      hear(this, args);
      return apply(below.onUpgrade, this, args);
    },
    onRequestUpgrade(this: UndiciRequest, ...args: unknown[]): unknown {
      hear(this, args);
      return apply(below.onRequestUpgrade, this, args);
    },
  }));
} // prettier-ignore

interface UndiciMessage {
  readonly request: UndiciRequest;
  readonly response?: { readonly statusCode?: number };
  readonly socket?: unknown;
  readonly error?: unknown;
}

function describe({ method = '', path = '', origin }: UndiciRequest) {
  const [scheme, host] = splitOrigin(origin);
  return {
    library: 'undici',
    method,
    path,
    ...(host !== undefined && { host }),
    ...(scheme !== undefined && { protocol: scheme }),
  };
}

/** `https://host:1234` → `https` and `host:1234`. */
function splitOrigin(origin: unknown): readonly (string | undefined)[] {
  const text = origin instanceof URL ? origin.origin : origin;
  if (typeof text !== 'string') return [];
  const [scheme, host] = text.split('://', 2);
  return host === undefined ? [] : [scheme, host];
}
