import type { ByteSource } from './byte-source.ts';
import type { ElfSegment } from './elf-types.ts';

/**
 * Where functions start, also those of stripped files: the table that unwinders search. The linker
 * writes it, sorted, into PT_GNU_EH_FRAME: version 1, three encodings, a pointer to .eh_frame, the
 * number of entries, then for each function its start and its description (FDE) in .eh_frame, both
 * 32 bits with a sign, counted from the start of this table. Other encodings are passed over.
 *
 * @see Linux Standard Base Core 5.0, 10.6.2, The .eh_frame_hdr section
 */

/** DW_EH_PE_udata4, and DW_EH_PE_datarel | DW_EH_PE_sdata4. */
const encodings = { count: 0x03, table: 0x3b } as const;
const headerBytes = 12;
const entryBytes = 8;
const chunkEntries = 1 << 16;
/** A browser has half a million functions. */
const maxEntries = 1 << 22;
const descriptionBytes = 16;

/** Starts of functions, and their ends where they are asked for. */
export class EhFrameHdr {
  /** Address of the table in the file; what `starts` are counted from. */
  readonly base: number;
  /** Ascending. */
  readonly starts: Int32Array;
  readonly #descriptions: Int32Array;
  readonly #source: ByteSource;
  readonly #loads: readonly ElfSegment[];

  constructor(
    base: number,
    starts: Int32Array,
    descriptions: Int32Array,
    source: ByteSource,
    loads: readonly ElfSegment[],
  ) {
    this.base = base;
    this.starts = starts;
    this.#descriptions = descriptions;
    this.#source = source;
    this.#loads = loads;
  }

  /**
   * Start of the function that covers an address of the file; `undefined` between functions, and
   * in code without unwind information, as assembly often is. Costs a read of a few bytes.
   */
  startOf(address: number): number | undefined {
    const relative = address - this.base;
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.starts[middle] ?? 0) <= relative) low = middle + 1;
      else high = middle;
    }
    const start = this.starts[low - 1];
    const description = this.#descriptions[low - 1];
    if (start === undefined || description === undefined) return undefined;
    const size = this.#sizeOf(this.base + start, this.base + description);
    return relative - start < size ? this.base + start : undefined;
  }

  /**
   * What a description says: length, distance to its CIE, start, size. How the start is written
   * stands in the CIE; compilers write DW_EH_PE_pcrel | DW_EH_PE_sdata4, and it must agree with the
   * table, so the CIE is not needed. 0 for anything else.
   */
  #sizeOf(start: number, description: number): number {
    const load = this.#loads.find(
      (each) => description >= each.address && description < each.address + each.fileSize,
    );
    if (load === undefined) return 0;
    const bytes = this.#source.read(description - load.address + load.offset, descriptionBytes);
    if (bytes.length < descriptionBytes) return 0;
    const view = viewOf(bytes);
    // Without the distance it is a CIE itself.
    if (view.getUint32(4, true) === 0) return 0;
    return description + 8 + view.getInt32(8, true) === start ? view.getUint32(12, true) : 0;
  }
}

/**
 * Reads the table, in parts; `undefined` when there is none that we understand. Counts are claims:
 * the table is cut to what the segment and the source hold.
 *
 * @param segment - PT_GNU_EH_FRAME
 * @param loads - What of the file is mapped; descriptions are found by it.
 */
export function readEhFrameHdr(
  source: ByteSource,
  segment: ElfSegment,
  loads: readonly ElfSegment[],
): EhFrameHdr | undefined {
  const header = source.read(segment.offset, headerBytes);
  if (header.length < headerBytes || !isUnderstood(header)) return undefined;
  const room = Math.min(segment.fileSize, source.size - segment.offset) - headerBytes;
  const claimed = viewOf(header).getUint32(8, true);
  const count = Math.min(claimed, maxEntries, Math.max(0, Math.floor(room / entryBytes)));
  const starts = new Int32Array(count);
  const descriptions = new Int32Array(count);
  for (let first = 0; first < count; first += chunkEntries) {
    const wanted = Math.min(chunkEntries, count - first);
    const at = segment.offset + headerBytes + first * entryBytes;
    const bytes = source.read(at, wanted * entryBytes);
    if (bytes.length < wanted * entryBytes) return undefined;
    const view = viewOf(bytes);
    for (let index = 0; index < wanted; index++) {
      starts[first + index] = view.getInt32(index * entryBytes, true);
      descriptions[first + index] = view.getInt32(index * entryBytes + 4, true);
    }
  }
  // What is not sorted cannot be searched.
  if (starts.some((start, index) => start < (starts[index - 1] ?? start))) return undefined;
  return new EhFrameHdr(segment.address, starts, descriptions, source, loads);
}

/** The pointer to .eh_frame, which nobody needs here, must take four bytes, whatever it counts from. */
function isUnderstood([version, pointer = 0, count, table]: Uint8Array): boolean {
  const isFourBytes = (pointer & 7) === 3;
  return version === 1 && isFourBytes && count === encodings.count && table === encodings.table;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
