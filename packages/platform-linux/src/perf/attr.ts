/**
 * `struct perf_event_attr`, written by us and read by the kernel in perf_event_open(2). All numbers
 * are little-endian, as on every CPU that this package knows. A word that is added goes into
 * {@link PerfAttr}, at its offset from include/uapi/linux/perf_event.h.
 */

/** Bits of the flag word at offset 40. */
const flagBits = {
  disabled: 0,
  inherit: 1,
  excludeKernel: 5,
  excludeHypervisor: 6,
  frequency: 10,
  task: 13,
  sampleIdAll: 18,
  excludeCallchainKernel: 21,
  useClockId: 25,
  inheritThread: 35,
  removeOnExec: 36,
  sigtrap: 37,
} as const;

/** A flag of `perf_event_attr` that is used here. */
export type AttrFlag = keyof typeof flagBits;

/** The parts of `struct perf_event_attr` that are used here; what is left out is 0. */
export interface PerfAttr {
  readonly type: number;
  readonly config?: bigint;
  /** A period, or a frequency in Hz with the flag `frequency`; 0: a counter that takes no samples. */
  readonly period?: number;
  readonly sampleType?: number;
  readonly readFormat?: number;
  readonly flags?: readonly AttrFlag[];
  readonly breakpointType?: number;
  /** A breakpoint's address; config1: the address of a uprobe's path. */
  readonly config1?: bigint;
  /** A breakpoint's length; config2: a uprobe's offset. */
  readonly config2?: bigint;
  readonly userRegisters?: bigint;
  readonly userStackBytes?: number;
}

/** Size that kernels since 5.13 know (PERF_ATTR_SIZE_VER7 and later read what follows as zeros). */
export const defaultAttrBytes = 136;

const clockMonotonic = 1;

/**
 * Writes an attr.
 *
 * @param sizeBytes - what the kernel knows: after `E2BIG` it says so at offset 4 of what it was given
 */
export function encodeAttr(attr: PerfAttr, sizeBytes: number = defaultAttrBytes): Uint8Array {
  // Room beyond the size is not read by the kernel; old sizes then need no conditions below.
  const bytes = new Uint8Array(Math.max(sizeBytes, defaultAttrBytes));
  const view = new DataView(bytes.buffer);
  let flags = 1n << BigInt(flagBits.useClockId);
  for (const flag of attr.flags ?? []) flags |= 1n << BigInt(flagBits[flag]);
  view.setUint32(0, attr.type, true);
  view.setUint32(4, sizeBytes, true);
  view.setBigUint64(8, attr.config ?? 0n, true);
  view.setBigUint64(16, BigInt(attr.period ?? 0), true);
  view.setBigUint64(24, BigInt(attr.sampleType ?? 0), true);
  view.setBigUint64(32, BigInt(attr.readFormat ?? 0), true);
  view.setBigUint64(40, flags, true);
  view.setUint32(52, attr.breakpointType ?? 0, true);
  view.setBigUint64(56, attr.config1 ?? 0n, true);
  view.setBigUint64(64, attr.config2 ?? 0n, true);
  view.setBigUint64(80, attr.userRegisters ?? 0n, true);
  view.setUint32(88, attr.userStackBytes ?? 0, true);
  // The clock of process.hrtime(): samples are on the time line of JavaScript's events.
  view.setInt32(92, clockMonotonic, true);
  return bytes;
}

/** The size that a kernel wrote back into an attr that was too big for it. */
export function readAttrSize(attr: Uint8Array): number {
  return new DataView(attr.buffer, attr.byteOffset).getUint32(4, true);
}
