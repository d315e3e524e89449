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
 * it looks at the shape of the pattern and not at what the parts match. So are patterns that may take
 * more than quadratic time: a match of `.*.*.*x` in 1000 characters is hours, and nothing ends it.
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
  return findBacktracking(pattern) ?? findRepetitions(pattern) ?? regex;
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

/** A part of a pattern that takes characters: a repetition of many, or one that must be there. */
interface Part {
  readonly isLong: boolean;
  readonly set: readonly boolean[];
}

// Which of these a part takes tells which parts compete for the same text.
const samples = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), '\u00a0', '\u00e9', '\u00c9', '\u0436', '\u4e2d', '\u2028', '\u{1f600}']; // prettier-ignore
// A repetition up to this often counts as short.
const maxShort = 32;
// In how many ways, as a power of its length, a text may be divided; the place where a match starts is one.
const maxPower = 2;

/** Tells when too many repetitions compete for the same text. The pattern has passed {@link findBacktracking}. */
function findRepetitions(pattern: string): RegexProblem | undefined {
  const { hasChoice, parts } = partsOf(pattern);
  const isAnchored = pattern.startsWith('^') && !hasChoice;
  // For each repetition: how many, up to it, can share one text.
  const longest: number[] = parts.map((part) => (part.isLong ? 1 : 0));
  for (const [at, part] of parts.entries()) {
    if (!part.isLong) continue;
    for (let before = at - 1; before >= 0; before--) {
      const other = parts[before] as Part;
      if (!other.isLong || !meet(other.set, part.set)) continue;
      // What must stand between them, and the first does not take, leaves it one length.
      const ends = parts.slice(before + 1, at).some(({ isLong, set }) => !isLong && !meet(other.set, set)); // prettier-ignore
      if (!ends) longest[at] = Math.max(longest[at] as number, (longest[before] as number) + 1);
    }
  }
  if (Math.max(0, ...longest) + (isAnchored ? 0 : 1) <= maxPower) return undefined;
  return 'has several long repetitions that may take the same text, and may take very long';
}

function partsOf(pattern: string): { readonly hasChoice: boolean; readonly parts: Part[] } {
  const parts: Part[] = [];
  const starts: number[] = [];
  let hasChoice = false;
  let groupSets: (readonly boolean[])[] = [];
  for (let at = 0; at < pattern.length;) {
    const c = pattern.charAt(at);
    if (c === '(') {
      if (starts.length === 0) groupSets = [];
      starts.push(groupSets.length);
      at += headLength(pattern, at);
      continue;
    }
    let set: readonly boolean[] | undefined;
    if (c === ')') {
      set = union(groupSets.slice(starts.pop()));
      at++;
    } else if (c === '|') {
      hasChoice ||= starts.length === 0;
      at++;
      continue;
    } else {
      const end = skipAtom(pattern, at);
      if (!/^(?:[$^]|\\[bB])$/.test(pattern.slice(at, end))) set = setOf(pattern.slice(at, end));
      if (set !== undefined) groupSets.push(set);
      at = end;
    }
    quantifier.lastIndex = at;
    const found = quantifier.exec(pattern);
    if (found !== null) at += found[0].length;
    const { minimum, maximum } = found === null ? { minimum: 1, maximum: 1 } : rangeOf(found);
    if (set === undefined) continue;
    if (maximum > maxShort && maximum !== minimum) parts.push({ isLong: true, set });
    else if (c !== ')' && starts.length === 0 && minimum > 0) parts.push({ isLong: false, set });
  }
  return { hasChoice, parts: hasChoice ? parts.filter(({ isLong }) => isLong) : parts };
}

/** The length of `(`, `(?:`, `(?=`, `(?<name>` and the others. */
function headLength(pattern: string, at: number): number {
  return /^\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?/.exec(pattern.slice(at))?.[0].length ?? 1;
}

function setOf(atom: string): boolean[] {
  const one = new RegExp(`^${atom}$`, 'u');
  const set = samples.map((sample) => one.test(sample));
  // A character that is none of the samples may be any.
  return set.includes(true) ? set : samples.map(() => true);
}

function union(sets: readonly (readonly boolean[])[]): boolean[] {
  return samples.map((_, index) => sets.some((set) => set[index]));
}

function meet(one: readonly boolean[], other: readonly boolean[]): boolean {
  return one.some((takes, index) => takes && other[index]);
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
