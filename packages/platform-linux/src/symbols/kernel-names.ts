import { ExtensionEventError } from '@extension-events/core';
import { readProcFile } from './byte-source.ts';
import { parseKallsyms, type KernelSymbols } from './kallsyms.ts';
import { similarNames } from './similar.ts';
import type { FoundAddress, ResolvedAddress } from './types.ts';

const maxBytes = 256 << 20;

/** Names of kernel functions: /proc/kallsyms, read when the first is asked for. */
export class KernelNames {
  readonly #onProblem: (error: unknown, about: string) => void;
  #symbols: KernelSymbols | undefined;

  constructor(onProblem: (error: unknown, about: string) => void) {
    this.#onProblem = onProblem;
  }

  resolve(address: bigint): ResolvedAddress {
    const symbol = this.#table().find(address);
    if (symbol === undefined) return { address, module: '[kernel]', kind: 'kernel' };
    const { name, module } = symbol;
    const offset = Number(address - symbol.address);
    const functionAddress = symbol.address;
    return { address, symbol: name, offset, functionAddress, module, kind: 'kernel' };
  }

  /** @throws ExtensionEventError `EE_SYMBOL_UNKNOWN`, `EE_SYMBOL_AMBIGUOUS`, `EE_KALLSYMS` */
  find(name: string): FoundAddress {
    const table = this.#table();
    if (table.size === 0) throw hidden();
    const [first, second] = table.byName(name);
    if (first === undefined) {
      const similar = similarNames(name, table.names());
      throw new ExtensionEventError(
        'EE_SYMBOL_UNKNOWN',
        `The kernel has no function ${name}.`,
        similar.length > 0 ? `Similar names: ${similar.join(', ')}.` : 'Look into /proc/kallsyms.',
      );
    }
    if (second !== undefined) {
      throw new ExtensionEventError(
        'EE_SYMBOL_AMBIGUOUS',
        `The kernel has several functions ${name}.`,
        `Give the address of one: ${table
          .byName(name)
          .map(({ address }) => `0x${address.toString(16)}`)
          .join(', ')}.`,
      );
    }
    return { address: first.address, symbol: name, module: first.module, kind: 'function' };
  }

  #table(): KernelSymbols {
    this.#symbols ??= this.#read();
    return this.#symbols;
  }

  #read(): KernelSymbols {
    let symbols = parseKallsyms('');
    try {
      symbols = parseKallsyms(readProcFile('/proc/kallsyms', maxBytes));
      if (symbols.size === 0) this.#onProblem(hidden(), '/proc/kallsyms');
    } catch (error) {
      this.#onProblem(error, '/proc/kallsyms');
    }
    return symbols;
  }
}

function hidden(): ExtensionEventError {
  return new ExtensionEventError(
    'EE_KALLSYMS',
    'The kernel does not show the addresses of its functions to this user (kernel.kptr_restrict).',
    'Run as root, or set kernel.kptr_restrict to 0.',
  );
}
