/** Functions of the kernel, as /proc/kallsyms lists them. */
export interface KernelSymbols {
  readonly size: number;
  find(address: bigint): KernelSymbol | undefined;
  byName(name: string): KernelSymbol[];
  names(): readonly string[];
}

export interface KernelSymbol {
  readonly address: bigint;
  readonly name: string;
  /** `[kernel]` or the name of a kernel module in brackets. */
  readonly module: string;
}

/** How far behind the last symbol before it an address may be and still be said to be in it. */
const maxDistance = 1n << 20n;

/**
 * Reads the text of /proc/kallsyms: `ffffffff81000000 T name [module]`. Code alone (t, T, w, W) is
 * kept. The kernel shows zeros to whom it does not trust (kernel.kptr_restrict): then it is empty.
 */
export function parseKallsyms(text: string): KernelSymbols {
  const found: KernelSymbol[] = [];
  const pattern = /^([0-9a-f]{16}) [tTwW] (\S+)(?:\t(\[\S+\]))?$/gm;
  for (const [, address = '0', name = '', module = '[kernel]'] of text.matchAll(pattern)) {
    if (address !== '0000000000000000')
      found.push({ address: BigInt(`0x${address}`), name, module });
  }
  // The kernel lists its own functions in order; only those of modules come behind.
  const isSorted = found.every(
    ({ address }, index) => index === 0 || address >= (found[index - 1]?.address ?? 0n),
  );
  const sorted = isSorted ? found : found.toSorted((a, b) => compare(a.address, b.address));
  return {
    size: sorted.length,
    find(address) {
      let low = 0;
      let high = sorted.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((sorted[middle]?.address ?? 0n) <= address) low = middle + 1;
        else high = middle;
      }
      // Of aliases the first in the file is the name that the kernel itself prints.
      while (low > 1 && sorted[low - 2]?.address === sorted[low - 1]?.address) low--;
      const symbol = sorted[low - 1];
      return symbol !== undefined && address - symbol.address < maxDistance ? symbol : undefined;
    },
    byName: (name) => sorted.filter((symbol) => symbol.name === name),
    names: () => sorted.map(({ name }) => name),
  };
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
