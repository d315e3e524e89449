/**
 * The ring of perf_event_open(2): one page of control words, then a power of two of bytes. The kernel
 * writes records and then `data_head`; we read records and then write `data_tail`, which gives their
 * room back. Both only grow; a position in the ring is either modulo its size. Records are 8-aligned,
 * so that a header never wraps while a body may.
 */
const headerBytes = 8;
/** data_head, data_tail, data_offset, data_size: u64 words of `perf_event_mmap_page` at byte 1024. */
const controlOffset = 1024;
const [headWord, tailWord, offsetWord, sizeWord] = [0, 1, 2, 3];

/**
 * Reads one ring: {@link RingReader.begin} once, then {@link RingReader.next} for each record, then
 * {@link RingReader.end}.
 *
 * Pure over the memory it is given. Whatever that contains, it reads inside it and comes to an end:
 * a record of an impossible size ends the reading, and what was there is skipped.
 */
export class RingReader {
  /** Where the current record is; valid from `next()` to the next call. */
  view: DataView;
  offset = 0;
  type = 0;
  sizeBytes = 0;
  /** Bytes of records that were no records. */
  garbageBytes = 0;

  readonly #control: BigUint64Array;
  readonly #data: Uint8Array;
  readonly #dataView: DataView;
  readonly #dataBytes: number;
  readonly #wrapped = new Uint8Array(65_536);
  readonly #wrappedView = new DataView(this.#wrapped.buffer);
  #head = 0;
  #tail = 0;

  constructor(memory: ArrayBufferLike) {
    this.#control = new BigUint64Array(memory, controlOffset, 4);
    const offset = Number(this.#control[offsetWord]);
    this.#dataBytes = Number(this.#control[sizeWord]);
    if (!(this.#dataBytes > 0) || offset + this.#dataBytes > memory.byteLength) {
      throw new RangeError(`a ring of ${this.#dataBytes} bytes at ${offset} is not in ${memory.byteLength} bytes`); // prettier-ignore
    }
    this.#data = new Uint8Array(memory, offset, this.#dataBytes);
    this.#dataView = new DataView(memory, offset, this.#dataBytes);
    this.view = this.#dataView;
  }

  get capacityBytes(): number {
    return this.#dataBytes;
  }

  /** Has the kernel written since `end`? */
  get hasRecords(): boolean {
    return this.#loadHead() !== this.#tail;
  }

  #loadHead(): number {
    // Acquire: what is behind the head is read after the head.
    return Number(Atomics.load(this.#control, headWord));
  }

  /** Looks how much there is; returns the bytes to read. */
  begin(): number {
    this.#head = this.#loadHead();
    this.#tail = Number(this.#control[tailWord]);
    const used = this.#head - this.#tail;
    if (used >= 0 && used <= this.#dataBytes) return used;
    return this.#skip();
  }

  /** Goes to the next record; `false` when all that `begin` saw has been read. */
  next(): boolean {
    if (this.#tail >= this.#head) return false;
    const at = this.#tail % this.#dataBytes;
    const left = this.#head - this.#tail;
    const size = left < headerBytes ? 0 : this.#dataView.getUint16(at + 6, true);
    if (size < headerBytes || size % 8 !== 0 || size > left) {
      this.#skip();
      return false;
    }
    this.type = this.#dataView.getUint32(at, true);
    this.sizeBytes = size;
    if (at + size <= this.#dataBytes) {
      this.view = this.#dataView;
      this.offset = at;
    } else {
      this.#unwrap(at, size);
    }
    return true;
  }

  /** The current record has been read. Without it `next` shows the same record again. */
  advance(): void {
    this.#tail += this.sizeBytes;
  }

  /** Gives what was read back to the kernel. */
  end(): void {
    // Release: the room is given back after all of it was read.
    Atomics.store(this.#control, tailWord, BigInt(this.#tail));
  }

  #unwrap(at: number, size: number): void {
    const first = this.#dataBytes - at;
    this.#wrapped.set(this.#data.subarray(at));
    this.#wrapped.set(this.#data.subarray(0, size - first), first);
    this.view = this.#wrappedView;
    this.offset = 0;
  }

  #skip(): number {
    this.garbageBytes += Math.abs(this.#head - this.#tail);
    this.#tail = this.#head;
    return 0;
  }
}
