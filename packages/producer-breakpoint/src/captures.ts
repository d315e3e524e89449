import { ExtensionEventError } from '@extension-events/core';

/** A value to read at a breakpoint: a variable, then properties of it. */
export interface Capture {
  /** As it was written; the key of its value. */
  readonly text: string;
  /** A variable, or `this`. */
  readonly root: string;
  readonly path: readonly string[];
}

const maxCaptures = 16;
const maxCharacters = 200;
const capturePattern = /^([\p{ID_Start}$_][\p{ID_Continue}$]*)((?:\.[\p{ID_Start}$_][\p{ID_Continue}$]*|\[\d{1,9}\])*)$/u; // prettier-ignore
const keyPattern = /\.([\p{ID_Continue}$]+)|\[(\d+)\]/gu;

// No variable can have these names, somewhere at least: a condition that held one would not compile.
const reservedWords = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch throw true try typeof var void while with yield'.split(
    ' ',
  ),
);

/**
 * Reads `order.id, items.length, this.name, rows[0]`: names alone. Whatever is more than a name
 * would have to be evaluated in the program.
 *
 * @throws ExtensionEventError `EE_BREAKPOINT_CAPTURE`
 */
export function parseCaptures(text: string | undefined): Capture[] {
  const parts = splitNames(text);
  return parts.map((part) => {
    const [, root = '', rest = ''] = capturePattern.exec(part) ?? [];
    if (root === '' || reservedWords.has(root) || part.length > maxCharacters)
      throw captureError(part);
    const path = Array.from(rest.matchAll(keyPattern), ([, name, index]) => name ?? index ?? '');
    return { text: part, root, path };
  });
}

/** @throws ExtensionEventError `EE_BREAKPOINT_CAPTURE` */
export function splitNames(text: string | undefined): string[] {
  if (text === undefined || text.trim() === '') return [];
  const parts = [...new Set(text.split(',').map((part) => part.trim()))];
  if (parts.length <= maxCaptures) return parts;
  throw new ExtensionEventError(
    'EE_BREAKPOINT_CAPTURE',
    `${parts.length} captures were asked for; a breakpoint takes ${maxCaptures}.`,
    'Ask for an object at a breakpoint of your own, or listen twice.',
  );
}

function captureError(part: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_BREAKPOINT_CAPTURE',
    `The capture ${JSON.stringify(part)} is not a variable or a path of properties.`,
    'Write names such as order.id, rows[0] or this.name. To evaluate an expression, stop there: extev debug, break, print.',
  );
}
