import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A piece of code that a JIT compiler named. */
export interface PerfMapEntry {
  readonly start: number;
  readonly size: number;
  readonly name: string;
}

const bucketShift = 16;
/** Longer entries than this many buckets are kept in a list of their own. */
const maxBuckets = 64;
const maxEntries = 4_000_000;

/**
 * What a /tmp/perf-PID.map says: lines `hexaddress hexsize name`, appended while the process runs.
 * Code moves and memory is used again, so of several entries over one address the last is right.
 *
 * @see tools/perf/Documentation/jit-interface.txt
 */
export class PerfMap {
  readonly #entries: PerfMapEntry[] = [];
  // 64 KiB of address space each, so that an appended line costs the same however long the file is.
  readonly #buckets = new Map<number, number[]>();
  readonly #long: number[] = [];
  #rest = '';

  get size(): number {
    return this.#entries.length;
  }

  /** Takes what was appended; a line may come in two parts. Lines that are none are skipped. */
  append(text: string): void {
    const lines = (this.#rest + text).split('\n');
    // A file without newlines must not be kept.
    this.#rest = (lines.pop() ?? '').slice(0, 1 << 16);
    for (const line of lines) this.#add(line);
  }

  find(address: number): PerfMapEntry | undefined {
    const inBucket = this.#last(this.#buckets.get(Math.floor(address / 2 ** bucketShift)), address);
    const amongLong = this.#last(this.#long, address);
    return this.#entries[Math.max(inBucket, amongLong)];
  }

  *entries(): IterableIterator<PerfMapEntry> {
    yield* this.#entries;
  }

  #add(line: string): void {
    const match = /^(?:0x)?([0-9a-f]{1,16}) +(?:0x)?([0-9a-f]{1,16}) +(.+)$/i.exec(line);
    if (match === null || this.#entries.length >= maxEntries) return;
    const [, startText = '', sizeText = '', name = ''] = match;
    const start = Number.parseInt(startText, 16);
    const size = Number.parseInt(sizeText, 16);
    if (size === 0 || !Number.isSafeInteger(start + size)) return;
    const index = this.#entries.push({ start, size, name }) - 1;
    const first = Math.floor(start / 2 ** bucketShift);
    const last = Math.floor((start + size - 1) / 2 ** bucketShift);
    if (last - first >= maxBuckets) {
      this.#long.push(index);
      return;
    }
    for (let bucket = first; bucket <= last; bucket++) {
      const list = this.#buckets.get(bucket);
      if (list === undefined) this.#buckets.set(bucket, [index]);
      else list.push(index);
    }
  }

  #last(indices: readonly number[] | undefined, address: number): number {
    if (indices === undefined) return -1;
    for (let at = indices.length - 1; at >= 0; at--) {
      const index = indices[at] ?? -1;
      const entry = this.#entries[index];
      if (entry !== undefined && address >= entry.start && address - entry.start < entry.size) {
        return index;
      }
    }
    return -1;
  }
}

/** Reads a perf map text at once; see {@link PerfMap} for one that grows. */
export function parsePerfMap(text: string): PerfMap {
  const map = new PerfMap();
  map.append(text.endsWith('\n') ? text : `${text}\n`);
  return map;
}

const chunkBytes = 1 << 20;
const maxFileBytes = 512 * chunkBytes;

/**
 * Follows the perf map of a process. `paths` are tried in order at each {@link refresh} until one
 * is there; only a regular file of the process's own user or of root is believed, since anybody
 * may write to /tmp.
 */
export class PerfMapFile implements Disposable {
  readonly #paths: readonly string[];
  readonly #uid: number;
  #map = new PerfMap();
  #fd: number | undefined;
  #position = 0;
  #decoder = new TextDecoder();

  constructor(paths: readonly string[], uid: number) {
    this.#paths = paths;
    this.#uid = uid;
  }

  /** Reads what was appended since the last time. Never throws. */
  refresh(): void {
    try {
      this.#fd ??= this.#open();
      if (this.#fd !== undefined) this.#read(this.#fd);
    } catch {
      // A file that vanished or cannot be read says nothing more.
    }
  }

  find(address: number): PerfMapEntry | undefined {
    return this.#map.find(address);
  }

  entries(): IterableIterator<PerfMapEntry> {
    return this.#map.entries();
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): number | undefined {
    for (const path of this.#paths) {
      try {
        const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
        const fd = openSync(path, flags);
        const status = fstatSync(fd);
        if (status.isFile() && (status.uid === this.#uid || status.uid === 0)) return fd;
        closeSync(fd);
      } catch {
        // Not there (yet).
      }
    }
    return undefined;
  }

  #read(fd: number): void {
    const size = Math.min(fstatSync(fd).size, maxFileBytes);
    if (size < this.#position) {
      this.#map = new PerfMap();
      this.#position = 0;
      this.#decoder = new TextDecoder();
    }
    while (this.#position < size) {
      const chunk = new Uint8Array(Math.min(chunkBytes, size - this.#position));
      const count = readSync(fd, chunk, 0, chunk.length, this.#position);
      if (count === 0) return;
      this.#position += count;
      this.#map.append(this.#decoder.decode(chunk.subarray(0, count), { stream: true }));
    }
  }
}
