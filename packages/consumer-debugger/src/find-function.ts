import { findClosing } from './mask-source.ts';

/** A function as its text shows it; offsets into that text. */
export interface FunctionSite {
  /** Parameters that have a plain name, in order. */
  readonly parameters: readonly string[];
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

/**
 * Finds the functions, methods and arrow functions called `name` (`run` or `Service.run`) in
 * masked JavaScript (see `maskSource`). A textual search: what it finds is confirmed by V8's own
 * break locations.
 */
export function findFunctions(masked: string, name: string): FunctionSite[] {
  const parts = name.split('.');
  const last = parts.at(-1) ?? '';
  const owner = parts.length > 1 ? (parts.at(-2) ?? '') : undefined;
  if (last === '' || !masked.includes(last)) return [];
  const sites: FunctionSite[] = [];
  const word = new RegExp(
    String.raw`(?<![\p{ID_Continue}$])${escape(last)}(?![\p{ID_Continue}$])`,
    'gu',
  );
  for (const match of masked.matchAll(word)) {
    const site = readFunction(masked, match.index + last.length);
    if (site !== undefined && (owner === undefined || belongsTo(masked, match.index, owner))) {
      sites.push(site);
    }
  }
  return sites;
}

/** The innermost function called `name` whose body holds `offset`. */
export function findFunctionAround(
  masked: string,
  name: string,
  offset: number,
): FunctionSite | undefined {
  return findFunctions(masked, name)
    .filter((site) => site.bodyStart <= offset && offset <= site.bodyEnd)
    .at(-1);
}

/** `end` is where the name ends. */
function readFunction(masked: string, end: number): FunctionSite | undefined {
  const after = masked.slice(end, end + 200);
  // function name(…) {   and   name(…) { as a method
  const open = /^\s*\(/.exec(after);
  if (open !== null) return readBody(masked, end + open[0].length - 1, true);
  // name = (…) =>   name: async function* other(…)   name = x =>
  const value =
    /^\s*[:=](?![=>])\s*(?:async\s+|async(?=\())?(function\b\s*\*?\s*[\p{ID_Continue}$]*\s*)?/u.exec(
      after,
    );
  if (value === null) return undefined;
  const at = end + value[0].length;
  if (masked[at] === '(') return readBody(masked, at, value[1] !== undefined);
  const single = /^([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(masked.slice(at, at + 200));
  if (single === null) return undefined;
  return readArrow(masked, at + single[0].length, [single[1] ?? '']);
}

/** From the parenthesis that opens the parameters. */
function readBody(masked: string, open: number, isFunction: boolean): FunctionSite | undefined {
  const close = findClosing(masked, open);
  if (close === undefined) return undefined;
  const parameters = readParameters(masked.slice(open + 1, close));
  const arrow = /^\s*=>/.exec(masked.slice(close + 1, close + 200));
  if (arrow !== null && !isFunction) {
    return readArrow(masked, close + 1 + arrow[0].length, parameters);
  }
  const brace = /^\s*\{/.exec(masked.slice(close + 1, close + 200));
  if (brace === null || !isFunction) return undefined;
  return bracedBody(masked, close + brace[0].length, parameters);
}

function readArrow(
  masked: string,
  at: number,
  parameters: readonly string[],
): FunctionSite | undefined {
  const brace = /^\s*\{/.exec(masked.slice(at, at + 200));
  if (brace !== null) return bracedBody(masked, at + brace[0].length - 1, parameters);
  const start = at + (/^\s*/.exec(masked.slice(at))?.[0].length ?? 0);
  return { parameters, bodyStart: start, bodyEnd: endOfExpression(masked, start) };
}

function bracedBody(
  masked: string,
  open: number,
  parameters: readonly string[],
): FunctionSite | undefined {
  const close = findClosing(masked, open);
  return close === undefined ? undefined : { parameters, bodyStart: open + 1, bodyEnd: close };
}

/** An arrow's expression ends at a comma, semicolon or closing bracket of its own level. */
function endOfExpression(masked: string, start: number): number {
  for (let index = start; index < masked.length; index++) {
    const character = masked[index] ?? '';
    if ('([{'.includes(character)) index = findClosing(masked, index) ?? masked.length;
    else if (',;)]}'.includes(character)) return index;
  }
  return masked.length;
}

function readParameters(list: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let piece = '';
  for (const character of `${list},`) {
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    if (character !== ',' || depth !== 0) {
      piece += character;
      continue;
    }
    const name = /^\s*(?:\.\.\.)?([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(piece)?.[1];
    if (name !== undefined) names.push(name);
    piece = '';
  }
  return names;
}

function belongsTo(masked: string, index: number, owner: string): boolean {
  const before = masked.slice(0, index);
  if (
    new RegExp(String.raw`(?<![\p{ID_Continue}$])${escape(owner)}(?:\.prototype)?\.$`, 'u').test(
      before,
    )
  ) {
    return true;
  }
  const classes = [...before.matchAll(/\bclass\s+([\p{ID_Continue}$]+)[^{]*\{/gu)];
  const holding = classes.findLast((match) => {
    const close = findClosing(masked, match.index + match[0].length - 1);
    return close === undefined || close > index;
  });
  return holding?.[1] === owner;
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
