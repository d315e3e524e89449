/** Pure: a `struct sockaddr` of the program, from a copy of its stack. */
import { addressText } from '@extension-events/platform-linux/tracefs';
import { familyOf, inet, inet6, unix } from './protocols.ts';
import type { SocketFacts } from './internal-types.ts';

/** Bytes of stack that are copied with a call that takes an address: most programs keep it there. */
export const stackBytes = 1024;

/**
 * The other side's address behind a pointer, as the program handed it over or got it; `undefined` when it does not
 * lie in the copy of the stack, or is of another kind.
 */
export function readSocketAddress(
  stack: Uint8Array,
  stackPointer: bigint,
  pointer: bigint,
): SocketFacts | undefined {
  const at = pointer - stackPointer;
  if (pointer === 0n || at < 0n || at + 2n > BigInt(stack.length)) return undefined;
  const bytes = stack.subarray(Number(at));
  const number = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  const family = familyOf(number);
  const needed = number === inet ? 16 : number === inet6 ? 28 : 2;
  if (family === undefined || bytes.length < needed) return undefined;
  if (number === unix) return { family, protocol: 'pipe' };
  const address = number === inet ? addressText(bytes.subarray(4, 8), 'ipv4') : addressText(bytes.subarray(8, 24), 'ipv6'); // prettier-ignore
  const port = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  return { family, remoteAddress: address, remotePort: port };
}
