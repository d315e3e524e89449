/** Spans of one lane that a later one is compared with. */
const remembered = 32;
const mostLanes = 512;
/** Perfetto drops what is deeper than 512, instants among it. */
const deepest = 500;

/** What is to be shown. Readers may not agree about its end to the last digit. */
export interface Span {
  readonly start: number;
  readonly earliestEnd: number;
  readonly latestEnd: number;
}

interface Placed extends Span {
  /** Spans one in the other, with this one around them. */
  readonly height: number;
}

/** Spans of one row of a viewer: one after the other, or one around others, and never half over another. */
class Lane {
  #spans: Placed[] = [];
  #lastEnd = -Infinity;
  /** Nothing may begin before: what stood there is forgotten. */
  #floor = -Infinity;

  accept(span: Span): boolean {
    const { latestEnd, start } = span;
    let height = 1;
    if (start < this.#lastEnd) {
      if (start < this.#floor || this.#spans.some((other) => isInTheWay(other, span))) return false;
      for (const other of this.#spans)
        if (isAround(span, other)) height = Math.max(height, other.height + 1);
      if (height > deepest) return false;
      this.#spans = this.#spans.filter((other) => !isAround(span, other));
    }
    this.#spans.push({ start, earliestEnd: span.earliestEnd, latestEnd, height });
    this.#lastEnd = Math.max(this.#lastEnd, latestEnd);
    if (this.#spans.length > remembered)
      this.#floor = Math.max(this.#floor, this.#spans.shift()?.latestEnd ?? 0);
    return true;
  }
}

// Spans come when they end: one may be around those before it, and is inside none of them.
function isInTheWay(other: Span, span: Span): boolean {
  if (other.latestEnd <= span.start || span.latestEnd <= other.start) return false;
  return !isAround(span, other);
}

function isAround(span: Span, other: Span): boolean {
  return span.start <= other.start && other.latestEnd <= span.earliestEnd;
}

/**
 * Sorts the spans of one thread into rows. Requests that one thread serves at the same time overlap,
 * and viewers drop or misdraw complete events of one row that overlap without being nested.
 */
export class Lanes {
  readonly #lanes: Lane[] = [];

  /** The row of a span, from 0; `undefined` where so many overlap that there is none left. */
  place(span: Span): number | undefined {
    const found = this.#lanes.findIndex((lane) => lane.accept(span));
    if (found >= 0) return found;
    if (this.#lanes.length === mostLanes) return undefined;
    const lane = new Lane();
    lane.accept(span);
    return this.#lanes.push(lane) - 1;
  }
}
