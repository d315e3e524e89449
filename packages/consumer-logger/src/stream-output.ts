import type { Writable } from 'node:stream';
import { loggerError, writeError } from './errors.ts';
import type { Output, OutputSettings, OutputWatcher } from './output.ts';

const defaultBufferBytes = 4 * 1024 * 1024;
const defaultFlushMs = 5000;

/** Writes to a stream, which holds back no more than it may: what it cannot take is the caller's loss. */
export class StreamOutput implements Output {
  readonly files = 0;
  readonly removed = 0;
  readonly isTerminal: boolean;
  readonly #stream: Writable;
  readonly #where: string;
  /** It was opened here, and is closed here. */
  readonly #isOwn: boolean;
  readonly #bufferBytes: number;
  readonly #flushMs: number;
  readonly #trailer: string;
  #bytes = 0;
  /** Written, and not taken yet: object streams count objects, so it is counted here. */
  #waiting = 0;
  /** Once it was full, it takes nothing until half of that is gone: gaps are few and large. */
  #isFull = false;
  #error: unknown;
  #watcher: OutputWatcher | undefined;
  readonly #onError = (error: NodeJS.ErrnoException): void => this.#fail(error);
  readonly #onClose = (): void =>
    this.#fail(Object.assign(new Error('it was closed'), { code: 'EPIPE' }));

  constructor(stream: Writable, settings: OutputSettings, path?: string) {
    this.#stream = stream;
    this.#isOwn = path !== undefined;
    this.#where = path ?? ((stream as { fd?: number }).fd === 1 ? 'standard output' : 'the stream');
    this.isTerminal = (stream as { isTTY?: boolean }).isTTY === true;
    this.#bufferBytes = settings.bufferBytes ?? defaultBufferBytes;
    this.#flushMs = settings.flushMs ?? defaultFlushMs;
    this.#trailer = settings.trailer ?? '';
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** It is open already. */
  open(): void {}

  watch(watcher: OutputWatcher): void {
    this.#watcher = watcher;
  }

  wantsRotation(): boolean {
    return false;
  }

  rotate(): void {}

  write(lines: string, onWritten?: () => void, isForced = false): boolean {
    if (this.#error !== undefined) throw this.#error;
    if (lines === '') return true;
    const bytes = Buffer.from(lines);
    // A single piece that is larger than all room goes through when there is nothing before it.
    this.#isFull ||= this.#waiting > 0 && this.#waiting + bytes.length > this.#bufferBytes;
    if (this.#isFull && !isForced) return false;
    this.#waiting += bytes.length;
    this.#stream.write(bytes, (error) => {
      this.#waiting -= bytes.length;
      // Of what failed some bytes may be there, and nobody knows how many.
      if (error !== undefined && error !== null) return;
      this.#bytes += bytes.length;
      onWritten?.();
      if (this.#waiting > this.#bufferBytes / 2) return;
      this.#isFull = false;
      if (this.#error === undefined) this.#watcher?.hasRoom();
    });
    return true;
  }

  #fail(cause: NodeJS.ErrnoException): void {
    if (this.#error !== undefined) return;
    this.#error = writeError(this.#where, cause);
    this.#watcher?.failed(this.#error);
  }

  async end(): Promise<void> {
    try {
      if (this.#error === undefined) {
        this.write(this.#trailer, undefined, true);
        await this.#flush();
      }
    } finally {
      this.#stream.off('close', this.#onClose);
      if (this.#isOwn) this.#stream.destroy();
      // An error that comes even now harms nobody: whoever owns the stream hears it too.
      else if (this.#stream.listenerCount('error') > 1) this.#stream.off('error', this.#onError);
    }
  }

  async #flush(): Promise<void> {
    if (this.#waiting === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, this.#flushMs, 'late');
    });
    const flushed = new Promise<void>((resolve) => {
      this.#stream.write('', () => resolve());
    });
    const how = await Promise.race([flushed, late]);
    clearTimeout(timer);
    if (this.#error !== undefined) throw this.#error;
    if (how === 'late')
      throw loggerError('EE_LOG_STUCK', `${this.#where} has not taken the last ${this.#waiting} bytes within ${this.#flushMs} ms.`, 'Read faster, or log to a file.'); // prettier-ignore
  }
}
