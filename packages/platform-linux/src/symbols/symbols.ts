import { ExtensionEventError } from '@extension-events/core';
import { AddressSpace, type LoadedFile, type Place } from './address-space.ts';
import { baseName, findModules, findSymbol, withoutCopies } from './find-symbol.ts';
import { parseAddressText, type AddressText } from './find-text.ts';
import { findLine } from './find-line.ts';
import { KernelNames } from './kernel-names.ts';
import { PerfMapFile } from './perf-map.ts';
import { SourceLines } from './source-lines.ts';
import type { FoundAddress, LoadedModule, ResolvedAddress, SourceLine, Symbols } from './types.ts';

/** What {@link createSymbols} may be told. */
export interface SymbolsOptions {
  /**
   * What could not be read or asked, each once; symbols or lines are missing then, nothing else.
   * Default: nobody hears of it.
   */
  readonly onProblem?: (error: ExtensionEventError) => void;
  /** Where separate debug files are. Default `['/usr/lib/debug']`. */
  readonly debugDirectories?: readonly string[];
  /** The program that tells source lines. Default `addr2line`. */
  readonly addr2line?: string;
  /** Clock of the limits on reading again, in ms. Default `performance.now`. */
  readonly now?: () => number;
}

const maxCached = 1 << 16;
const kernelStart = 1n << 63n;
const vsyscallPage = 0xffffffffff600n;
const perfMapIntervalMs = 100;

/**
 * Symbols and source lines of a process. Files are read when an address of theirs is asked for, and
 * stay open, so that what was seen can be told after the process has ended.
 */
export function createSymbols(pid: number, options: SymbolsOptions = {}): Symbols {
  return new ProcessSymbols(pid, options);
}

class ProcessSymbols implements Symbols {
  readonly #space: AddressSpace;
  readonly #perfMap: PerfMapFile;
  readonly #kernel: KernelNames;
  readonly #lines: SourceLines;
  readonly #now: () => number;
  readonly #onProblem: (error: ExtensionEventError) => void;
  readonly #told = new Set<string>();
  readonly #cache = new Map<number, ResolvedAddress>();
  #cacheVersion = -1;
  #perfMapReadAt = Number.NEGATIVE_INFINITY;

