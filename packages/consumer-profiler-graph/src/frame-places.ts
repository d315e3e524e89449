import { readFileSync, statSync } from 'node:fs';
import { type ReadText, SourceMaps, toPath } from '@extension-events/platform-v8';
import type { Frame } from './frame.ts';

/** Larger files are not searched for source maps: it would take too long. */
const maxBytes = 8 * 1024 * 1024;
/** So long at a time may be spent on maps that are not known yet; the rest follows next time. */
const budgetMs = 15;

const readBounded: ReadText = (path) => {
  const { size } = statSync(path);
  if (size > maxBytes) throw new RangeError(`${path} has ${size} bytes`);
  return readFileSync(path, 'utf8');
};

/** Where frames were written. Maps are read from disk when they are first needed, and kept. */
export class FramePlaces {
  readonly #maps: SourceMaps;
  /** Scripts that were looked at. */
  readonly #read: Set<string> = new Set();
  readonly #located: WeakMap<Frame, string | undefined> = new WeakMap();
  #spentMs = 0;

  constructor(readText: ReadText = readBounded) {
    this.#maps = new SourceMaps(readText);
  }

  /** A new round: there is time for reading again. */
  begin(): void {
    this.#spentMs = 0;
  }

  /** `file:line`, or the module; of a map that there was no time to read yet, the place in what runs. */
  locate(frame: Frame): string | undefined {
    if (this.#located.has(frame)) return this.#located.get(frame);
    const { place } = frame;
    const isFile = place !== undefined && /^(?:\/|file:)/.test(place.url);
    if (isFile && !this.#read.has(place.url) && this.#spentMs > budgetMs)
      return `${toPath(place.url)}:${place.line}`;
    const location = isFile ? this.#mapped(place) : place === undefined ? frame.module : `${place.url}:${place.line}`; // prettier-ignore
    this.#located.set(frame, location);
    return location;
  }

  #mapped(place: NonNullable<Frame['place']>): string {
    const startMs = performance.now();
    const { path, line } = this.#maps.toOriginal({ url: place.url }, place);
    this.#read.add(place.url);
    this.#spentMs += performance.now() - startMs;
    return `${path}:${line}`;
  }
}
