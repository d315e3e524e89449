/**
 * JavaScript of the same length with everything blanked that is not code: comments, strings,
 * templates, regular expressions. Brackets in what is left can be counted.
 *
 * Not a parser: whether a slash divides or begins a regular expression is told by what stands before it.
 */
export function maskText(text: string): string {
  const out = text.split('');
  let last = ''; // the last characters of code, without blanks
  let index = 0;
  while (index < text.length) {
    const end = endOfOpaque(text, index, last);
    if (end > index) {
      const isComment = text[index] === '/' && '/*'.includes(text[index + 1] ?? ' ');
      for (let at = index; at < end; at++) if (out[at] !== '\n') out[at] = ' ';
      if (!isComment) last = ')'; // a value: a slash after it divides
      index = end;
      continue;
    }
    const character = text[index] ?? '';
    if (character.trim() !== '') last = (last + character).slice(-12);
    else if (!last.endsWith(' ')) last += ' ';
    index++;
  }
  return out.join('');
}

/** Where the comment, string, template or regular expression ends that begins here; else `index`. */
function endOfOpaque(text: string, index: number, last: string): number {
  switch (text.charAt(index)) {
    case '"':
    case "'":
      return endOfString(text, index);
    case '`':
      return endOfTemplate(text, index);
    case '/':
      if (text[index + 1] === '/') return endOf(text, '\n', index, 0);
      if (text[index + 1] === '*') return endOf(text, '*/', index + 2, 2);
      return opensRegExp(last) ? endOfRegExp(text, index) : index;
    default:
      return index;
  }
}

function endOf(text: string, mark: string, from: number, length: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[start]) return at + 1;
    else if (text[at] === '\n') return at;
  }
  return text.length;
}

function endOfTemplate(text: string, start: number): number {
  let depth = 0;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '$' && text[at + 1] === '{') {
      depth++;
      at++;
    } else if (character === '{' && depth > 0) depth++;
    else if (character === '}' && depth > 0) depth--;
    else if (character === '`') {
      if (depth === 0) return at + 1;
      at = endOfTemplate(text, at) - 1;
    }
  }
  return text.length;
}

function opensRegExp(last: string): boolean {
  const before = last.trimEnd();
  return before === '' || /[([{,;=:!&|?+\-*%~^<>}]$|\b(?:return|typeof|case|in|of|do|else)$/.test(before); // prettier-ignore
}

function endOfRegExp(text: string, start: number): number {
  let isInClass = false;
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '[') isInClass = true;
    else if (character === ']') isInClass = false;
    else if (character === '/' && !isInClass) return at + 1;
  }
  return start; // a division after all
}

/** Offset of the bracket that closes the one at `open`; -1 when the text ends first. */
export function closingOf(masked: string, open: number): number {
  let depth = 0;
  for (let at = open; at < masked.length; at++) {
    const character = masked[at] ?? '';
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character) && --depth === 0) return at;
  }
  return -1;
}
