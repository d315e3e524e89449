import { readFileSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import { findMapping, parseMaps } from '@extension-events/platform-linux/symbols';
import { type Location, locationError } from '../location.ts';

/** An instruction to be watched, and what is known of it beforehand. */
export interface NativePlace {
  readonly address: bigint;
  readonly symbol?: string;
  readonly module?: string;
  readonly function?: string;
  readonly url?: string;
  readonly line?: number;
  /** Where a uprobe goes, or why none can. */
  readonly uprobe: UprobePlace | { readonly refusal: string };
}

export interface UprobePlace {
  readonly path: string;
  readonly offset: bigint;
}

/**
 * Finds the instruction that a location means.
 *
 * @throws ExtensionEventError `EE_BREAKPOINT_LOCATION`, `EE_SYMBOL_UNKNOWN`, `EE_SYMBOL_AMBIGUOUS`
 */
export async function findPlace(
  { pid, symbols }: LinuxHost,
  location: Location,
  given: string,
): Promise<NativePlace> {
  const found = await symbols.find(textOf(location, given));
  if (found.kind === 'object')
    throw locationError(given, `${found.symbol ?? 'it'} is data, not code`, 'Watch data with hw-breakpoint.hit.'); // prettier-ignore
  if (found.kind === 'ifunc')
    throw locationError(given, `${found.symbol ?? 'it'} only chooses a function when the program is loaded`, 'Choose the function itself, such as __memmove_avx_unaligned; info functions of gdb lists them.'); // prettier-ignore
  const { address } = found;
  const { module, offset, symbol } = symbols.resolve(address);
  const [written] = await symbols.lines(address).catch(() => []);
  const isInstruction = location.kind === 'line' || offset === 0;
  return {
    address,
    ...(symbol === undefined ? {} : { symbol }),
    ...(module === undefined ? {} : { module }),
    ...(written === undefined ? {} : { function: written.function, url: written.file, line: written.line }), // prettier-ignore
    uprobe: isInstruction
      ? uprobePlaceOf(readMaps(pid), address)
      : {
          refusal: 'it may be in the middle of an instruction, which a uprobe would overwrite',
        },
  };
}

function textOf(location: Location, given: string): string {
  switch (location.kind) {
    case 'line':
      if (location.column === undefined) return `${location.file}:${location.line}`;
      throw locationError(given, 'native code has lines, no columns', `Write ${location.file}:${location.line}.`); // prettier-ignore
    case 'name':
      return location.name;
    case 'native':
      return location.text;
    default:
      return location satisfies never;
  }
}

/** Where in which file the byte is that is loaded to an address. */
export function uprobePlaceOf(maps: string, address: bigint): NativePlace['uprobe'] {
  const mapping = findMapping(parseMaps(maps), Number(address));
  if (mapping === undefined) return { refusal: 'nothing is mapped there' };
  if (!mapping.isExecutable) return { refusal: 'it is not code' };
  if (!mapping.path.startsWith('/') || mapping.isDeleted)
    return { refusal: 'no file is mapped there' };
  const offset = BigInt(Number(address) - mapping.start + mapping.fileOffset);
  return { path: mapping.path, offset };
}

function readMaps(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch (cause) {
    throw new ExtensionEventError(
      'EE_BREAKPOINT_NO_THREAD',
      `The memory map of process ${pid} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      'It may have ended, or belong to another user.',
      { cause },
    );
  }
}
