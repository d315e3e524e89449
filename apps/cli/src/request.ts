import type { RequestValues } from '@extension-events/core';
import { usageError } from './output.ts';

/**
 * Reads `k=v` words: `true` and `false` are booleans, numbers are numbers, the rest is text; so is an
 * address (`0x…`), which may be wider than numbers are.
 *
 * @throws ExtensionEventError `EE_USAGE`
 */
export function parseRequest(
  words: readonly string[],
  example = '--request share=0.05; extev events PID -l shows the parameters',
): RequestValues {
  return Object.fromEntries(splitPairs(words, example).map(([key, value]) => [key, parseValue(value)])); // prettier-ignore
}

/**
 * Takes `k=v` words apart; the values stay text.
 *
 * @throws ExtensionEventError `EE_USAGE`
 */
export function splitPairs(words: readonly string[], example: string): [string, string][] {
  return words.map((word) => {
    const [, key, value] = /^([\w./-]+)=(.*)$/s.exec(word) ?? [];
    if (key === undefined || value === undefined)
      throw usageError(`${word} is not k=v.`, `Write for example ${example}.`);
    return [key, value];
  });
}

function parseValue(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && !/^0x/i.test(text) && Number.isFinite(Number(text))
    ? Number(text)
    : text;
}
