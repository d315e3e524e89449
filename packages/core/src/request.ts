import { ExtensionEventError } from './errors.ts';
import type { EventTypeDescriptor, RequestParameter, RequestValues } from './types.ts';

type RequestValue = RequestValues[string];

/**
 * Checks the parameters of a listen against what the event type takes, and fills in defaults.
 *
 * @throws ExtensionEventError `EE_REQUEST`
 */
export function resolveRequest(
  descriptor: EventTypeDescriptor,
  given: RequestValues = {},
): RequestValues {
  const parameters = descriptor.request ?? {};
  const known = Object.keys(parameters);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) refuse(descriptor, `it takes no parameter ${unknown}`, known);
  const resolved: Record<string, RequestValue> = {};
  for (const [key, parameter] of Object.entries(parameters)) {
    const value = given[key] ?? parameter.default;
    if (value === undefined) {
      if (parameter.optional !== true) refuse(descriptor, `parameter ${key} is missing`, known);
      continue;
    }
    const problem = check(parameter, value);
    if (problem !== undefined) refuse(descriptor, `${key}=${String(value)} ${problem}`, known);
    resolved[key] = value;
  }
  return resolved;
}

function check(parameter: RequestParameter, value: RequestValue): string | undefined {
  const { type, min, max, oneOf } = parameter;
  const expected = type === 'bool' ? 'boolean' : type === 'string' ? 'string' : 'number';
  if (typeof value !== expected) return `is not a ${expected}`;
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'is not a number';
    if (min !== undefined && value < min) return `is below ${min}`;
    if (max !== undefined && value > max) return `is above ${max}`;
  }
  if (oneOf !== undefined && !oneOf.includes(String(value)))
    return `is none of ${oneOf.join(', ')}`;
  return undefined;
}

function refuse({ name }: EventTypeDescriptor, reason: string, known: readonly string[]): never {
  throw new ExtensionEventError(
    'EE_REQUEST',
    `${name} cannot be armed so: ${reason}.`,
    known.length === 0
      ? `${name} takes no parameters.`
      : `Parameters of ${name}: ${known.join(', ')}.`,
  );
}
