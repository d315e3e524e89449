import { randomUUID } from 'node:crypto';

/** A file that was made for a page. */
export interface Download {
  readonly name: string;
  readonly type: string;
  readonly body: string | Uint8Array;
}

const most = 8;

/** Files that pages have asked for and will fetch in a moment: the newest few are kept. */
export class Downloads {
  readonly #files = new Map<string, Download>();

  /** @returns the path of it, below the page's own */
  add(download: Download): string {
    const path = `/download/${randomUUID()}/${encodeURIComponent(download.name)}`;
    this.#files.set(path, download);
    const [oldest] = this.#files.keys();
    if (this.#files.size > most && oldest !== undefined) this.#files.delete(oldest);
    return path;
  }

  get(path: string): Download | undefined {
    return this.#files.get(path);
  }
}
