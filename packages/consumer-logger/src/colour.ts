import { styleText } from 'node:util';
import type { Paint } from './format.ts';

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

export const paintNothing: Paint = (_style, text) => text;

export const paintAll: Paint = (style, text) => styleText(style, text, { validateStream: false });
