/* oxlint-disable no-underscore-dangle -- names of Node's own */
/**
 * Streams of HTTP/2 where Node publishes none of them (below 22): by methods of its classes, which
 * no module exports. Sessions and streams show them.
 */
import type http2 from 'node:http2';
import { apply, call, getPrototypeOf } from './primordials.ts';
import type { Patches } from './patches.ts';

export type Stream = http2.Http2Stream & { readonly session?: http2.Http2Session };

/** What is told of streams; none of these throws. */
export interface StreamHearer {
  /** Is any of it heard? */
  isHeard(): boolean;
  asked(stream: Stream, headers: http2.OutgoingHttpHeaders): void;
  answered(stream: Stream, headers: http2.IncomingHttpHeaders): void;
  served(stream: Stream, headers: http2.IncomingHttpHeaders): void;
  /** Its session is still known. */
  ends(stream: Stream): void;
  ended(stream: Stream, error: unknown): void;
}

/** The classes of Node's HTTP/2 that are not exported. */
export interface Sessions {
  readonly client: object;
  readonly any: object;
}

/**
 * Returns what is to be called when a connection is made: a program that loads HTTP/2 later is
 * found out then, before its first request. Nothing is loaded on its account.
 */
export function watchWithoutChannels(patches: Patches, hearer: StreamHearer): () => void {
  let isDecided = false;
  const look = (): void => {
    if (isDecided || !patches.isLive || !isLoaded()) return;
    isDecided = true;
    const sessions = findSessions();
    if (sessions !== undefined && !hasChannels(sessions)) watchSessions(patches, sessions, hearer);
  };
  look();
  return look;
}

const { includes } = Array.prototype;

function isLoaded(): boolean {
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] };
  return moduleLoadList !== undefined && call(includes, moduleLoadList, 'NativeModule http2') === true; // prettier-ignore
}

/**
 * Finds the classes without making a session: one first of all writes itself on its socket, and this
 * socket takes a look at it and refuses.
 */
export function findSessions(): Sessions | undefined {
  let client: object | null = null;
  const refuse = (_target: object, _key: PropertyKey, session: object): boolean => {
    client = getPrototypeOf(session);
    throw new Error('no session');
  };
  const socket = new Proxy({}, { get: () => undefined, set: refuse });
  try {
    const { connect } = process.getBuiltinModule('node:http2');
    connect('http://localhost', { createConnection: () => socket as never });
  } catch {
    // As intended.
  }
  const any = client === null ? null : getPrototypeOf(client);
  return client === null || any === null ? undefined : { client, any };
}

// Whether a channel is published to cannot be asked; the method that would do it can be read.
function hasChannels({ client }: Sessions): boolean {
  const { request } = client as { request?: unknown };
  return String(request).includes('Channel');
}

/** Puts the probes over the methods of sessions, and over those of streams when the first is heard. */
export function watchSessions(
  patches: Patches,
  { client, any }: Sessions,
  hearer: StreamHearer,
): void {
  let areStreamsWatched = false;
  const isHeard = (): boolean => patches.isLive && hearer.isHeard();
  const watch = (stream: Stream): void => {
    if (areStreamsWatched) return;
    areStreamsWatched = true;
    const prototype = getPrototypeOf(getPrototypeOf(stream) as object);
    if (prototype !== null) watchStreams(patches, prototype, hearer);
  };
  patches.override(client, ['request'], (below) => ({
    request(this: unknown, ...args: unknown[]): unknown {
      const stream = apply(below.request, this, args) as Stream;
      if (isHeard()) {
        watch(stream);
        hearer.asked(stream, stream.sentHeaders ?? {});
      }
      return stream;
    },
  }));
  patches.override(any, ['emit'], (below) => ({
    emit(this: unknown, ...args: unknown[]): unknown {
      if (args[0] === 'stream' && isHeard() && isServed(args[1])) {
        watch(args[1]);
        hearer.served(args[1], args[2] as http2.IncomingHttpHeaders);
      }
      return apply(below.emit, this, args);
    },
  }));
}

function isServed(stream: unknown): stream is Stream {
  return typeof stream === 'object' && stream !== null && 'pushStream' in stream;
}

function watchStreams(patches: Patches, prototype: object, hearer: StreamHearer): void {
  const isHeard = (): boolean => patches.isLive && hearer.isHeard();
  patches.override(prototype, ['emit'], (below) => ({
    emit(this: Stream, ...args: unknown[]): unknown {
      if (args[0] === 'response' && isHeard() && !isServed(this)) {
        hearer.answered(this, args[1] as http2.IncomingHttpHeaders);
      }
      return apply(below.emit, this, args);
    },
  }));
  patches.override(prototype, ['_destroy'], (below) => ({
    _destroy(this: Stream, error: unknown, callback: (error: unknown) => void): unknown {
      if (!isHeard()) return call(below._destroy, this, error, callback);
      hearer.ends(this);
      // Node makes an error of the peer's code on the way.
      return call(below._destroy, this, error, (final: unknown) => {
        hearer.ended(this, final);
        callback(final);
      });
    },
  }));
}
