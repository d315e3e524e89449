const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
const endCodes = { bold: 22, dim: 22, red: 39, green: 39, yellow: 39, blue: 39, cyan: 39 } as const;

/** Colours a piece of text, or leaves it as it is. */
export type Paint = (style: keyof typeof codes, text: string) => string;

/** Paints with ANSI escapes when `enabled`. */
export function createPaint(enabled: boolean): Paint {
  if (!enabled) return (_style, text) => text;
  return (style, text) =>
    text === '' ? '' : `\u001B[${codes[style]}m${text}\u001B[${endCodes[style]}m`;
}

/** Colour belongs to a terminal that did not ask to be left alone (https://no-color.org). */
export function wantsColour(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0') return true;
  return isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

/**
 * Text of the traced program, made safe to print: tabs become blanks and control characters show
 * as pictures, so that a payload cannot steer the terminal.
 */
export function makePrintable(text: string): string {
  return (
    text
      .replaceAll('\t', '    ')
      // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
      .replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g, (character) => {
        const code = character.charCodeAt(0);
        if (code < 0x20) return String.fromCharCode(0x24_00 + code);
        return code === 0x7f ? '\u2421' : '\uFFFD';
      })
  );
}

/** At most `length` characters; what was cut shows as `…`. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}
