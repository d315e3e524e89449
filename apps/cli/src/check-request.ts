import { compilePattern, ExtensionEventError } from '@extension-events/core';
import type { ListenOptions, TargetConnection } from '@extension-events/session';

/**
 * Refuses parameters that nothing takes which the patterns stand for. What is not registered yet may
 * take them: then it is for that to say.
 *
 * @throws ExtensionEventError `EE_REQUEST`
 */
export function checkRequest(
  { eventTypes }: Pick<TargetConnection, 'eventTypes'>,
  patterns: readonly string[],
  request: ListenOptions['request'] = {},
): void {
  const found = patterns.map((pattern) => {
    const matches = compilePattern(pattern);
    return eventTypes.map(({ descriptor }) => descriptor).filter(({ name }) => matches(name));
  });
  if (found.some((types) => types.length === 0)) return;
  const known = [...new Set(found.flat().flatMap(({ request: taken = {} }) => Object.keys(taken)))];
  const unknown = Object.keys(request).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const verb = patterns.length === 1 ? 'takes' : 'take';
  throw new ExtensionEventError(
    'EE_REQUEST',
    `${patterns.join(', ')} ${verb} no parameter ${unknown}.`,
    known.length === 0 ? `Leave --request ${unknown}=… out.` : `Parameters: ${known.join(', ')}.`,
  );
}
