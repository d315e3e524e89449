import { readLineUnits, type LineSections, type LineUnit } from './line-header.ts';
import { runLineProgram } from './line-program.ts';

/** A source line and the first address of it. */
export interface LinePlace {
  readonly file: string;
  readonly line: number;
  /** As the file has it. */
  readonly address: number;
}

/** Source lines of an ELF file, from .debug_line. */
export interface LineTable {
  /** The innermost line of an address. */
  lineAt(address: number): { readonly file: string; readonly line: number } | undefined;
  /**
   * Where a line starts: for each source file whose path is or ends with `file`, at the line or at
   * the next one that has code. The lowest address, when the line has code in several places.
   */
  placesOf(file: string, line: number): LinePlace[];
  files(): readonly string[];
}

/** 17 bytes each. */
const maxRows = 1 << 24;

/**
 * Reads .debug_line, DWARF 2 to 5. Heads are read at once; programs when they are needed: those of
 * the units that know a file, or all at the first {@link LineTable.lineAt}.
 */
export function readLineTable(sections: LineSections): LineTable {
  return new Lines(sections);
}

class Lines implements LineTable {
  readonly #sections: LineSections;
  readonly #units: readonly LineUnit[];
  #rows: SortedRows | undefined;

  constructor(sections: LineSections) {
    this.#sections = sections;
    this.#units = readLineUnits(sections);
  }

  lineAt(address: number): { readonly file: string; readonly line: number } | undefined {
    this.#rows ??= readRows(this.#sections.line, this.#units);
    return this.#rows.find(address);
  }

  placesOf(file: string, line: number): LinePlace[] {
    const wanted = file.replace(/^(?:\.\/)+/, '');
    const best = new Map<string, LinePlace>();
    for (const unit of this.#units) {
      const isWanted = unit.files.map((path) => path === wanted || path.endsWith(`/${wanted}`));
      if (isWanted.includes(true)) this.#search(unit, isWanted, line, best);
    }
    return [...best.values()];
  }

  files(): readonly string[] {
    return [...new Set(this.#units.flatMap(({ files }) => files.filter((file) => file !== '')))];
  }

  #search(
    unit: LineUnit,
    isWanted: readonly boolean[],
    line: number,
    best: Map<string, LinePlace>,
  ): void {
    runLineProgram(this.#sections.line, unit, (address, fileIndex, rowLine, isStatement, isEnd) => {
      if (isEnd || !isStatement || rowLine < line || isWanted[fileIndex] !== true) return;
      // Functions that the linker dropped are left at address 0.
      if (address === 0 || !Number.isSafeInteger(address)) return;
      const file = unit.files[fileIndex] ?? '';
      const known = best.get(file);
      const isBetter =
        known === undefined ||
        rowLine < known.line ||
        (rowLine === known.line && address < known.address);
      if (isBetter) best.set(file, { file, line: rowLine, address });
    });
  }
}

interface Sequence {
  readonly low: number;
  readonly high: number;
  readonly firstRow: number;
  readonly endRow: number;
}

/** All rows, by sequences: runs of rows whose addresses grow. */
class SortedRows {
  readonly #addresses: Float64Array;
  readonly #lines: Uint32Array;
  readonly #files: Uint32Array;
  readonly #names: readonly string[];
  readonly #sequences: readonly Sequence[];

  constructor(columns: RowColumns, sequences: Sequence[]) {
    this.#addresses = columns.addresses;
    this.#lines = columns.lines;
    this.#files = columns.files;
    this.#names = columns.names;
    this.#sequences = sequences.toSorted((a, b) => a.low - b.low);
  }

  find(address: number): { readonly file: string; readonly line: number } | undefined {
    const after = firstAfter(
      address,
      this.#sequences.length,
      (at) => this.#sequences[at]?.low ?? 0,
    );
    // Sequences of sound files do not overlap; a few that do must not hide each other.
    for (let at = after - 1; at >= Math.max(0, after - 16); at--) {
      const sequence = this.#sequences[at];
      if (sequence === undefined || address >= sequence.high) continue;
      const { firstRow, endRow } = sequence;
      const count = endRow - firstRow;
      const row =
        firstRow +
        firstAfter(address, count, (index) => this.#addresses[firstRow + index] ?? 0) -
        1;
      const line = this.#lines[row] ?? 0;
      const file = this.#names[this.#files[row] ?? 0] ?? '';
      return line === 0 || file === '' ? undefined : { file, line };
    }
    return undefined;
  }
}

/** Index of the first of `count` sorted keys that is greater. */
function firstAfter(key: number, count: number, keyAt: (index: number) => number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyAt(middle) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

class RowColumns {
  addresses: Float64Array = new Float64Array(1024);
  lines: Uint32Array = new Uint32Array(1024);
  files: Uint32Array = new Uint32Array(1024);
  readonly names: string[] = [''];
  count = 0;

  push(address: number, file: number, line: number): void {
    if (this.count === this.lines.length) this.#grow();
    this.addresses[this.count] = address;
    this.files[this.count] = file;
    this.lines[this.count] = line;
    this.count++;
  }

  #grow(): void {
    const { addresses, lines, files } = this;
    const length = lines.length * 2;
    this.addresses = new Float64Array(length);
    this.addresses.set(addresses);
    this.lines = new Uint32Array(length);
    this.lines.set(lines);
    this.files = new Uint32Array(length);
    this.files.set(files);
  }
}

function readRows(bytes: Uint8Array, units: readonly LineUnit[]): SortedRows {
  const columns = new RowColumns();
  const sequences: Sequence[] = [];
  const nameIndices = new Map<string, number>();
  for (const unit of units) {
    const indices = unit.files.map((name) => {
      const known = nameIndices.get(name) ?? columns.names.push(name) - 1;
      nameIndices.set(name, known);
      return known;
    });
    let firstRow = columns.count;
    runLineProgram(bytes, unit, (address, file, line, _, isEnd) => {
      if (columns.count >= maxRows) return;
      columns.push(address, indices[file] ?? 0, isEnd ? 0 : line);
      if (!isEnd) return;
      const low = columns.addresses[firstRow] ?? 0;
      // Functions that the linker dropped are left at address 0, or at the largest ones.
      if (low > 0 && Number.isSafeInteger(address) && address > low) {
        sequences.push({ low, high: address, firstRow, endRow: columns.count });
      }
      firstRow = columns.count;
    });
    // Rows behind the last end of a damaged unit belong to nothing.
    columns.count = firstRow;
  }
  return new SortedRows(columns, sequences);
}
