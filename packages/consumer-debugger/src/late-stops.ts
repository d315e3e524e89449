import { compilePattern } from '@extension-events/core';
import type { Connection } from './internal-types.ts';

/**
 * Which of the events that a pattern catches stop native threads late, and why. JavaScript threads
 * stop inside the post, whatever it follows from.
 */
export function describeLateStops(
  { eventTypes, sides }: Pick<Connection, 'eventTypes' | 'sides'>,
  pattern: string,
): string[] {
  if (sides?.host !== true) return [];
  const matches = compilePattern(pattern);
  return eventTypes.flatMap(({ descriptor: { cause, name } }) => {
    if (cause?.late === undefined || !matches(name)) return [];
    const which = name === pattern ? '' : `${name} `;
    const where = sides.agent ? ' in native threads' : '';
    return `${which}stops late${where}: ${cause.late}.`;
  });
}
