/** Shapes of what Node has inside, as far as the probes look at it; nothing of it is documented. */
import type net from 'node:net';
import { getOwnPropertySymbols } from './primordials.ts';

/** A handle of libuv, or TLSWrap around one. */
export interface Handle {
  readonly fd?: number;
  readonly bytesRead?: number;
  readonly bytesWritten?: number;
  /** Bytes that were written and that the kernel has not taken yet. */
  readonly writeQueueSize?: number;
  /** The parser of HTTP/1 reads from it. */
  readonly _consumed?: boolean;
  /** Of TLSWrap: the handle below. */
  readonly _parent?: Handle;
  /** Of TLSWrap: the socket below, when the program opened it. */
  readonly _parentWrap?: object;
  getsockname?(out: Endpoint): number;
  getpeername?(out: Endpoint): number;
}

/** Filled in by a handle. */
export interface Endpoint {
  address?: string;
  port?: number;
  family?: string;
}

/** A net.Socket from the inside. */
export type SocketInside = net.Socket & {
  readonly _handle?: Handle | null;
  readonly _parent?: object | null;
  readonly _host?: string | null;
  readonly _isStdio?: boolean;
  readonly _server?: { readonly _pipeName?: string } | null;
  readonly _httpMessage?: object | null;
  readonly encrypted?: boolean;
  readonly parser?: { getCurrentBuffer?(): Uint8Array } | null;
};

/** The request of a connect or a look-up. */
export interface RequestWrap {
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly bindingName?: string;
}

export type OnComplete = (this: RequestWrap, ...args: unknown[]) => unknown;
interface RequestClass {
  readonly prototype: object;
}

/** Bindings that process.binding still gives. */
export interface Bindings {
  readonly tcp_wrap: { readonly TCPConnectWrap: RequestClass };
  readonly pipe_wrap: { readonly PipeConnectWrap: RequestClass };
  readonly cares_wrap: {
    readonly GetAddrInfoReqWrap: RequestClass;
    readonly GetNameInfoReqWrap: RequestClass;
    readonly QueryReqWrap: RequestClass;
  };
}

/**
 * A binding of Node, or undefined where the permission model forbids it. Asking is deprecated, and
 * with --pending-deprecation the program would hear a warning that is not its own.
 */
export function tryGetBinding<N extends keyof Bindings>(name: N): Bindings[N] | undefined {
  const before = Object.getOwnPropertyDescriptor(process, 'noDeprecation');
  const { binding } = process as unknown as { binding?: (name: string) => unknown };
  try {
    Object.defineProperty(process, 'noDeprecation', { value: true, configurable: true });
    return binding?.call(process, name) as Bindings[N] | undefined;
  } catch {
    return undefined;
  } finally {
    if (before === undefined) Reflect.deleteProperty(process, 'noDeprecation');
    else Object.defineProperty(process, 'noDeprecation', before);
  }
}

/** A symbol of Node, which is known by its description alone. */
export function findSymbol(target: object, description: string): symbol | undefined {
  return getOwnPropertySymbols(target).find((each) => each.description === description);
}

let owner: symbol | undefined;

/** The socket that a handle belongs to. */
export function ownerOf(handle: object | null | undefined): object | undefined {
  if (handle === null || handle === undefined) return undefined;
  owner ??= findSymbol(handle, 'owner_symbol');
  const found = owner && (handle as Record<symbol, unknown>)[owner];
  return typeof found === 'object' && found !== null ? found : undefined;
}
