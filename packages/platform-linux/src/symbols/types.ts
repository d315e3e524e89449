/** Where an address is. */
export interface ResolvedAddress {
  readonly address: bigint;
  /** Demangled; absent when nothing covers the address. */
  readonly symbol?: string;
  /** Bytes from the start of the symbol. */
  readonly offset?: number;
  /**
   * Start of the function that covers the address, as the process has it: of the symbol, else as
   * the file's unwind table has it. Absent for compiled code and where neither covers the address.
   */
  readonly functionAddress?: bigint;
  /** Path of the file that is mapped there, `[kernel]`, `[jit]`, `[vdso]`. */
  readonly module?: string;
  /** Address as the module's file has it, for addr2line and for other runs. */
  readonly moduleAddress?: bigint;
  readonly kind: 'user' | 'jit' | 'kernel' | 'unknown';
}

/** A place in a source file; a call that was inlined has several, innermost first. */
export interface SourceLine {
  readonly function: string;
  /** As the debug information has it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What a text means. */
export interface FoundAddress {
  readonly address: bigint;
  /** Demangled. */
  readonly symbol?: string;
  /** Bytes from the address to the end of the symbol. */
  readonly sizeBytes?: number;
  /** Path of the file that has the symbol. */
  readonly module?: string;
  /**
   * `ifunc`: the function that chooses the true one when the program is loaded, and that nobody
   * calls later.
   */
  readonly kind?: 'function' | 'ifunc' | 'label' | 'object';
  /** The line that was found for `file.c:12`: that one, or the next that has code. */
  readonly line?: number;
}

/** A file that is mapped, as {@link Symbols.modules} lists it. */
export interface LoadedModule {
  /** As the process has it. */
  readonly path: string;
  /** What to add to addresses of the file to get those of the process. */
  readonly loadBias: bigint;
}

/** Symbols and source lines of one process. Files are read through /proc/PID/root. */
export interface Symbols {
  /** Never throws. Looks again at the process's maps when the address is not in those it knows. */
  resolve(address: bigint | number): ResolvedAddress;
  /**
   * Asks a symbolizer child process that is kept; empty when there is no line information. An
   * address that a call returns to is behind the call: ask for one less.
   */
  lines(address: bigint | number): Promise<readonly SourceLine[]>;
  /**
   * The address that a text means: `0x…`, a symbol, `symbol+16`, `libc.so.6:malloc`,
   * `libc.so.6:0x1234` (an address of the file), `file.c:12`.
   *
   * @throws ExtensionEventError `EE_SYMBOL_UNKNOWN` with similar names, `EE_SYMBOL_AMBIGUOUS`,
   * `EE_SYMBOL_OUTSIDE`
   */
  find(text: string): Promise<FoundAddress>;
  /**
   * Frames as events carry them in a `stack` field: `symbol+0x1a (module)`, one a line, innermost
   * first. All but the first (of the kernel, and of the user) are taken for return addresses.
   */
  formatStack(addresses: readonly (bigint | number)[]): string;
  /** Files with code that are mapped now, the program itself first. */
  modules(): readonly LoadedModule[];
  /** Ends child processes and closes files. */
  close(): void;
}
