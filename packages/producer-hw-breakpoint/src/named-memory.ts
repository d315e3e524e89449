/**
 * How a program tells its hosts which memory it has named.
 *
 * The program writes (memory.ts), hosts read (this file). Each name has a memfd of its own, called
 * `extension-events-memory`, whose whole content is one line of JSON: `{ "v": 1, "name", "address"
 * (hexadecimal), "lengthBytes", "elementBytes" }`. It is written once, by one write, and never
 * changed; the name ends with its descriptor. Hosts find it as /proc/PID/fd/N, which the kernel
 * shows to the same user and root alone, and which is gone with the process: no path, no rights
 * and no leftovers to care for. What is not of this form is passed over: the program may be
 * hostile, or in the middle of writing.
 */
import { closeSync, constants, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import type { NamedMemory } from './types.ts';

/** What memfd_create(2) is told. */
export const memfdName = 'extension-events-memory';

const maxBytes = 512;
const namePattern = /^[A-Za-z_$][\w$.-]{0,63}$/;
const maxAddress = 2n ** 56n;

/** Can memory be called so? */
export function isMemoryName(name: string): boolean {
  return namePattern.test(name);
}

/** The line that a descriptor holds. */
export function encodeNamedMemory({ name, address, lengthBytes, elementBytes }: NamedMemory): string {
  const hex = `0x${address.toString(16)}`;
  return `${JSON.stringify({ v: 1, name, address: hex, lengthBytes, elementBytes })}\n`;
} // prettier-ignore

/** What a line says, or `undefined` when it is not one of ours. */
export function decodeNamedMemory(text: string): NamedMemory | undefined {
  if (!text.endsWith('\n') || text.length > maxBytes) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { v, name, address, lengthBytes, elementBytes } = Object(said) as Record<string, unknown>;
  if (v !== 1 || typeof name !== 'string' || !isMemoryName(name)) return undefined;
  if (typeof address !== 'string' || !/^0x[0-9a-f]{1,16}$/.test(address)) return undefined;
  if (!isSize(lengthBytes, 1) || !isSize(elementBytes, 0)) return undefined;
  const start = BigInt(address);
  if (start + BigInt(lengthBytes) > maxAddress) return undefined;
  return { name, address: start, lengthBytes, elementBytes };
}

function isSize(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= least;
}

/**
 * All memory that a process has named at the moment.
 *
 * @throws what reading /proc/PID/fd throws: `ENOENT` when it has ended, `EACCES` for another user's
 */
export function readNamedMemory(pid: number | 'self'): NamedMemory[] {
  const directory = `/proc/${pid}/fd`;
  const found = readdirSync(directory).map((fd) => tryRead(`${directory}/${fd}`));
  return found.filter((memory) => memory !== undefined);
}

function tryRead(path: string): NamedMemory | undefined {
  let fd: number | undefined;
  try {
    if (readlinkSync(path) !== `/memfd:${memfdName} (deleted)`) return undefined;
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const bytes = new Uint8Array(maxBytes + 1);
    const length = readSync(fd, bytes, 0, bytes.length, 0);
    return decodeNamedMemory(new TextDecoder().decode(bytes.subarray(0, length)));
  } catch {
    return undefined; // closed between two calls
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
