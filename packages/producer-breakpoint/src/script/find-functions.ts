import { closingOf, maskText } from './mask-text.ts';

const identifier = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;
const assigned = new RegExp(String.raw`\s*[:=](?![=>])\s*(?:async\b\s*)?(function\b\s*\*?\s*(?:${identifier})?\s*)?`, 'uy'); // prettier-ignore
const parameter = new RegExp(String.raw`${identifier}\s*=>\s*`, 'uy');
const bodyAfterParameters = /\s*(=>)?\s*/y;
const blanks = /\s*/y;
const maxFound = 64;

/**
 * Offsets at which the bodies of the functions called `name` begin: declarations, methods, and functions
 * that are the value of a variable or property. `Service.run` is the one in class `Service`, or assigned to it.
 *
 * A search in the text: V8 tells afterwards where in the body a breakpoint can stand.
 */
export function findFunctionBodies(text: string, name: string): number[] {
  const parts = name.split('.');
  const own = parts.at(-1) ?? '';
  const owner = parts.at(-2);
  if (own === '' || !text.includes(own)) return [];
  const masked = maskText(text);
  const bodies: number[] = [];
  const word = new RegExp(String.raw`(?<![\p{ID_Continue}$])${escape(own)}(?![\p{ID_Continue}$])`, 'gu'); // prettier-ignore
  for (const { index } of masked.matchAll(word)) {
    if (owner !== undefined && !belongsTo(masked, index, owner)) continue;
    const body = bodyAfter(masked, index + own.length);
    if (body !== undefined) bodies.push(body);
    if (bodies.length >= maxFound) break;
  }
  return bodies;
}

/** Where the body begins of the function whose name ends here; `undefined` when there is none. */
function bodyAfter(masked: string, end: number): number | undefined {
  const open = skip(blanks, masked, end);
  if (masked[open] === '(') return bodyOf(masked, open, false);
  assigned.lastIndex = end;
  const value = assigned.exec(masked);
  if (value === null) return undefined;
  const start = end + value[0].length;
  if (masked[start] === '(') return bodyOf(masked, start, value[1] === undefined);
  const body = skip(parameter, masked, start);
  return body === start ? undefined : intoBraces(masked, body);
}

/** From the parenthesis that opens the parameters to the body behind them. */
function bodyOf(masked: string, open: number, isArrow: boolean): number | undefined {
  const close = closingOf(masked, open);
  if (close < 0) return undefined;
  bodyAfterParameters.lastIndex = close + 1;
  const between = bodyAfterParameters.exec(masked);
  if (between === null || (between[1] !== undefined) !== isArrow) return undefined;
  const body = bodyAfterParameters.lastIndex;
  return isArrow || masked[body] === '{' ? intoBraces(masked, body) : undefined;
}

function intoBraces(masked: string, body: number): number {
  return masked[body] === '{' ? body + 1 : body;
}

function skip(pattern: RegExp, masked: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(masked) ? pattern.lastIndex : from;
}

function belongsTo(masked: string, index: number, owner: string): boolean {
  const before = masked.slice(0, index);
  const named = escape(owner);
  if (new RegExp(String.raw`(?<![\p{ID_Continue}$])${named}(?:\.prototype)?\.$`, 'u').test(before))
    return true;
  const opened = new RegExp(String.raw`(?:\bclass\s+${named}(?![\p{ID_Continue}$])[^{]*|(?<![\p{ID_Continue}$.])${named}\s*[:=]\s*(?:class\b[^{]*)?)\{`, 'gu'); // prettier-ignore
  return [...before.matchAll(opened)].some((match) => {
    const close = closingOf(masked, match.index + match[0].length - 1);
    return close < 0 || close > index;
  });
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
