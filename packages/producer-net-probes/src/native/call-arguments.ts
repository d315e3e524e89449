/** Pure: arguments of a system call, from the user's registers while the kernel serves it. */
import type { PerfSample } from '@extension-events/platform-linux';
import type { CallArguments } from './internal-types.ts';

// Places of the registers in a sample: rdi, rsi and rsp (userRegisterNames); x0, x1 and sp.
const places: Readonly<Record<string, readonly [number, number, number]>> = {
  x64: [5, 4, 7],
  arm64: [0, 1, 31],
};

/**
 * Reads them; `undefined` where a sample has none (a thread of the kernel that works for the process).
 *
 * On x86-64 they are there until the return to the program. On arm64 the result takes the place of
 * the first one when the call ends.
 */
export function readArguments(
  sample: PerfSample,
  arch: string = process.arch,
): CallArguments | undefined {
  const registers = sample.userRegisters();
  const [first, second, stackPointer] = (places[arch] ?? []).map((place) => registers[place]);
  if (first === undefined || second === undefined || stackPointer === undefined) return undefined;
  return { first, second, stackPointer };
}

/** Is the first argument still there when the call ends? */
export function keepsFirstArgument(arch: string = process.arch): boolean {
  return arch === 'x64';
}
