import { debuggerError } from './errors.ts';
import type { MemoryRange } from './engine.ts';

/** What `watch` was told: an expression, and how the memory must be touched. */
export interface WatchArgument {
  readonly expression: string;
  readonly access: 'write' | 'read-write' | 'execute';
}

const accesses: Readonly<Record<string, WatchArgument['access']>> = {
  w: 'write',
  write: 'write',
  rw: 'read-write',
  'read-write': 'read-write',
  x: 'execute',
  execute: 'execute',
};

/** @throws ExtensionEventError `EE_COMMAND_ARGUMENT` */
export function parseWatchArgument(text: string): WatchArgument {
  const match = /^(.*?)(?:\s+(w|rw|x|write|read-write|execute))?$/s.exec(text.trim());
  const expression = match?.[1]?.trim() ?? '';
  if (expression === '') {
    throw debuggerError(
      'EE_COMMAND_ARGUMENT',
      'watch needs an expression that names memory.',
      'For example: watch counter, watch table[3] rw, watch handler x; in JavaScript watch state.totals[2].',
    );
  }
  return { expression, access: accesses[match?.[2] ?? 'write'] ?? 'write' };
}

/** Lengths that a debug register can cover. */
const lengths: readonly number[] = [8, 4, 2, 1];

/**
 * What of the memory is watched: all of it, or its beginning when it is larger than a debug register.
 *
 * @throws ExtensionEventError `EE_WATCH_MEMORY` for memory without length
 */
export function fitRange({ address, lengthBytes }: MemoryRange): MemoryRange {
  const start = BigInt(address);
  const fitting = lengths.find((length) => length <= lengthBytes && start % BigInt(length) === 0n);
  if (fitting !== undefined) return { address, lengthBytes: fitting };
  throw debuggerError(
    'EE_WATCH_MEMORY',
    `It has ${lengthBytes} bytes, which cannot be watched.`,
    'Name a variable, an element or a field of 1, 2, 4 or 8 bytes.',
  );
}

/**
 * The text that finds the address of JavaScript memory inside the program: `view`, `view[index]`,
 * an ArrayBuffer, a SharedArrayBuffer or a WebAssembly.Memory. It evaluates to `0x… bytes`.
 *
 * koffi gives addresses of views; of shared memory only through a view over it.
 */
export function memorySnippet(expression: string, koffiPath: string): string {
  const indexed = /^(.*\S)\s*\[([^[\]]+)\]$/s.exec(expression);
  const [whole, base, index] = [expression, indexed?.[1] ?? expression, indexed?.[2] ?? '0'];
  const find = `(read, readBase, readIndex, hasIndex, path) => {
  const isMemory = (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer
    || value instanceof SharedArrayBuffer || value instanceof WebAssembly.Memory;
  let value = hasIndex ? readBase() : read();
  let at = hasIndex ? readIndex() : 0;
  if (hasIndex && !isMemory(value)) { value = read(); at = 0; }
  if (!isMemory(value)) throw new TypeError('EE_NO_MEMORY ' + typeof value);
  if (value instanceof WebAssembly.Memory) value = value.buffer;
  if (!ArrayBuffer.isView(value)) value = new Uint8Array(value);
  const width = value.BYTES_PER_ELEMENT ?? 1;
  if (!Number.isInteger(at) || at < 0 || (at + 1) * width > value.byteLength) throw new RangeError('EE_NO_ELEMENT ' + String(at) + ' of ' + value.byteLength / width);
  const koffi = process.getBuiltinModule('module').createRequire(path)('koffi');
  const all = new Uint8Array(value.buffer);
  const address = BigInt(koffi.address(all)) + BigInt(value.byteOffset + at * width);
  return '0x' + address.toString(16) + ' ' + (hasIndex ? width : Math.min(value.byteLength, 8));
}`;
  return `(${find})(() => (${whole}), () => (${base}), () => (${index}), ${indexed !== null}, ${JSON.stringify(koffiPath)})`;
}

/** Reads what {@link memorySnippet} evaluated to, as `print` shows it. */
export function readMemoryAnswer(line: string): MemoryRange | undefined {
  const match = /(0x[\da-f]{1,16}) (\d{1,15})/.exec(line);
  return match === null ? undefined : { address: match[1] ?? '', lengthBytes: Number(match[2]) };
}
