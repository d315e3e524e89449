/* oxlint-disable no-underscore-dangle -- names of Node's own */
/** What is known of the connections of a thread, learnt when an event of theirs is first heard. */
import type { NetSocketPayload } from '../types.ts';
import type { Endpoint, Handle, SocketInside } from './node-internals.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What events of requests say of their connection; `socketId` leads to the rest. */
export type Endpoints = Pick<NetSocketPayload, 'socketId' | 'localPort' | 'remoteAddress' | 'remotePort'>; // prettier-ignore

let lastId = 0;

/** One connection; a TLS socket shares that of the socket below it. */
export class Connection {
  readonly id: number = ++lastId;
  readonly protocol: string;
  /** When it was opened, where that was heard. */
  openedNs: number | undefined;
  isClosed = false;
  /** Are the addresses known, as far as they can be? */
  isComplete = false;
  /** What events say of it; another object once more is known. */
  fields: NetSocketPayload;
  endpoints: Endpoints;

  constructor(protocol: string) {
    this.protocol = protocol;
    this.fields = { protocol, socketId: this.id };
    this.endpoints = { socketId: this.id };
  }

  #tell(fields: NetSocketPayload): void {
    this.fields = fields;
    const { protocol: _protocol, fd: _fd, family: _family, localAddress: _address, ...endpoints } = fields; // prettier-ignore
    this.endpoints = endpoints;
  }

  /** Asks the handle: two system calls, once for each connection. */
  learn(handle: Handle, path?: string): void {
    const fields: Writable<NetSocketPayload> = { protocol: this.protocol, socketId: this.id };
    const { fd } = handle;
    if (fd !== undefined && fd >= 0) fields.fd = fd;
    const local = ask(handle, 'getsockname');
    const remote = ask(handle, 'getpeername');
    const family = this.protocol === 'pipe' ? 'unix' : (remote?.family ?? local?.family);
    if (family !== undefined) fields.family = family;
    if (local?.address !== undefined) fields.localAddress = local.address;
    if (local?.port !== undefined) fields.localPort = local.port;
    if (remote?.address !== undefined) fields.remoteAddress = remote.address;
    else if (path !== undefined) fields.remoteAddress = path;
    if (remote?.port !== undefined) fields.remotePort = remote.port;
    this.#tell(fields);
    this.isComplete = true;
  }

  /** Adds what the program knows and the handle does not, such as the path of a server. */
  add(more: Partial<NetSocketPayload>): void {
    this.#tell({ ...this.fields, ...more });
  }
}

function ask(handle: Handle, method: 'getsockname' | 'getpeername'): Endpoint | undefined {
  const out: Endpoint = {};
  return handle[method]?.(out) === 0 ? out : undefined;
}

/** The handle that has addresses and counts what goes over the wire: the lowest, below any TLS. */
export function wireOf(handle: Handle): Handle {
  let lowest = handle;
  while (lowest._parent !== undefined) lowest = lowest._parent;
  return lowest;
}

/** `tcp` or `pipe`, `stream` below TLS; undefined for what is no socket, such as a terminal. */
export function protocolOf(socket: SocketInside): string | undefined {
  const { _handle: handle } = socket;
  if (socket._isStdio === true) return undefined;
  if (handle === null || handle === undefined) return 'tcp';
  const { fd = -1, constructor } = wireOf(handle);
  const { name } = constructor;
  if (name === 'TCP') return 'tcp';
  // The standard streams may be pipes too.
  if (name === 'Pipe') return fd >= 0 && fd <= 2 ? undefined : 'pipe';
  return socket.encrypted === true ? 'stream' : undefined;
}
