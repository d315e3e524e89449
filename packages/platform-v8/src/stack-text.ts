import type { StackFrame } from './interrupt-stacks.ts';

// `name (place)`, `async name (place)`, `new Name (place)`, `Type.name [as alias] (place)`, or the place alone.
// The last ` (` that is followed by a place starts the place: names and paths may hold parentheses.
const place = /^(.*):(\d+):(\d+)$/;

/**
 * Reads one line of a V8 stack, with or without `at `; `undefined` when it is not a frame.
 *
 * Understands async, constructor, anonymous, eval and native frames, file urls, and paths with
 * blanks and parentheses. Of an eval frame it gives the place inside the evaluated text.
 */
export function parseStackLine(text: string): StackFrame | undefined {
  let rest = text.trim();
  if (rest.startsWith('at ')) rest = rest.slice(3);
  const isAsync = rest.startsWith('async ');
  if (isAsync) rest = rest.slice(6);
  const isConstructor = rest.startsWith('new ');
  const named = splitName(isConstructor ? rest.slice(4) : rest);
  const where = readPlace(named?.where ?? rest);
  if (where === undefined) return undefined;
  return { functionName: cleanName(named?.name ?? ''), ...where, isAsync, isConstructor };
}

/** Reads a whole `error.stack` or the text of a `stack` field; lines that are no frames are left out. */
export function parseStackText(text: string): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const line of text.split('\n')) {
    const frame = parseStackLine(line);
    if (frame !== undefined) frames.push(frame);
  }
  return frames;
}

/** Writes a frame as V8 does, without `at `. */
export function formatStackFrame(frame: StackFrame): string {
  const where = frame.url === '' ? '<anonymous>' : `${frame.url}:${frame.line}:${frame.column}`;
  const prefix = (frame.isAsync ? 'async ' : '') + (frame.isConstructor ? 'new ' : '');
  if (frame.functionName === '' && prefix === '') return where;
  return `${prefix}${frame.functionName || '<anonymous>'} (${where})`;
}

function splitName(text: string): { name: string; where: string } | undefined {
  if (!text.endsWith(')')) return undefined;
  // The outermost parenthesis that closes at the end: `f (eval at g (a.js:1:2), <anonymous>:3:4)`.
  for (let at = text.indexOf(' ('); at !== -1; at = text.indexOf(' (', at + 1)) {
    const where = text.slice(at + 2, -1);
    if (
      /^(?:eval at |native$|index \d+$|unknown location$|<anonymous>|[a-z][a-z+.-]*:|\/|[A-Za-z]:\\)/.test(
        where,
      )
    ) {
      return { name: text.slice(0, at), where };
    }
  }
  return undefined;
}

type Place = Pick<StackFrame, 'url' | 'line' | 'column'>;

function readPlace(text: string): Place | undefined {
  if (/^(?:native|<anonymous>|unknown location|index \d+)$/.test(text)) {
    return { url: '', line: 0, column: 0 };
  }
  // `eval at f (file:///a.js:1:2), <anonymous>:3:4`: the place inside the evaluated text is last.
  const inner = text.startsWith('eval at ') ? text.slice(text.lastIndexOf(', ') + 2) : text;
  const match = place.exec(inner);
  if (match === null) return undefined;
  const [, file, line, column] = match;
  const url = file === '<anonymous>' || file === undefined ? '' : file;
  return { url, line: Number(line), column: Number(column) };
}

/** `Object.method [as alias]` → `Object.method`; `<anonymous>` → ``. */
function cleanName(name: string): string {
  const plain = name.replace(/ \[as [^\]]*\]$/, '');
  return plain === '<anonymous>' ? '' : plain;
}
