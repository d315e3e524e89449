/** The text of an address: what it says, before anything is looked up. */
import { ExtensionEventError } from '@extension-events/core';
import { isMemoryName } from './named-memory.ts';

export type AddressText =
  | { readonly kind: 'number'; readonly address: bigint }
  | { readonly kind: 'symbol'; readonly text: string; readonly hasOffset: boolean }
  | {
      readonly kind: 'memory';
      readonly name: string;
      readonly offset: number;
      /** Is the offset a number of elements, rather than of bytes? */
      readonly isIndex: boolean;
    };

const maxLength = 1000;
const memoryPrefix = 'memory:';

/**
 * Reads the text of an address.
 *
 * @throws ExtensionEventError `EE_HW_BREAKPOINT_ADDRESS`
 */
export function parseAddress(given: string): AddressText {
  const text = given.trim();
  if (text === '') throw badAddress('The address is empty');
  if (text.length > maxLength) throw badAddress(`The address has ${text.length} characters`);
  if (text.startsWith(memoryPrefix)) return parseMemory(text.slice(memoryPrefix.length));
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return { kind: 'number', address: BigInt(text.toLowerCase()) };
  if (/^[\d-]/.test(text)) throw badAddress(`${text.slice(0, 40)} is not an address of at most 64 bits`); // prettier-ignore
  return { kind: 'symbol', text, hasOffset: /\+(0x[0-9a-f]+|\d+)$/i.test(text) };
} // prettier-ignore

function parseMemory(text: string): AddressText {
  const [, name = '', index, bytes] = /^(.*?)(?:\[(\d+)\]|\+(0x[0-9a-f]+|\d+))?$/is.exec(text) ?? [];
  const offset = Number(index ?? bytes ?? 0);
  if (isMemoryName(name) && Number.isSafeInteger(offset))
    return { kind: 'memory', name, offset, isIndex: index !== undefined };
  throw badAddress(`${JSON.stringify(text.slice(0, 80))} names no memory`);
} // prettier-ignore

function badAddress(problem: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_HW_BREAKPOINT_ADDRESS',
    `${problem}.`,
    'Write 0x and hexadecimal digits, symbol, symbol+16, module:symbol, memory:NAME, memory:NAME[3] or memory:NAME+16.',
  );
}
