/** Spans of one lane that a later one is compared with. */
const remembered = 32;
const mostLanes = 512;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Spans of one row of a viewer: one after the other, or one around others, and never half over another. */
class Lane {
  #spans: Span[] = [];
  #lastEnd = -Infinity;
  /** Nothing may begin before: what stood there is forgotten. */
  #floor = -Infinity;

  accept(span: Span): boolean {
    const { end, start } = span;
    if (start < this.#lastEnd) {
      if (start < this.#floor || this.#spans.some((other) => isInTheWay(other, span))) return false;
      this.#spans = this.#spans.filter((other) => other.start < start || other.end > end);
    }
    this.#spans.push(span);
    this.#lastEnd = Math.max(this.#lastEnd, end);
    if (this.#spans.length > remembered)
      this.#floor = Math.max(this.#floor, this.#spans.shift()?.end ?? 0);
    return true;
  }
}

// Spans come when they end: one may be around those before it, and is inside none of them.
function isInTheWay(other: Span, { end, start }: Span): boolean {
  if (other.end <= start || end <= other.start) return false;
  return other.start < start || other.end > end;
}

/**
 * Sorts the spans of one thread into rows. Requests that one thread serves at the same time overlap,
 * and viewers drop or misdraw complete events of one row that overlap without being nested.
 */
export class Lanes {
  readonly #lanes: Lane[] = [];

  /** The row of a span, from 0. */
  place(start: number, end: number): number {
    const span = { start, end };
    const found = this.#lanes.findIndex((lane) => lane.accept(span));
    if (found >= 0) return found;
    if (this.#lanes.length === mostLanes) return 0;
    const lane = new Lane();
    lane.accept(span);
    return this.#lanes.push(lane) - 1;
  }
}
