import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { openError, writeError } from './errors.ts';
import { checkOut } from './open-pipe.ts';
import type { Output, OutputSettings, OutputWatcher } from './output.ts';
import { shiftFiles } from './rotation.ts';
import type { RotateOptions } from './types.ts';

const defaultKeep = 5;
// What is logged may be nobody else's business.
const ownerOnly = 0o600;

/**
 * Writes a file, and the next when it is time. Each write is in the file when it returns: killing
 * this process loses nothing of it, and a slow medium slows this process down, whose sources count
 * what they cannot hand over meanwhile.
 */
export class FileOutput implements Output {
  readonly isTerminal = false;
  readonly #path: string;
  readonly #rotate: RotateOptions | undefined;
  #fd = -1;
  readonly #trailer: Buffer;
  #isRegular = false;
  /** Without the trailer, which the next lines overwrite. */
  #inFile = 0;
  #begunAt = 0;
  #earlier = 0;
  #files = 0;
  #removed = 0;
  #isOpen = false;
  #timer: NodeJS.Timeout | undefined;

  /** @throws ExtensionEventError `EE_LOG_OPEN` */
  constructor(path: string, { rotate, trailer = '' }: OutputSettings) {
    this.#path = path;
    this.#rotate = rotate;
    this.#trailer = Buffer.from(trailer);
    checkOut(path);
  }

  open(): void {
    // What an earlier run has left is one of the files to keep.
    this.#fd = this.#rotate === undefined ? this.#begin() : this.#shiftAndBegin();
    this.#isOpen = true;
  }

  get bytes(): number {
    return this.#earlier + this.#size;
  }

  get #size(): number {
    return this.#inFile === 0 ? 0 : this.#inFile + this.#trailer.length;
  }

  get files(): number {
    return this.#files;
  }

  get removed(): number {
    return this.#removed;
  }

  #begin(): number {
    try {
      const fd = openSync(this.#path, 'w', ownerOnly);
      this.#isRegular = fstatSync(fd).isFile();
      this.#files++;
      this.#inFile = 0;
      this.#begunAt = performance.now();
      return fd;
    } catch (error) {
      throw openError(this.#path, error as NodeJS.ErrnoException);
    }
  }

  #shiftAndBegin(): number {
    try {
      this.#removed += shiftFiles(this.#path, this.#rotate?.keep ?? defaultKeep);
    } catch (error) {
      throw openError(this.#path, error as NodeJS.ErrnoException);
    }
    return this.#begin();
  }

  watch(watcher: OutputWatcher): void {
    const ms = this.#rotate?.ms;
    // Also when nothing comes any more: who waits for the closed file shall have it.
    if (ms !== undefined) this.#timer = setInterval(() => watcher.hasRoom(), Math.min(ms, 2_147_483_647)).unref(); // prettier-ignore
  }

  wantsRotation(bytes: number): boolean {
    if (this.#rotate === undefined || !this.#isRegular) return false;
    const { bytes: most = Infinity, ms = Infinity } = this.#rotate;
    return this.#size + bytes > most || performance.now() - this.#begunAt >= ms;
  }

  rotate(): void {
    closeSync(this.#fd);
    this.#isOpen = false;
    this.#earlier += this.#size;
    this.#inFile = 0;
    this.#fd = this.#shiftAndBegin();
    this.#isOpen = true;
  }

  write(lines: string, onWritten?: () => void): boolean {
    const bytes = Buffer.from(lines);
    if (bytes.length === 0) return true;
    try {
      this.#put(this.#isRegular ? Buffer.concat([bytes, this.#trailer]) : bytes);
    } catch (error) {
      if (this.#isRegular) this.#takeBack();
      throw writeError(this.#path, error as NodeJS.ErrnoException);
    }
    this.#inFile += bytes.length;
    onWritten?.();
    return true;
  }

  #put(bytes: Buffer): void {
    for (let written = 0; written < bytes.length;) {
      const at = this.#isRegular ? this.#inFile + written : null;
      written += writeSync(this.#fd, bytes, written, bytes.length - written, at);
    }
  }

  // Lines are in the file whole or not at all.
  #takeBack(): void {
    try {
      ftruncateSync(this.#fd, this.#inFile);
      if (this.#inFile > 0) this.#put(this.#trailer);
    } catch {
      // Then its last line is cut.
    }
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      if (!this.#isRegular && this.#inFile > 0) this.#put(this.#trailer);
    } catch (error) {
      throw writeError(this.#path, error as NodeJS.ErrnoException);
    } finally {
      closeSync(this.#fd);
    }
  }
}
