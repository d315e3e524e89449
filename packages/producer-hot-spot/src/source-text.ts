// A profile knows where a function starts, not where it ends, and the inspector tells that only with its
// Debugger domain on, which we never switch on for sampling. So the end is looked for in the text, by counting
// brackets outside strings, templates, comments and regular expressions. When in doubt the answer is
// "unknown": it only decides which lines are shown.

const opening = '([{';
const closing = ')]}';

/** Skips a string, template, comment or regular expression at `at`; returns the index after it, or `at`. */
function skipLiteral(text: string, at: number): number {
  const first = text[at];
  if (first === '"' || first === "'") return skipQuoted(text, at, first);
  if (first === '`') return skipTemplate(text, at);
  if (first !== '/') return at;
  if (text[at + 1] === '/') {
    const end = text.indexOf('\n', at);
    return end === -1 ? text.length : end;
  }
  if (text[at + 1] === '*') {
    const end = text.indexOf('*/', at + 2);
    return end === -1 ? text.length : end + 2;
  }
  return startsRegExp(text, at) ? skipRegExp(text, at) : at;
}

function skipQuoted(text: string, from: number, quote: string): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at + 1;
    else if (text[at] === '\n') return at;
  }
  return text.length;
}

function skipTemplate(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '`') return at + 1;
    else if (text[at] === '$' && text[at + 1] === '{') at = skipBrackets(text, at + 1) - 1;
  }
  return text.length;
}

/** A slash after an operator, a bracket or `return` starts a regular expression; after a value it divides. */
function startsRegExp(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  return (
    before === '' ||
    /(?:[([{,;:=!&|?+\-*%<>~^}]|\b(?:return|typeof|case|in|of|do|else|void|yield|await))$/.test(
      before,
    )
  );
}

function skipRegExp(text: string, from: number): number {
  let isInClass = false;
  for (let at = from + 1; at < text.length; at++) {
    const each = text[at];
    if (each === '\\') at++;
    else if (each === '\n') return from + 1;
    else if (each === '[') isInClass = true;
    else if (each === ']') isInClass = false;
    else if (each === '/' && !isInClass) return at + 1;
  }
  return from + 1;
}

/** From an opening bracket to the index after its closing one. */
function skipBrackets(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length;) {
    const literal = skipLiteral(text, at);
    if (literal > at) {
      at = literal;
      continue;
    }
    const each = text[at] ?? '';
    if (opening.includes(each)) depth++;
    else if (closing.includes(each) && --depth === 0) return at + 1;
    at++;
  }
  return text.length;
}

/** The lines of a text, with what we need to know of the functions in it. */
export class SourceText {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  /** One line, counted from 1, without its end; empty outside the text. */
  line(line: number): string {
    const start = this.#starts[line - 1];
    if (start === undefined) return '';
    const end = (this.#starts[line] ?? this.#text.length + 1) - 1;
    return this.#text.slice(start, end).replace(/\r$/, '');
  }

  /** Column of the first character that is not blank, from 1. */
  firstColumn(line: number): number {
    const text = this.line(line);
    return text.length - text.trimStart().length + 1;
  }

  /** Column of the parameter list of the function whose first token stands there, when it is on that line. */
  parametersColumn(line: number, column: number): number | undefined {
    const rest = this.line(line).slice(column - 1);
    const head =
      /^(?:async\s+)?(?:function\b\s*)?(?:(?:static|get|set|async)\s+)*\*?\s*(?:[\w$#]+|\[[^\]]*\])?\s*(?=\()/.exec(
        rest,
      );
    return head === null ? undefined : column + head[0].length;
  }

  /** Last line of the function that starts there (at its parameter list or its first token). */
  lastLineOfFunction(line: number, column: number): number | undefined {
    const start = this.#starts[line - 1];
    if (start === undefined) return undefined;
    if (line === 1 && column === 1 && !/^(?:async\b|function\b|\()/.test(this.#text)) {
      return this.#starts.length; // the script itself
    }
    const open = this.#text.indexOf('(', start + column - 1);
    const bare = /^(?:async\s+)?[\w$]+\s*=>/.exec(
      this.#text.slice(start + column - 1, start + column + 200),
    );
    let at = bare === null ? open : start + column - 1 + bare[0].length - 2;
    if (at === -1) return undefined;
    if (bare === null) at = skipBrackets(this.#text, at);
    return this.#lineAt(this.#endOfBody(at));
  }

  // Between parameters and body stand blanks, comments, a TypeScript return type or `=>`.
  #endOfBody(from: number): number {
    const text = this.#text;
    for (let at = from; at < text.length; at++) {
      const literal = skipLiteral(text, at);
      if (literal > at) at = literal;
      if (text[at] === '{') return skipBrackets(text, at);
      if (text[at] !== '=' || text[at + 1] !== '>') continue;
      const body = at + 2 + (/^\s*/.exec(text.slice(at + 2))?.[0].length ?? 0);
      return text[body] === '{' ? skipBrackets(text, body) : this.#endOfExpression(body);
    }
    return text.length;
  }

  #endOfExpression(from: number): number {
    const text = this.#text;
    for (let at = from; at < text.length;) {
      const literal = skipLiteral(text, at);
      const each = text[at] ?? '';
      if (literal > at) at = literal;
      else if (opening.includes(each)) at = skipBrackets(text, at);
      else if (closing.includes(each) || each === ',' || each === ';') return at;
      else at++;
    }
    return text.length;
  }

  #lineAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= Math.max(0, offset - 1)) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }
}
