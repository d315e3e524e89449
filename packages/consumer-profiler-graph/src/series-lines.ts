import { SeriesLine } from './series-line.ts';

const maxLines = 64;
/** A line that was silent so long makes room for a new one. */
const silentMs = 60_000;
const otherKey = '(other)';

/** Lines by key, at most 64: the others, and those that fell silent when more came, are one line. */
export class SeriesLines {
  readonly #lines: Map<string, SeriesLine> = new Map();
  /** Keys that count as others, until a line falls silent; bounded as the lines are. */
  #other: SeriesLine | undefined;

  /** The line of a key, made when it is new. The caller may keep it while `isCurrent` of it. */
  line(key: string, label: () => string, timeMs: number): SeriesLine {
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    if (this.#lines.size >= maxLines && !this.#makeRoom(timeMs)) return this.#others;
    const line = new SeriesLine(key, label());
    this.#lines.set(key, line);
    return line;
  }

  get #others(): SeriesLine {
    this.#other ??= new SeriesLine(otherKey, otherKey);
    return this.#other;
  }

  isCurrent(line: SeriesLine): boolean {
    return this.#lines.get(line.key) === line;
  }

  #makeRoom(timeMs: number): boolean {
    let oldest: SeriesLine | undefined;
    for (const line of this.#lines.values())
      if (oldest === undefined || line.latestMs < oldest.latestMs) oldest = line;
    if (oldest === undefined || timeMs - oldest.latestMs < silentMs) return false;
    this.#others.merge(oldest);
    this.#lines.delete(oldest.key);
    return true;
  }

  get all(): SeriesLine[] {
    const lines = [...this.#lines.values()];
    return this.#other === undefined ? lines : [...lines, this.#other];
  }
}
