/** A half-open range of UTF-16 offsets in the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where in a text something is; `line` and `column` count from 1, all in UTF-16 units. */
export interface ExpressionPosition {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  /** 0 at the end of the text. */
  readonly length: number;
}

const lineBreak = /\r\n|[\n\r\u2028\u2029]/g;
// A text may come from another process: what would move the cursor or turn the writing direction
// of a terminal is shown as a dot. One unit for one unit, so that the caret stays in its column.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}]/gu;
const shownBefore = 40;
const shownUnits = 76;

/** Line and column of a span. */
export function locate(text: string, span: Span): ExpressionPosition {
  let line = 1;
  let lineStart = 0;
  for (const found of text.matchAll(lineBreak)) {
    const next = found.index + found[0].length;
    if (next > span.start) break;
    line++;
    lineStart = next;
  }
  return {
    offset: span.start,
    line,
    column: span.start - lineStart + 1,
    length: span.end - span.start,
  };
}

/** The line of the position and below it `^~~~`, both indented by two; long lines are cut around it. */
export function drawExcerpt(text: string, position: ExpressionPosition): string {
  const lineStart = position.offset - position.column + 1;
  const rest = text.slice(lineStart);
  const lineEnd = rest.search(lineBreak);
  const line = lineEnd < 0 ? rest : rest.slice(0, lineEnd);
  const column = position.column - 1;
  const from = line.length <= shownUnits ? 0 : Math.max(0, column - shownBefore);
  const to = Math.min(line.length, from + shownUnits);
  const before = from > 0 ? '…' : '';
  const after = to < line.length ? '…' : '';
  const shown = line.slice(from, to).replace(unprintable, (c) => (c === '\t' ? ' ' : dots(c)));
  const length = Math.max(1, Math.min(position.length, to - column));
  const caret = ' '.repeat(before.length + column - from) + '^' + '~'.repeat(length - 1);
  return `  ${before}${shown}${after}\n  ${caret}`;
}

function dots(character: string): string {
  return '·'.repeat(character.length);
}
