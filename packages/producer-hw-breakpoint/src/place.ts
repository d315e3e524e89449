/** What a debug register can watch; said before the kernel says EINVAL. Intel SDM 3B, 18.2.5. */
import { ExtensionEventError } from '@extension-events/core';
import type { Access } from './types.ts';

/** Where an address text leads. */
export interface Target {
  readonly address: bigint;
  /** Of the symbol, memory or element, when it is known. */
  readonly sizeBytes: number | undefined;
}

/** What is handed to the kernel. */
export interface Place {
  readonly address: bigint;
  readonly lengthBytes: number;
}

const lengths: readonly number[] = [1, 2, 4, 8];
/** The only length that perf_event_open(2) takes for execution: sizeof(long). */
const executeBytes = 8;
const userEnd = 2n ** 56n; // with five levels of page tables; with four it is 2^47
const kernelStart = 2n ** 64n - 2n ** 56n;

/**
 * The address and length to watch.
 *
 * @throws ExtensionEventError `EE_HW_BREAKPOINT_ADDRESS`, `EE_HW_BREAKPOINT_LENGTH`,
 * `EE_HW_BREAKPOINT_ALIGNMENT`
 */
export function choosePlace(
  { address, sizeBytes }: Target,
  request: { readonly lengthBytes?: number; readonly access: Access; readonly kernel: boolean },
): Place {
  checkReach(address, request.kernel);
  if (request.access === 'execute') return { address, lengthBytes: checkExecute(request.lengthBytes) }; // prettier-ignore
  const size = sizeBytes !== undefined && lengths.includes(sizeBytes) ? sizeBytes : 4;
  const lengthBytes = request.lengthBytes ?? size;
  if (!lengths.includes(lengthBytes)) throw badLength(lengthBytes);
  const over = Number(address % BigInt(lengthBytes));
  if (over !== 0) throw misaligned(address, lengthBytes, over);
  return { address, lengthBytes };
}

function checkReach(address: bigint, kernel: boolean): void {
  if (address < userEnd) return;
  const isKernels = address >= kernelStart;
  if (isKernels && kernel) return;
  throw new ExtensionEventError(
    'EE_HW_BREAKPOINT_ADDRESS',
    isKernels
      ? `${hex(address)} is memory of the kernel, which programs do not touch.`
      : `${hex(address)} is no address of this processor: programs end below ${hex(userEnd)}.`,
    isKernels ? 'As root, give kernel=true to watch what the kernel does there.' : 'See /proc/PID/maps for what is mapped.', // prettier-ignore
  );
}

function checkExecute(lengthBytes: number = executeBytes): number {
  if (lengthBytes === executeBytes) return lengthBytes;
  throw new ExtensionEventError(
    'EE_HW_BREAKPOINT_LENGTH',
    `An instruction cannot be watched with lengthBytes=${lengthBytes}: the kernel takes ${executeBytes} and watches its first byte.`,
    'Leave lengthBytes out with access=execute.',
  );
}

function badLength(lengthBytes: number): ExtensionEventError {
  const smaller = lengths.findLast((each) => each < lengthBytes);
  return new ExtensionEventError(
    'EE_HW_BREAKPOINT_LENGTH',
    `A debug register watches 1, 2, 4 or 8 bytes, not ${lengthBytes}.`,
    smaller === undefined
      ? 'Give lengthBytes=1 for a single byte.'
      : `Give lengthBytes=${smaller}, and listen a second time for the rest; a thread has four registers.`,
  );
}

function misaligned(address: bigint, lengthBytes: number, over: number): ExtensionEventError {
  const fits = lengths.findLast((each) => address % BigInt(each) === 0n) ?? 1;
  const start = address - BigInt(over);
  return new ExtensionEventError(
    'EE_HW_BREAKPOINT_ALIGNMENT',
    `${hex(address)} is no multiple of ${lengthBytes}, as watching ${lengthBytes} bytes needs.`,
    `Give lengthBytes=${fits}, or watch address=${hex(start)}, whose ${lengthBytes} bytes include it.`,
  );
}

/** An address as people read it. */
export function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
