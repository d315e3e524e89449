import type { FormatToken } from './tokens.ts';

/** What a run of tokens is, where spacing depends on it. */
export type RunKind = 'event' | 'probe' | 'foreach' | 'other';

const wordsBeforeParenthesis = new Set(['if', 'while', 'for', 'foreach', 'in', 'limit', 'else']);

/** Kinds of runs by their first word. */
export function kindOf(tokens: readonly FormatToken[]): RunKind {
  const text = tokens[0]?.text;
  return text === 'event' || text === 'probe' || text === 'foreach' ? text : 'other';
}

/** Does a blank stand between two tokens of a run? `index` is that of the second. */
export function isSpaced(tokens: readonly FormatToken[], index: number, kind: RunKind): boolean {
  const left = tokens[index - 1];
  const right = tokens[index];
  if (left === undefined || right === undefined) return false;
  const [a, b] = [left.text, right.text];
  if (isPunctuation(right) && [')', ']', ',', ';'].includes(b)) return false;
  if (isPunctuation(left) && ['(', '[', '@'].includes(a)) return false;
  if (right.kind === 'raw' && (b === '++' || b === '--')) return false;
  if (kind === 'event' && isPunctuation(right) && (b === ':' || b === '?')) return false;
  if (kind === 'probe' && (isSign(left, '=') || isSign(right, '='))) return false;
  if (kind === 'foreach' && isOrder(tokens, index)) return false;
  if (isPrefix(tokens, index - 1, kind)) {
    // `!~` would be read as one operator.
    return a === '!' && b === '~';
  }
  if (isSign(right, '(')) return !isCallee(left);
  if (isSign(right, '[')) return left.kind !== 'name' || wordsBeforeParenthesis.has(a);
  return true;
}

function isPunctuation({ kind }: FormatToken): boolean {
  return kind === 'operator';
}

function isSign(token: FormatToken, text: string): boolean {
  return token.kind === 'operator' && token.text === text;
}

function isCallee({ kind, text }: FormatToken): boolean {
  if (kind === 'name') return !wordsBeforeParenthesis.has(text);
  return kind === 'raw' ? !/[=+<-]$/.test(text) : kind === 'string';
}

/** `-` or `+` behind the map of a foreach. */
function isOrder(tokens: readonly FormatToken[], index: number): boolean {
  const sign = tokens[index];
  const isOrdering = sign !== undefined && (isSign(sign, '-') || isSign(sign, '+'));
  return isOrdering && tokens[index - 2]?.text === 'in' && tokens[index - 2]?.kind === 'name';
}

/** Is the token an operator with nothing before it that it could join to what follows? */
function isPrefix(tokens: readonly FormatToken[], index: number, kind: RunKind): boolean {
  const token = tokens[index];
  if (token === undefined || !isPunctuation(token)) return false;
  if (token.text === '!' || token.text === '~') return true;
  if (token.text !== '-' || (kind === 'foreach' && isOrder(tokens, index))) return false;
  const left = tokens[index - 1];
  if (left === undefined) return true;
  if (left.kind === 'raw') return true;
  if (left.kind === 'operator') return left.text !== ')' && left.text !== ']';
  return left.kind === 'name' && ['in', 'limit'].includes(left.text) && tokens[index - 2]?.kind !== 'operator'; // prettier-ignore
}