  constructor(pid: number, options: SymbolsOptions) {
    this.#now = options.now ?? (() => performance.now());
    this.#onProblem = options.onProblem ?? (() => {});
    const onProblem = (error: unknown, about: string) => this.#tell(error, about);
    this.#space = new AddressSpace(pid, {
      debugDirectories: options.debugDirectories ?? ['/usr/lib/debug'],
      now: this.#now,
      onProblem,
    });
    const facts = this.#space.facts;
    const inside = `/tmp/perf-${facts?.namespacePid ?? pid}.map`;
    const paths = [`/proc/${pid}/root${inside}`, `/proc/${pid}/root/tmp/perf-${pid}.map`];
    this.#perfMap = new PerfMapFile([...paths, `/tmp/perf-${pid}.map`], facts?.uid ?? 0);
    this.#kernel = new KernelNames(onProblem);
    this.#lines = new SourceLines(options.addr2line ?? 'addr2line', onProblem);
  }

  resolve(address: bigint | number): ResolvedAddress {
    const big = toAddress(address);
    if (big === undefined) return { address: 0n, kind: 'unknown' };
    try {
      return big >= kernelStart ? this.#resolveKernel(big) : this.#resolveUser(Number(big), big);
    } catch (error) {
      // Files may change while they are read; a name is never worth more than the event.
      this.#tell(error, 'resolve');
      return { address: big, kind: 'unknown' };
    }
  }

  async lines(address: bigint | number): Promise<readonly SourceLine[]> {
    const big = toAddress(address);
    if (big === undefined || big >= kernelStart) return [];
    try {
      const { file } = this.#space.find(Number(big));
      if (file === undefined) return [];
      return await this.#lines.at(file.module, Number(big) - file.bias);
    } catch (error) {
      this.#tell(error, 'lines');
      return [];
    }
  }

  async find(text: string): Promise<FoundAddress> {
    const asked = parseAddressText(text);
    this.#space.refresh();
    if (asked.kind === 'address') return this.#describe(this.#addressOf(asked));
    const { files } = this.#space;
    if (asked.kind === 'line') return findLine(files, asked.file, asked.line, this.#lines);
    const isKernel = asked.module === 'kernel' || asked.module === '[kernel]';
    return isKernel ? this.#kernel.find(asked.name) : findSymbol(files, asked.name, asked.module);
  }

  formatStack(addresses: readonly (bigint | number)[]): string {
    let wasKernel = true;
    return addresses
      .map((address, index) => {
        const big = toAddress(address) ?? 0n;
        const isKernel = big >= kernelStart;
        // Where a thread is is exact, where a call returns to is behind the call, perhaps in the
        // next function.
        const isExact = index === 0 || (wasKernel && !isKernel) || big === 0n;
        wasKernel = isKernel;
        return formatFrame(this.resolve(isExact ? big : big - 1n), big, isExact ? 0 : 1);
      })
      .join('\n');
  }

  modules(): readonly LoadedModule[] {
    this.#space.refresh();
    return withoutCopies(this.#space.files).map(({ module, bias }) => ({
      path: module.path,
      loadBias: BigInt(bias),
    }));
  }

  close(): void {
    this.#lines.close();
    this.#space.close();
    this.#perfMap[Symbol.dispose]();
    this.#cache.clear();
  }

  #resolveUser(address: number, big: bigint): ResolvedAddress {
    const place = this.#space.find(address);
    if (this.#cacheVersion !== this.#space.version || this.#cache.size >= maxCached) {
      this.#cache.clear();
      this.#cacheVersion = this.#space.version;
    }
    const known = this.#cache.get(address);
    if (known !== undefined) return known;
    if (place.file === undefined) return this.#resolveUnfiled(address, big, place);
    const resolved = resolveInFile(big, address, place.file, place.mapping?.isExecutable ?? false);
    this.#cache.set(address, resolved);
    return resolved;
  }

  /** Memory without an ELF file: of a JIT compiler, when it can be executed. */
  #resolveUnfiled(address: number, big: bigint, { mapping }: Place): ResolvedAddress {
    const isCode = mapping?.isExecutable ?? true;
    const entry = isCode ? this.#findJit(address) : undefined;
    if (entry !== undefined) {
      const offset = address - entry.start;
      return { address: big, symbol: entry.name, offset, module: '[jit]', kind: 'jit' };
    }
    if (mapping === undefined) return { address: big, kind: 'unknown' };
    const isAnonymous = mapping.path === '' || mapping.path.startsWith('[anon:');
    if (isAnonymous && isCode) return { address: big, module: '[jit]', kind: 'jit' };
    return isAnonymous
      ? { address: big, kind: 'unknown' }
      : { address: big, module: mapping.path, kind: 'user' };
  }

  #findJit(address: number): ReturnType<PerfMapFile['find']> {
    const now = this.#now();
    if (now - this.#perfMapReadAt > perfMapIntervalMs) {
      this.#perfMapReadAt = now;
      this.#perfMap.refresh();
    }
    return this.#perfMap.find(address);
  }

  #resolveKernel(address: bigint): ResolvedAddress {
    if (address >> 12n === vsyscallPage) return { address, module: '[vsyscall]', kind: 'user' };
    return this.#kernel.resolve(address);
  }

  #addressOf(asked: AddressText & { readonly kind: 'address' }): bigint {
    if (asked.module === undefined) return asked.address;
    const [file] = findModules(this.#space.files, asked.module);
    return asked.address + BigInt(file?.bias ?? 0);
  }

  #describe(address: bigint): FoundAddress {
    const { symbol, module } = this.resolve(address);
    return {
      address,
      ...(symbol !== undefined && { symbol }),
      ...(module !== undefined && { module }),
    };
  }

  #tell(cause: unknown, about: string): void {
    const error = toProblem(cause, about);
    const key = `${error.code} ${about}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#onProblem(error);
  }
}

function resolveInFile(
  big: bigint,
  address: number,
  { module, bias }: LoadedFile,
  isCode: boolean,
): ResolvedAddress {
  const inFile = address - bias;
  const symbol = module.symbolAt(inFile, isCode);
  const start = isCode ? module.functionStartAt(inFile, symbol) : undefined;
  const place = {
    address: big,
    module: module.path,
    moduleAddress: BigInt(inFile),
    ...(start !== undefined && { functionAddress: BigInt(start + bias) }),
  };
  return symbol === undefined
    ? { ...place, kind: 'user' }
    : { ...place, symbol: symbol.name, offset: inFile - symbol.address, kind: 'user' };
}

function formatFrame(resolved: ResolvedAddress, address: bigint, behind: number): string {
  const { symbol, offset = 0, module, moduleAddress } = resolved;
  if (symbol !== undefined) {
    return `${symbol}+0x${(offset + behind).toString(16)} (${baseName(module ?? '')})`;
  }
  const place =
    moduleAddress === undefined ? '' : `+0x${(moduleAddress + BigInt(behind)).toString(16)}`;
  return `0x${address.toString(16)} (${baseName(module ?? '[unknown]')}${place})`;
}

/** 64 bits without a sign; `undefined` for what is no address. */
function toAddress(address: bigint | number): bigint | undefined {
  if (typeof address === 'bigint') return BigInt.asUintN(64, address);
  return Number.isInteger(address) && address >= 0
    ? BigInt.asUintN(64, BigInt(address))
    : undefined;
}

function toProblem(cause: unknown, about: string): ExtensionEventError {
  if (cause instanceof ExtensionEventError) return cause;
  return new ExtensionEventError(
    'EE_ELF_READ',
    `${about} could not be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
    'Look whether the process still runs and whether this user may read its files.',
    { cause },
  );
}
