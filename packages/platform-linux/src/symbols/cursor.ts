/** PATH_MAX: what is longer is no path. */
const maxTextBytes = 4096;

/** Reads numbers and texts one behind the other; throws RangeError at the end of its bytes. */
export class Cursor {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    return this.#view.getUint8(this.#step(1));
  }

  i8(): number {
    return this.#view.getInt8(this.#step(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#step(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), true);
  }

  /** Exact below 2^53. */
  u64(): number {
    const low = this.u32();
    return this.u32() * 2 ** 32 + low;
  }

  /** A number of so many bytes. */
  unsigned(size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) value += this.u8() * 2 ** (8 * index);
    return value;
  }

  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      if (scale > 2 ** 70) throw new RangeError('LEB128 without an end');
    }
  }

  sleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale * 128;
      if (scale > 2 ** 70) throw new RangeError('LEB128 without an end');
    }
  }

  /** A text up to a zero byte, no longer than a path may be. */
  text(): string {
    const limit = Math.min(this.end, this.at + maxTextBytes);
    const length = this.#bytes.subarray(this.at, limit).indexOf(0);
    if (length < 0) throw new RangeError('text without an end');
    const end = this.at + length;
    const text = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + this.at, end - this.at);
    this.at = end + 1;
    return text.toString('utf8');
  }

  skip(count: number): void {
    this.#step(count);
  }

  #step(count: number): number {
    const { at } = this;
    if (!(count >= 0 && at + count <= this.end)) throw new RangeError('end of the bytes');
    this.at = at + count;
    return at;
  }
}
