import type { DebugFile } from './debug-file.ts';
import { findDebugFile } from './debug-file.ts';
import { demangle } from './demangle.ts';
import { readElf } from './elf.ts';
import type { ElfFile } from './elf-types.ts';
import type { OpenedFile } from './process-files.ts';
import type { ElfSymbol } from './symbol-table.ts';

/** A symbol with the name that people read. */
export interface ModuleSymbol extends ElfSymbol {
  /** As the file has it. */
  readonly mangled: string;
}

/** An ELF file together with its separate debug file, if there is one. */
export class ElfModule implements Disposable {
  /** As the process has it. */
  readonly path: string;
  readonly elf: ElfFile;
  readonly #file: OpenedFile;
  readonly #findDebug: () => DebugFile | undefined;
  #debug: DebugFile | null | undefined;
  #shown = new Map<ElfSymbol, ModuleSymbol>();

  /** @throws ExtensionEventError `EE_ELF_FORMAT`, `EE_ELF_READ` */
  constructor(
    path: string,
    file: OpenedFile,
    roots: readonly string[],
    debugDirectories: readonly string[],
  ) {
    this.path = path;
    this.#file = file;
    this.elf = readElf(file.source);
    this.#findDebug = () => findDebugFile(this.elf, path, roots, debugDirectories);
  }

  /** The separate debug file; looked for once. */
  get debug(): DebugFile | undefined {
    if (this.#debug === undefined) {
      try {
        this.#debug = this.#findDebug() ?? null;
      } catch {
        this.#debug = null;
      }
    }
    return this.#debug ?? undefined;
  }

  /** The file that has the most symbols: the debug file of a stripped one. */
  get symbolFile(): ElfFile {
    if (this.elf.hasSymtab) return this.elf;
    const { debug } = this;
    return debug?.elf.hasSymtab === true ? debug.elf : this.elf;
  }

  /** The file with source lines and the path of it. */
  get lineFile(): { readonly elf: ElfFile; readonly path: string } | undefined {
    const own = { elf: this.elf, path: this.#file.path };
    if (hasLines(own.elf)) return own;
    const { debug } = this;
    return debug !== undefined && hasLines(debug.elf) ? debug : undefined;
  }

  /** What covers an address of the file: code first where code is expected. */
  symbolAt(address: number, isCode: boolean): ModuleSymbol | undefined {
    const { symbols } = this.symbolFile;
    const symbol = isCode
      ? (symbols.code(address) ?? symbols.data(address))
      : (symbols.data(address) ?? symbols.code(address));
    if (symbol === undefined) return undefined;
    // The table gives the same object for the same address, so that demangling is done once.
    let shown = this.#shown.get(symbol);
    if (shown === undefined) {
      if (this.#shown.size >= 1 << 16) this.#shown.clear();
      shown = show(symbol);
      this.#shown.set(symbol, shown);
    }
    return shown;
  }

  /** Where the function that covers an address of the code starts, by the symbol there if any. */
  functionStartAt(address: number, symbol: ElfSymbol | undefined): number | undefined {
    return symbol === undefined || symbol.kind === 'object'
      ? this.elf.functionStarts?.startOf(address)
      : symbol.address;
  }

  /** Symbols that a text names: as the file has it, or as its author wrote it. */
  symbolsNamed(text: string): ModuleSymbol[] {
    const { symbols } = this.symbolFile;
    const exact = symbols.byName(text).map(show);
    if (exact.length > 0) return exact;
    const written = this.#writtenAs(text);
    const whole = written.filter(({ name }) => !name.includes(' [clone '));
    if (whole.length > 0) return whole;
    return written.length > 0 ? written : this.#clonesOf(text);
  }

  /** Names to compare with one that does not exist. */
  *names(): IterableIterator<string> {
    const { symbols } = this.symbolFile;
    const demangles = symbols.size < 30_000;
    for (const { name } of symbols.symbols()) {
      if (!isMangled(name)) yield name;
      else if (demangles) yield nameWithoutParameters(demangle(name));
    }
  }

  [Symbol.dispose](): void {
    this.#file.source[Symbol.dispose]();
    this.#debug?.source[Symbol.dispose]();
  }

  /** What the compiler left of a function: `work.constprop.0`, not its rarely used `work.cold`. */
  #clonesOf(text: string): ModuleSymbol[] {
    if (!/^\w+$/.test(text)) return [];
    const isClone = ({ name }: ElfSymbol) =>
      name.startsWith(`${text}.`) && !name.endsWith('.cold') && name[text.length + 1] !== '.';
    const found = this.symbolFile.symbols.containing(`${text}.`, 1000);
    return found.filter((symbol) => symbol.kind !== 'object' && isClone(symbol)).map(show);
  }

  /**
   * Mangled names carry each part of the name with its length before it, so those without
   * `3bar` cannot be `foo::bar(int)`: only the rest is demangled.
   */
  #writtenAs(text: string): ModuleSymbol[] {
    const parts = withoutArguments(nameWithoutParameters(text)).match(/[A-Za-z_]\w*/g);
    const last = parts?.at(-1);
    if (last === undefined) return [];
    const wanted = normalize(text);
    return this.symbolFile.symbols
      .containing(`${last.length}${last}`, 20_000)
      .filter(({ name }) => isMangled(name))
      .map(show)
      .filter(({ name }) => {
        if (normalize(name) === wanted) return true;
        const bare = normalize(nameWithoutParameters(name));
        return bare === wanted && !name.endsWith('[clone .cold]');
      });
  }
}

function show(symbol: ElfSymbol): ModuleSymbol {
  return { ...symbol, name: demangle(symbol.name), mangled: symbol.name };
}

function hasLines(elf: ElfFile): boolean {
  return (elf.section('.debug_line')?.fileSize ?? 0) > 0;
}

function isMangled(name: string): boolean {
  return name.startsWith('_Z') || name.startsWith('_R');
}

function normalize(text: string): string {
  return text.replaceAll(/\s+/g, '');
}

/** `a<b>::c<d<e>>` is `a::c`. */
function withoutArguments(name: string): string {
  let depth = 0;
  let text = '';
  for (const character of name) {
    if (character === '<') depth++;
    if (depth === 0) text += character;
    if (character === '>' && depth > 0) depth--;
  }
  return text;
}

/** `a::b<int>(char*) const` is `a::b<int>`; the call operator keeps its own parentheses. */
export function nameWithoutParameters(name: string): string {
  let depth = 0;
  for (let at = 0; at < name.length; at++) {
    const character = name[at];
    if (character === '<') depth++;
    else if (character === '>') depth--;
    else if (character === '(' && depth <= 0 && at > 0) {
      const before = name.slice(0, at);
      if (!before.endsWith('operator') && !name.startsWith('(anonymous namespace)', at)) {
        return before;
      }
    }
  }
  return name;
}
