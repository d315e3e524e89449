import { debuggerError } from './errors.ts';

/** A word of an argument; `raw` keeps its quotes, `end` is where the text goes on after it. */
export interface Word {
  readonly text: string;
  readonly raw: string;
  readonly start: number;
  readonly end: number;
}

const word = /"((?:[^"\\]|\\.)*)"|'([^']*)'|(["'])|[^\s"']+/gs;

/**
 * Splits at blanks; quotes hold words together (`"…"` with backslash escapes, `'…'` as they are).
 *
 * @throws ExtensionEventError `EE_COMMAND_ARGUMENT` for a quote without its partner
 */
export function splitWords(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(word)) {
    if (match[3] !== undefined) {
      throw debuggerError(
        'EE_COMMAND_ARGUMENT',
        `The quote at column ${match.index + 1} of ${JSON.stringify(text)} has no partner.`,
        'Close it, or write it inside quotes of the other kind.',
      );
    }
    const piece = match[1]?.replaceAll(/\\(.)/gs, '$1') ?? match[2] ?? match[0];
    const last = words.at(-1);
    const end = match.index + match[0].length;
    // a="b c" is one word: what touches belongs together.
    if (last !== undefined && last.end === match.index) {
      words[words.length - 1] = {
        text: last.text + piece,
        raw: last.raw + match[0],
        start: last.start,
        end,
      };
    } else words.push({ text: piece, raw: match[0], start: match.index, end });
  }
  return words;
}

/** What `catch PATTERN [k=v …] [if EXPR]` says. */
export interface CatchArgument {
  readonly pattern: string;
  readonly request: ReadonlyMap<string, string>;
  readonly condition?: string;
}

/** @throws ExtensionEventError `EE_COMMAND_ARGUMENT` */
export function parseCatchArgument(text: string): CatchArgument {
  const { head, condition } = splitIf(text);
  const [pattern, ...parameters] = splitWords(head);
  if (pattern === undefined) {
    throw debuggerError(
      'EE_COMMAND_ARGUMENT',
      'catch needs the name or pattern of an event.',
      'For example: catch hot-spot, or catch net.* if len > 1000. info events lists the names.',
    );
  }
  const request = new Map<string, string>();
  for (const parameter of parameters) {
    const match = /^([A-Za-z]\w*)=(.*)$/s.exec(parameter.text);
    if (match === null) {
      throw debuggerError(
        'EE_COMMAND_ARGUMENT',
        `${JSON.stringify(parameter.raw)} is neither name=value nor if.`,
        'The form is: catch PATTERN [name=value …] [if EXPR], for example catch hot-spot share=0.05.',
      );
    }
    request.set(match[1] ?? '', match[2] ?? '');
  }
  return { pattern: pattern.text, request, ...(condition === undefined ? {} : { condition }) };
}

/**
 * Splits at the first word `if` that stands outside quotes: what stands before it, and the
 * condition after it, as text.
 *
 * @throws ExtensionEventError `EE_COMMAND_ARGUMENT` for an `if` with nothing after it
 */
export function splitIf(text: string): { head: string; condition?: string } {
  // Only the head must have balanced quotes: an apostrophe in the condition is the condition's own.
  const match = /(?:^|\s)if(?=\s|\(|$)/g;
  for (let found = match.exec(text); found !== null; found = match.exec(text)) {
    const head = text.slice(0, found.index);
    if (!isBalanced(head)) continue;
    const condition = text.slice(found.index + found[0].length).trim();
    if (condition === '') {
      throw debuggerError(
        'EE_COMMAND_ARGUMENT',
        'There is no expression after if.',
        'For example: catch net.send if len == 13.',
      );
    }
    return { head: head.trim(), condition };
  }
  return { head: text.trim() };
}

function isBalanced(text: string): boolean {
  try {
    splitWords(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * A whole number, as the user wrote it.
 *
 * @param what - Names the number in the error: `a frame`, `a count`.
 * @throws ExtensionEventError `EE_COMMAND_ARGUMENT`
 */
export function parseNumber(text: string, what: string, least = 0): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value >= least) return value;
  throw debuggerError(
    'EE_COMMAND_ARGUMENT',
    `${JSON.stringify(text)} is not ${what}.`,
    `Write a whole number from ${least}.`,
  );
}

/** Several numbers, and ranges: `1 3-5`. @throws ExtensionEventError `EE_COMMAND_ARGUMENT` */
export function parseNumbers(text: string, what: string): number[] {
  const numbers: number[] = [];
  for (const part of text.split(/[\s,]+/).filter((piece) => piece !== '')) {
    const range = /^(\d{1,9})-(\d{1,9})$/.exec(part);
    const first = parseNumber(range?.[1] ?? part, what, 1);
    const last = range === null ? first : parseNumber(range[2] ?? '', what, first);
    if (last - first > 1000) {
      throw debuggerError(
        'EE_COMMAND_ARGUMENT',
        `The range ${part} is too wide.`,
        'Write at most a thousand numbers.',
      );
    }
    for (let number = first; number <= last; number++) numbers.push(number);
  }
  return numbers;
}
