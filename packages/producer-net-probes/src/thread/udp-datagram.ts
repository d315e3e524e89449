import { isArray, measureChunk } from './primordials.ts';

/** `send(message, [offset, length,] [port] [, address] [, callback])`. */
export type SendArguments = [
  message: unknown,
  offset?: unknown,
  length?: unknown,
  port?: unknown,
  address?: unknown,
  callback?: unknown,
];

export interface Datagram {
  readonly len: number;
  readonly port?: number;
  readonly address?: string;
}

/** Reads the arguments of `send` the way dgram.Socket does; they were accepted by it. */
export function readDatagram([message, offset, length, port, address]: SendArguments, isConnected: boolean): Datagram {
  if (isConnected) {
    return { len: typeof length === 'number' ? length : measureMessage(message) };
  }
  const isSlice = Boolean(address) || (Boolean(port) && typeof port !== 'function');
  const to = isSlice ? address : length;
  return {
    len: isSlice ? Number(length) >>> 0 : measureMessage(message),
    port: Number(isSlice ? port : offset),
    ...(typeof to === 'string' && to !== '' && { address: to }),
  };
} // prettier-ignore

function measureMessage(message: unknown): number {
  if (!isArray(message)) return Math.max(measureChunk(message, 'utf8'), 0);
  let len = 0;
  for (const part of message) len += Math.max(measureChunk(part, 'utf8'), 0);
  return len;
}
