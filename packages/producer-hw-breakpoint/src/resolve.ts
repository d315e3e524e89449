import { ExtensionEventError } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import { type AddressText, parseAddress } from './address.ts';
import { readNamedMemory } from './named-memory.ts';
import { choosePlace, hex, type Place, type Target } from './place.ts';
import type { HitRequest, NamedMemory } from './types.ts';

/**
 * Finds what a request means in a process.
 *
 * @throws ExtensionEventError `EE_HW_BREAKPOINT_*`, `EE_NAMED_MEMORY_UNKNOWN`, `EE_SYMBOL_*`
 */
export async function resolvePlace(host: LinuxHost, request: HitRequest): Promise<Place> {
  const text = parseAddress(request.address);
  if (text.kind === 'number')
    return choosePlace({ address: text.address, sizeBytes: undefined }, request);
  if (text.kind === 'memory') return placeInMemory(getMemory(host.pid, text.name), text, request);
  const { address, sizeBytes } = await host.symbols.find(text.text);
  return choosePlace({ address, sizeBytes: text.hasOffset ? undefined : sizeBytes }, request);
}

type MemoryText = Extract<AddressText, { kind: 'memory' }>;

/** Where in named memory a text points to; it must lie within. */
export function placeInMemory(
  memory: NamedMemory,
  { offset, isIndex }: MemoryText,
  request: HitRequest,
): Place {
  const start = isIndex ? offset * Math.max(1, memory.elementBytes) : offset;
  const place = choosePlace(targetIn(memory, start, isIndex), request);
  if (start + place.lengthBytes <= memory.lengthBytes) return place;
  const { name, lengthBytes } = memory;
  throw new ExtensionEventError(
    'EE_HW_BREAKPOINT_ADDRESS',
    `memory:${name} has ${lengthBytes} bytes; bytes ${start} to ${start + place.lengthBytes - 1} are not all in it.`,
    `Watch an offset of at most ${Math.max(0, lengthBytes - place.lengthBytes)}, or fewer bytes.`,
  );
}

// Small memory is watched as a whole, a larger one by its first element.
function targetIn({ address, lengthBytes, elementBytes }: NamedMemory, start: number, isIndex: boolean): Target {
  const isWhole = !isIndex && start === 0 && [1, 2, 4, 8].includes(lengthBytes);
  const sizeBytes = isWhole ? lengthBytes : elementBytes > 0 ? elementBytes : undefined;
  return { address: address + BigInt(start), sizeBytes };
} // prettier-ignore

function getMemory(pid: number, name: string): NamedMemory {
  const all = tryReadAll(pid);
  const [found, ...others] = all.filter((each) => each.name === name);
  if (found !== undefined && others.length === 0) return found;
  if (found !== undefined) {
    const addresses = [found, ...others].map(({ address }) => hex(address)).join(', ');
    throw new ExtensionEventError(
      'EE_NAMED_MEMORY_UNKNOWN',
      `Process ${pid} has named ${others.length + 1} pieces of memory ${name}.`,
      `Give one of their addresses: ${addresses}.`,
    );
  }
  const names = [...new Set(all.map((each) => each.name))].toSorted();
  throw new ExtensionEventError(
    'EE_NAMED_MEMORY_UNKNOWN',
    `Process ${pid} has named no memory ${name}.`,
    names.length > 0
      ? `It has named ${names.slice(0, 20).join(', ')}.`
      : 'The program names memory with nameMemory() of @extension-events/producer-hw-breakpoint/memory.',
  );
}

function tryReadAll(pid: number): NamedMemory[] {
  try {
    return readNamedMemory(pid);
  } catch (error) {
    throw new ExtensionEventError(
      'EE_NAMED_MEMORY_UNKNOWN',
      `What process ${pid} has named cannot be read: ${(error as Error).message}.`,
      'Run as the user of that process, or as root, while it lives.',
      { cause: error },
    );
  }
}
