import type { PerfSample } from '@extension-events/platform-linux';
import type {
  ResolvedAddress,
  SourceLine,
  Symbols,
} from '@extension-events/platform-linux/symbols';
import type { NativeCount, NativePlace, Spot } from './internal-types.ts';
import { functionStartOf, nameOf } from './native-name.ts';

const maxSpots = 65_536;
const maxCounts = 16_384;
const maxProcesses = 64;
// Compiled code moves and is thrown away; a mapped file stays where it is, mostly.
const jitLifeNs = 1e9;
const fileLifeNs = 30e9;
// Where nobody tells functions apart, samples are counted by blocks of so many bytes: a loop has many addresses.
const blockShift = 8n;

interface AddressSpace {
  readonly symbols: Symbols;
  /** By address: a number in user space, where it is exact, and a bigint in the kernel. */
  readonly spots: Map<number | bigint, Spot>;
}

/** Gives symbols of another process, for watching the whole system. */
export type OpenSymbols = (pid: number) => Symbols;

/**
 * What lies at the addresses that samples name. Each address is resolved once and looked at again after a
 * while, so that a sample costs one look into a table. Bounded.
 */
export class AddressBook implements Disposable {
  readonly #pid: number;
  readonly #own: AddressSpace;
  readonly #kernel: AddressSpace;
  readonly #others = new Map<number, AddressSpace>();
  readonly #openSymbols: OpenSymbols;
  #counts = new Map<string, NativeCount>();

  /** @param symbols - of the process itself; they are not closed here */
  constructor(pid: number, symbols: Symbols, openSymbols: OpenSymbols) {
    this.#pid = pid;
    this.#own = { symbols, spots: new Map() };
    this.#kernel = { symbols, spots: new Map() };
    this.#openSymbols = openSymbols;
  }

  /** Where a sample was taken. */
  spotOf(sample: Pick<PerfSample, 'pid' | 'pc' | 'pcBig' | 'isKernel' | 'timeNs'>): Spot {
    const { pid, isKernel, timeNs } = sample;
    const space = isKernel ? this.#kernel : this.#spaceOf(pid);
    const key = isKernel ? sample.pcBig : sample.pc;
    const known = space.spots.get(key);
    if (known !== undefined && timeNs < known.untilNs) return known;
    if (space.spots.size >= maxSpots) space.spots.clear();
    const spot = this.#look(space, isKernel ? this.#pid : pid, sample, known);
    space.spots.set(key, spot);
    return spot;
  }

  /** Symbols of the process that a spot belongs to. */
  symbolsOf({ pid, isKernel }: Spot): Symbols {
    return (isKernel ? this.#kernel : this.#spaceOf(pid)).symbols;
  }

  /** Takes down the source lines of a spot; by line it is counted from now on. */
  setLines(spot: Spot, lines: readonly SourceLine[]): void {
    spot.lines = lines;
    const [innermost] = lines;
    const { url, line = 0 } = spot.name;
    if (innermost !== undefined) spot.byLine = this.#place(`${innermost.file}:${innermost.line}`);
    else spot.byLine = url !== undefined && line > 0 ? this.#place(`${url}:${line}`) : spot.byPc;
  }

  /** A process has ended. */
  forget(pid: number): void {
    const space = this.#others.get(pid);
    this.#others.delete(pid);
    space?.symbols.close();
  }

  [Symbol.dispose](): void {
    for (const { symbols } of this.#others.values()) symbols.close();
    this.#others.clear();
  }

  #spaceOf(pid: number): AddressSpace {
    if (pid === this.#pid) return this.#own;
    const known = this.#others.get(pid);
    if (known !== undefined) return known;
    const [oldest] = this.#others.keys();
    if (this.#others.size >= maxProcesses && oldest !== undefined) this.forget(oldest);
    const space = { symbols: this.#openSymbols(pid), spots: new Map() };
    this.#others.set(pid, space);
    return space;
  }

  #look(
    { symbols }: AddressSpace,
    pid: number,
    { pcBig, isKernel, timeNs }: Pick<PerfSample, 'pcBig' | 'isKernel' | 'timeNs'>,
    known: Spot | undefined,
  ): Spot {
    const resolved = symbols.resolve(pcBig);
    const name = nameOf(resolved);
    const isFile = resolved.kind === 'user' || resolved.kind === 'kernel';
    const spot: Spot = {
      pc: pcBig,
      pid,
      isKernel,
      resolved,
      name,
      byFunction: this.#place(functionKey(resolved, name.url, name.function, pid)),
      byPc: this.#place(pcKey(resolved, pid)),
      lines: undefined,
      byLine: undefined,
      untilNs: timeNs + (isFile ? fileLifeNs : jitLifeNs),
    };
    if (known?.lines !== undefined && pcKey(known.resolved, pid) === pcKey(resolved, pid)) {
      this.setLines(spot, known.lines);
    }
    return spot;
  }

  #place(key: string): NativePlace {
    let count = this.#counts.get(key);
    if (count === undefined) {
      // Old places keep theirs; all that starts anew is whose chain is kept.
      if (this.#counts.size >= maxCounts) this.#counts = new Map();
      count = { key, seen: 0 };
      this.#counts.set(key, count);
    }
    return { function: count, line: 0 };
  }
}

/** Of one file in many processes the same, of compiled code in each another; V8's tiers of a function are one. */
function functionKey(
  resolved: ResolvedAddress,
  url: string | undefined,
  name: string,
  pid: number,
): string {
  const { kind, module, moduleAddress, symbol, address, functionAddress } = resolved;
  const owner = kind === 'user' || kind === 'kernel' ? (module ?? '') : `${pid}`;
  if (symbol !== undefined) return `${owner}|${url ?? ''}|${name}`;
  if (functionAddress !== undefined) return `${owner}|function ${functionStartOf(resolved)}`;
  return `${owner}|block ${(moduleAddress ?? address) >> blockShift}`;
}

function pcKey({ kind, module, moduleAddress, address }: ResolvedAddress, pid: number): string {
  if (kind === 'kernel') return `${address}`;
  if (kind !== 'user' || moduleAddress === undefined) return `${pid}:${address}`;
  return `${module}+${moduleAddress}`;
}
