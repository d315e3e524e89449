/** The pieces of a text with its comments attached to them: what the formatter works on. */
import type { Piece } from '../program/scanner.ts';

/** A comment, as it is written. */
export interface Comment {
  readonly text: string;
  /** Does it end at the end of the line? */
  readonly isLine: boolean;
  /** Does it start a line? */
  readonly isFirst: boolean;
  /** Is there an empty line before it? */
  readonly hasGap: boolean;
}

export interface FormatToken {
  readonly kind: Piece['kind'];
  readonly text: string;
  /** Between the token before and this one, but for what is `after` the former. */
  readonly before: readonly Comment[];
  /** Behind the token, up to the end of its line. */
  readonly after: readonly Comment[];
  /** Does it start a line? */
  readonly isFirst: boolean;
  /** Is there an empty line before it, or before its comments? */
  readonly hasGap: boolean;
  /** Is there an empty line between its comments and itself? */
  readonly isApart: boolean;
}

const comment = /#[^\r\n]*|\/\/[^\r\n]*|\/\*[^]*?\*\//y;
const blank = /[ \t\r\n\uFEFF]*/y;

/** Attaches comments; the last token is empty and carries those at the end of the text. */
export function attachComments(text: string, pieces: readonly Piece[]): readonly FormatToken[] {
  const tokens: FormatToken[] = [];
  let at = 0;
  const end = { kind: 'end', start: text.length, end: text.length } as const;
  for (const piece of [...pieces, end]) {
    const gap = readGap(text, at, piece.start);
    const last = tokens.at(-1);
    const split = last === undefined ? 0 : countTrailing(gap.comments, piece.kind === 'end');
    if (last !== undefined && split > 0) {
      tokens[tokens.length - 1] = { ...last, after: gap.comments.slice(0, split) };
    }
    const before = gap.comments.slice(split);
    const hasGap = before[0]?.hasGap ?? gap.hasGap;
    const source = text.slice(piece.start, piece.end);
    const isApart = before.length > 0 && gap.hasGap;
    tokens.push({ kind: piece.kind, text: source, before, after: [], isFirst: gap.isFirst, hasGap, isApart }); // prettier-ignore
    at = piece.end;
  }
  return tokens;
}

/** Comments that belong to the token before them: those on its line, when the line ends with them. */
function countTrailing(
  comments: readonly (Comment & { readonly endsLine: boolean })[],
  isAtEnd: boolean,
): number {
  // prettier-ignore
  const first = comments.findIndex(({ isFirst }) => isFirst);
  const count = first < 0 ? comments.length : first;
  const last = comments[count - 1];
  return last?.endsLine === true || (last !== undefined && isAtEnd) ? count : 0;
}

function readGap(
  text: string,
  from: number,
  to: number,
): {
  readonly comments: readonly (Comment & { readonly endsLine: boolean })[];
  readonly isFirst: boolean;
  readonly hasGap: boolean;
} {
  const comments: (Comment & { readonly endsLine: boolean })[] = [];
  let at = from;
  for (;;) {
    blank.lastIndex = at;
    const space = blank.exec(text)?.[0] ?? '';
    const lines = countBreaks(space);
    at += space.length;
    const isFirst = lines > 0 || (from === 0 && comments.length === 0);
    const hasGap = lines > 1 && from > 0;
    comment.lastIndex = at;
    const found = at < to ? comment.exec(text) : null;
    if (found === null) return { comments, isFirst, hasGap };
    at += found[0].length;
    const isLine = !found[0].startsWith('/*');
    blank.lastIndex = at;
    const endsLine = isLine || countBreaks(blank.exec(text)?.[0] ?? '') > 0;
    comments.push({ text: found[0].trimEnd(), isLine, isFirst, hasGap, endsLine });
  }
}

function countBreaks(space: string): number {
  return space.match(/\r\n|[\r\n]/g)?.length ?? 0;
}
