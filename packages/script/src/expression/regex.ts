/** Why a pattern is refused: the words after "the regular expression". */
export type RegexProblem = string;

interface Group {
  /** Can match the same text in more than one way: holds `|`, `?`, `*`, `+` or a counted range. */
  varies: boolean;
  /** Holds a repetition without an upper bound. */
  isUnbounded: boolean;
}

const quantifier = /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/y;
// A varying group repeated a fixed number of times multiplies its ways; this keeps the product small.
const maxFixedRepeats = 8;

/**
 * Compiles a pattern with the flag `u`, or tells what is wrong with it.
 *
 * V8 backtracks, and a predicate runs in the thread of the program: patterns whose match may take
 * exponential time, such as `(a+)+`, are refused, as are back-references. The test is conservative;
 * it looks at the shape of the pattern and not at what the parts match.
 */
export function compileRegex(pattern: string): RegExp | RegexProblem {
  let regex;
  try {
    regex = new RegExp(pattern, 'u');
    // V8 compiles at the first match, once for each width of characters, and says only then when it
    // finds the code too large: make it do so here and not in the thread's first post.
    for (const subject of ['', '\u0100']) regex.test(subject);
  } catch (error) {
    // The message reads `Invalid regular expression: /…/u: Unterminated group`.
    const message = error instanceof Error ? error.message : String(error);
    return `is not valid: ${message.slice(message.lastIndexOf(': ') + 2).toLowerCase()}`;
  }
  return findBacktracking(pattern) ?? regex;
}

/** Walks a valid pattern with a stack of open groups. */
function findBacktracking(pattern: string): RegexProblem | undefined {
  let group: Group = { varies: false, isUnbounded: false };
  const open: Group[] = [];
  let closed: Group | undefined;
  for (let at = 0; at < pattern.length;) {
    const c = pattern.charAt(at);
    if (c === '(') {
      open.push(group);
      group = { varies: false, isUnbounded: false };
      // The `?` of `(?:`, `(?=` and the others is no quantifier.
      at += pattern.charAt(at + 1) === '?' ? 2 : 1;
      closed = undefined;
      continue;
    }
    if (c === ')') {
      closed = group;
      group = merge(open.pop(), closed);
      at++;
    } else if (c === '|') {
      group.varies = true;
      closed = undefined;
      at++;
      continue;
    } else if (/^\\[1-9k]/.test(pattern.slice(at, at + 2))) {
      return 'has a back-reference, which may take exponential time';
    } else {
      closed = undefined;
      at = skipAtom(pattern, at);
    }
    quantifier.lastIndex = at;
    const found = quantifier.exec(pattern);
    if (found === null) continue;
    at += found[0].length;
    const { minimum, maximum } = rangeOf(found);
    if (closed !== undefined && isExplosive(closed, minimum, maximum)) {
      return 'repeats a group that itself holds |, ?, * or +, which may take exponential time';
    }
    if (minimum !== maximum) group.varies = true;
    if (maximum === Infinity) group.isUnbounded = true;
  }
  return undefined;
}

function merge(outer: Group | undefined, inner: Group): Group {
  return {
    varies: inner.varies || (outer?.varies ?? false),
    isUnbounded: inner.isUnbounded || (outer?.isUnbounded ?? false),
  };
}

function isExplosive(group: Group, minimum: number, maximum: number): boolean {
  if (maximum <= 1 || !group.varies) return false;
  return group.isUnbounded || minimum !== maximum || maximum > maxFixedRepeats;
}

function rangeOf(found: RegExpExecArray): { readonly minimum: number; readonly maximum: number } {
  const sign = found[0].charAt(0);
  if (sign === '?') return { minimum: 0, maximum: 1 };
  if (sign !== '{') return { minimum: sign === '*' ? 0 : 1, maximum: Infinity };
  const minimum = Number(found[1]);
  if (found[2] === undefined) return { minimum, maximum: minimum };
  return { minimum, maximum: found[3] === '' ? Infinity : Number(found[3]) };
}

/** The end of one character, escape or class. What follows a `\p` or `\u` reads as plain characters. */
function skipAtom(pattern: string, start: number): number {
  const c = pattern.charAt(start);
  if (c === '\\') return skipEscape(pattern, start);
  if (c !== '[') return start + 1;
  let at = start + 1;
  while (at < pattern.length && pattern.charAt(at) !== ']') {
    at += pattern.charAt(at) === '\\' ? 2 : 1;
  }
  return at + 1;
}

function skipEscape(pattern: string, start: number): number {
  const brace = /^[pPu]\{/.test(pattern.slice(start + 1, start + 3));
  return brace ? pattern.indexOf('}', start) + 1 : start + 2;
}
