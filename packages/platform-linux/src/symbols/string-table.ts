import type { ByteSource } from './byte-source.ts';

const pieceBytes = 256;
const maxNameBytes = 1 << 14;
const maxTableBytes = 1 << 30;

/**
 * Names of an ELF symbol section. One name is read from the file when it is asked for; a search for
 * names reads the section once and works on its bytes, without decoding them.
 */
export class StringTable {
  readonly #source: ByteSource;
  readonly #offset: number;
  readonly #size: number;
  #bytes: Buffer | undefined;

  constructor(source: ByteSource, offset: number, size: number) {
    this.#source = source;
    this.#offset = offset;
    this.#size = Math.min(size, maxTableBytes);
  }

  /** The name at an offset, without the version that a linker may have put behind it. */
  at(offset: number): string {
    if (offset >= this.#size) return '';
    for (let length = pieceBytes; ; length *= 4) {
      const bytes = this.#piece(offset, Math.min(length, this.#size - offset));
      const end = bytes.indexOf(0);
      if (end >= 0 || bytes.length < length || length >= maxNameBytes) {
        return withoutVersion(bytes.toString('utf8', 0, end < 0 ? bytes.length : end));
      }
    }
  }

  /** Offsets at which exactly this name stands; linkers let short names share the tail of long ones. */
  offsetsOf(name: string): Set<number> {
    const wanted = Buffer.from(name);
    const bytes = this.#all();
    const offsets = new Set<number>();
    if (wanted.length === 0) return offsets;
    for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
      const next = bytes[at + wanted.length];
      if (next === 0 || next === 0x40) offsets.add(at);
    }
    return offsets;
  }

  /** Tells of an offset whether the name there contains the text. */
  containing(text: string): (offset: number) => boolean {
    const wanted = Buffer.from(text);
    const bytes = this.#all();
    const places: number[] = [];
    if (wanted.length > 0) {
      for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
        places.push(at);
      }
    }
    return (offset) => {
      const place = firstFrom(places, offset);
      return (
        place !== undefined &&
        place - offset < maxNameBytes &&
        !bytes.subarray(offset, place).includes(0)
      );
    };
  }

  #all(): Buffer {
    this.#bytes ??= toBuffer(this.#source.read(this.#offset, this.#size));
    return this.#bytes;
  }

  #piece(offset: number, length: number): Buffer {
    if (this.#bytes !== undefined) return this.#bytes.subarray(offset, offset + length);
    return toBuffer(this.#source.read(this.#offset + offset, length));
  }
}

/** `memcpy@@GLIBC_2.14` is `memcpy`. */
function withoutVersion(name: string): string {
  const at = name.indexOf('@');
  return at > 0 ? name.slice(0, at) : name;
}

function firstFrom(sorted: readonly number[], from: number): number | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return sorted[low];
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
