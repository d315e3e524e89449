import { styleText } from 'node:util';

/**
 * Colour belongs to a terminal that did not ask to be left alone (https://no-color.org); FORCE_COLOR
 * decides where it is set, as in Node.
 */
export function wantsColour(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none = '', TERM: terminal } = env;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTerminal && none === '' && terminal !== 'dumb';
}

/** Paints text that goes to standard output, where colour is wanted. */
export function paint(style: 'bold' | 'dim' | 'green' | 'inverse' | 'red', text: string): string {
  return wantsColour(process.stdout.isTTY, process.env)
    ? styleText(style, text, { validateStream: false })
    : text;
}
