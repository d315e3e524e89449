import { ExtensionEventError } from '@extension-events/core';

/** What a text for {@link Symbols.find} says. */
export type AddressText =
  | { readonly kind: 'address'; readonly address: bigint; readonly module?: string }
  | { readonly kind: 'line'; readonly file: string; readonly line: number }
  | { readonly kind: 'symbol'; readonly name: string; readonly module?: string };

/**
 * Reads `0x…`, `symbol`, `symbol+16`, `module:symbol`, `module:0x…`, `file.c:12`. An offset stays
 * part of the name here: there are names with a plus.
 *
 * @throws ExtensionEventError `EE_SYMBOL_UNKNOWN` for an empty text
 */
export function parseAddressText(text: string): AddressText {
  const trimmed = text.trim();
  if (trimmed === '') {
    throw new ExtensionEventError(
      'EE_SYMBOL_UNKNOWN',
      'An empty text names no address.',
      'Give 0x…, a symbol, symbol+16, libc.so.6:malloc or file.c:12.',
    );
  }
  const address = parseHex(trimmed);
  if (address !== undefined) return { kind: 'address', address };
  const line = /^(.+):(\d{1,9})$/.exec(trimmed);
  if (line?.[1] !== undefined && !line[1].endsWith(':')) {
    return { kind: 'line', file: line[1], line: Number(line[2]) };
  }
  // One colon parts module and symbol; `a::b` is a name of C++ or Rust.
  const parts = /^([^:\s<(]+):(?!:)(.+)$/.exec(trimmed);
  if (parts?.[1] === undefined || parts[2] === undefined) return { kind: 'symbol', name: trimmed };
  const inModule = parseHex(parts[2]);
  return inModule === undefined
    ? { kind: 'symbol', module: parts[1], name: parts[2] }
    : { kind: 'address', module: parts[1], address: inModule };
}

/** `name+16` in two; `undefined` when there is no offset behind the name. */
export function splitOffset(
  name: string,
): { readonly name: string; readonly offset: number } | undefined {
  const match = /^(.+?)\s*\+\s*(0x[0-9a-f]{1,12}|\d{1,12})$/i.exec(name);
  return match?.[1] === undefined ? undefined : { name: match[1], offset: Number(match[2]) };
}

function parseHex(text: string): bigint | undefined {
  return /^0x[0-9a-f]{1,16}$/i.test(text) ? BigInt(text) : undefined;
}

/** Does a text name this file? `libc.so.6`, `lib/libc.so.6`, the whole path, or `libc`. */
export function isModuleNamed(path: string, text: string): boolean {
  if (path === text || path.endsWith(`/${text}`)) return true;
  const base = path.slice(path.lastIndexOf('/') + 1);
  return !text.includes('/') && base.startsWith(`${text}.`);
}
