import { ExpressionError } from '../expression/errors.ts';
import type { Span } from '../expression/excerpt.ts';
import { readToken, skip } from '../expression/lexer.ts';
import type { Token } from '../expression/lexer.ts';

const blanks = /[ \t\r\n]*/y;
const lineRest = /[^\r\n]*/y;
// Longest first. `+=`, `++`, `<<<` and their like are read by the statements: `a--b` is an expression.
const operators = /\|\||&&|==|!=|=~|!~|<=|>=|<<|>>|[<>!+\-*/%&|^~?:(),;{}[\]=@]/y;

/** One piece of the text as the parser took it; `raw` are names of events, patterns and assignments. */
export interface Piece extends Span {
  readonly kind: Token['kind'] | 'raw';
}

/**
 * Reads tokens as the parser asks for them: what a name of an event may hold depends on where it
 * stands. A refused character or string is passed by, so that a parser that recovers gets on.
 */
export class Scanner {
  readonly #text: string;
  readonly #pieces: Piece[] | undefined;
  #at: number;
  #next: Token | undefined;
  #lastEnd = 0;

  /** @param pieces - gets everything that is taken, for the formatter */
  constructor(text: string, pieces?: Piece[]) {
    this.#text = text;
    this.#pieces = pieces;
    this.#at = text.startsWith('\uFEFF') ? 1 : 0;
  }

  /** Where the last token that was taken ends. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  peek(): Token {
    this.#next ??= this.#read();
    return this.#next;
  }

  advance(): void {
    const token = this.peek();
    if (token.kind === 'end') return;
    this.#pieces?.push(token);
    this.#leave(token.end);
  }

  /** Takes what a sticky expression matches where the next token would start. */
  takeRaw(sticky: RegExp): (Span & { readonly text: string }) | undefined {
    const start = this.#next?.start ?? this.#skipBlanks();
    const end = skip(sticky, this.#text, start);
    if (end === start) return undefined;
    this.#pieces?.push({ kind: 'raw', start, end });
    this.#leave(end);
    return { start, end, text: this.#text.slice(start, end) };
  }

  /** Does the next token start a line? */
  isFirstOnLine(): boolean {
    return /[\r\n]/.test(this.#text.slice(this.#lastEnd, this.peek().start));
  }

  #leave(end: number): void {
    this.#next = undefined;
    this.#at = end;
    this.#lastEnd = end;
  }

  #read(): Token {
    const start = this.#skipBlanks();
    if (start >= this.#text.length) return { kind: 'end', start, end: start };
    try {
      return readToken(this.#text, start, operators);
    } catch (error) {
      if (error instanceof ExpressionError) {
        this.#at = start + Math.max(1, error.position.length);
      }
      throw error;
    }
  }

  #skipBlanks(): number {
    const text = this.#text;
    for (;;) {
      this.#at = skip(blanks, text, this.#at);
      if (text.startsWith('#', this.#at) || text.startsWith('//', this.#at)) {
        this.#at = skip(lineRest, text, this.#at);
      } else if (text.startsWith('/*', this.#at)) {
        this.#at = this.#endOfComment(this.#at);
      } else return this.#at;
    }
  }

  #endOfComment(start: number): number {
    const end = this.#text.indexOf('*/', start + 2);
    if (end >= 0) return end + 2;
    this.#at = this.#text.length;
    throw new ExpressionError(
      'EE_EXPR_SYNTAX',
      'The comment has no end.',
      'close it with */, or start each of its lines with #.',
      this.#text,
      { start, end: start + 2 },
    );
  }
}
