/**
 * JavaScript with its comments, strings, templates and regular expressions blanked out, of the
 * same length and with the same lines, so that brackets can be counted and names searched.
 *
 * Not a parser: whether a slash divides or opens a regular expression is told by what precedes it.
 */
export function maskSource(text: string): string {
  const out: string[] = [];
  let index = 0;
  while (index < text.length) {
    const end = endOfOpaque(text, index, out);
    if (end === undefined) {
      out.push(text[index] ?? '');
      index++;
    } else {
      out.push(text.slice(index, end).replaceAll(/[^\n]/g, ' '));
      index = end;
    }
  }
  return out.join('');
}

/** Where the comment, string, template or regular expression that starts here ends. */
function endOfOpaque(text: string, index: number, before: readonly string[]): number | undefined {
  const character = text[index];
  if (character === '"' || character === "'") return endOfString(text, index, character);
  if (character === '`') return endOfTemplate(text, index);
  if (character !== '/') return undefined;
  const next = text[index + 1];
  if (next === '/') return orEnd(text, text.indexOf('\n', index));
  if (next === '*') return orEnd(text, text.indexOf('*/', index + 2), 2);
  return opensRegExp(before) ? endOfRegExp(text, index) : undefined;
}

function orEnd(text: string, found: number, length = 0): number {
  return found === -1 ? text.length : found + length;
}

function endOfString(text: string, start: number, quote: string): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === quote) return index + 1;
    else if (text[index] === '\n') return index;
  }
  return text.length;
}

function endOfTemplate(text: string, start: number): number {
  let depth = 0;
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index];
    if (character === '\\') index++;
    else if (character === '$' && text[index + 1] === '{') {
      depth++;
      index++;
    } else if (character === '{' && depth > 0) depth++;
    else if (character === '}' && depth > 0) depth--;
    else if (character === '`' && depth === 0) return index + 1;
    else if (character === '`') index = endOfTemplate(text, index) - 1;
  }
  return text.length;
}

function opensRegExp(before: readonly string[]): boolean {
  const tail = before.slice(-40).join('').trimEnd();
  return (
    tail === '' ||
    /[([{,;=:!&|?+\-*%~^<>]$/.test(tail) ||
    /\b(?:return|typeof|case|in|of)$/.test(tail)
  );
}

function endOfRegExp(text: string, start: number): number | undefined {
  let isInClass = false;
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index];
    if (character === '\n') return undefined;
    if (character === '\\') index++;
    else if (character === '[') isInClass = true;
    else if (character === ']') isInClass = false;
    else if (character === '/' && !isInClass) return index + 1;
  }
  return undefined;
}

const openers = '([{';
const closers = ')]}';

/** Offset of the bracket that closes the one at `open`; `undefined` when the text ends first. */
export function findClosing(masked: string, open: number): number | undefined {
  let depth = 0;
  for (let index = open; index < masked.length; index++) {
    const character = masked[index] ?? '';
    if (openers.includes(character)) depth++;
    else if (closers.includes(character) && --depth === 0) return index;
  }
  return undefined;
}
