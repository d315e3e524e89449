import { compilePattern } from '@extension-events/core';
import { usageError } from './output.ts';

/**
 * Refuses what is no pattern, before anything is attached to.
 *
 * @throws ExtensionEventError `EE_PATTERN`, `EE_USAGE`
 */
export function checkPatterns(patterns: readonly string[]): void {
  for (const pattern of patterns) {
    if (/^\d+$/.test(pattern))
      throw usageError(`${pattern} is a number, and no event is called so.`, `The number of an option stands behind =, as in --stack=${pattern}; processes are chosen with -p.`); // prettier-ignore
    compilePattern(pattern);
  }
}
