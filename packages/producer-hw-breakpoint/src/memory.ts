/** The door `./memory`: a Node program names memory, so that it can be watched from outside. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';
import { loadNative } from './memory-native.ts';
import { encodeNamedMemory, isMemoryName, memfdName, readNamedMemory } from './named-memory.ts';

/** Memory of JavaScript that has an address. */
export type Watchable = ArrayBufferView | ArrayBufferLike | WasmMemory;

/** A WebAssembly.Memory, in words that need no type library of browsers. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  grow(deltaPages: number): number;
}

const closeOnExec = 1;

/**
 * Names memory of this program: `memory:NAME` is then an address for `hw-breakpoint.hit`.
 *
 * Loads koffi into this thread, once, and keeps one file descriptor open for each name until it is
 * disposed or its thread ends. The memory stays alive and where it is meanwhile; memory that moves
 * to another thread by transfer keeps its address, but is this thread's no longer: dispose the name
 * first. Works in workers. Linux only.
 *
 * @param name - letters, digits, `_ $ . -`; one piece of memory in the process at a time
 * @param memory - a typed array names the part that it shows, a buffer or wasm memory the whole of now
 * @throws ExtensionEventError `EE_NAMED_MEMORY_NAME`, `EE_NAMED_MEMORY_VIEW`, `EE_NAMED_MEMORY_KOFFI`
 */
export async function nameMemory(name: string, memory: Watchable): Promise<Disposable> {
  checkName(name);
  const view = toBytes(memory);
  const native = await loadNative();
  checkFree(name);
  const elementBytes = elementSize(memory);
  const address = native.addressOf(view);
  const { byteLength: lengthBytes } = view;
  if (address === 0n || lengthBytes === 0) throw noMemory('it is empty or detached');
  const line = encodeNamedMemory({ name, address, lengthBytes, elementBytes });
  return publish(native.createMemfd(memfdName, closeOnExec), line, view);
}

// A name whose memory had been collected would be an address of something else.
const kept = new Set<Uint8Array>();

function publish(untracked: number, line: string, view: Uint8Array): Disposable {
  let fd: number | undefined;
  try {
    // Opened once more by Node, which closes at the end of a worker what was opened by it there.
    fd = openSync(`/proc/self/fd/${untracked}`, 'r+');
    writeSync(fd, line);
  } finally {
    closeSync(untracked);
  }
  kept.add(view);
  return {
    [Symbol.dispose]: () => {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
      kept.delete(view);
    },
  };
}

function checkName(name: string): void {
  if (typeof name === 'string' && isMemoryName(name)) return;
  throw new ExtensionEventError(
    'EE_NAMED_MEMORY_NAME',
    `${JSON.stringify(name) ?? typeof name} is no name for memory.`,
    'Start with a letter, _ or $, and go on with at most 63 letters, digits, _ $ . or -.',
  );
}

function checkFree(name: string): void {
  const taken = readNamedMemory('self').find((each) => each.name === name);
  if (taken === undefined) return;
  throw new ExtensionEventError(
    'EE_NAMED_MEMORY_NAME',
    `This process has memory called ${name} already, at 0x${taken.address.toString(16)}.`,
    'Dispose what nameMemory returned for it first, or choose another name.',
  );
}

// As bytes, since koffi tells no address of a SharedArrayBuffer itself.
function toBytes(memory: Watchable): Uint8Array {
  try {
    if (ArrayBuffer.isView(memory))
      return new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
    const isWasm = classOf(memory) === 'WebAssembly.Memory';
    const buffer = isWasm ? (memory as WasmMemory).buffer : memory;
    if (/^(Shared)?ArrayBuffer$/.test(classOf(buffer)))
      return new Uint8Array(buffer as ArrayBuffer);
  } catch (error) {
    throw noMemory((error as Error).message); // detached, or out of its buffer's bounds
  }
  throw noMemory(`it is ${memory === null ? 'null' : `of type ${typeof memory}`}`);
}

// Unlike instanceof it is true of objects of other realms too.
function classOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

function elementSize(memory: Watchable): number {
  return (memory as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 0;
}

function noMemory(problem: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_NAMED_MEMORY_VIEW',
    `This cannot be named: ${problem}.`,
    'Give a typed array, Buffer, DataView, ArrayBuffer, SharedArrayBuffer or WebAssembly.Memory that has bytes.',
  );
}
