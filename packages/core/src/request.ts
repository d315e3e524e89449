import { ExtensionEventError } from './errors.ts';
import { integerLimits } from './integers.ts';
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

const safe = Number.MAX_SAFE_INTEGER;
const parameterLimits: typeof integerLimits = { ...integerLimits, u64: [0, safe], i64: [-safe, safe] }; // prettier-ignore

function check(parameter: RequestParameter, value: RequestValue): string | undefined {
  const { type, oneOf } = parameter;
  const expected = type === 'bool' ? 'boolean' : type === 'string' ? 'string' : 'number';
  if (typeof value !== expected) return `is not a ${expected}`;
  if (typeof value === 'number') {
    const [low, high] = parameterLimits[type] ?? [-Number.MAX_VALUE, Number.MAX_VALUE];
    const { min = low, max = high } = parameter;
    if (!Number.isFinite(value)) return 'is not a finite number';
    if (type in parameterLimits && !Number.isInteger(value)) return 'is not a whole number';
    if (value < Math.max(min, low)) return `is below ${Math.max(min, low)}`;
    if (value > Math.min(max, high)) return `is above ${Math.min(max, high)}`;
  }
  if (oneOf !== undefined && !oneOf.includes(String(value)))
    return `is none of ${oneOf.join(', ')}`;
  return undefined;
}

/**
 * Checks what a requested type declares: parameters that a listener can give, defaults that fit.
 *
 * @throws ExtensionEventError `EE_FIELDS`
 */
export function checkParameters({ name, request = {} }: EventTypeDescriptor): void {
  for (const [key, parameter] of Object.entries(request)) {
    const { type, default: value } = parameter;
    const problem =
      type === 'bytes' || type === 'stack'
        ? `has the type ${type}, which nobody can give`
        : value !== undefined && check(parameter, value) !== undefined
          ? `has the default ${value}, which ${check(parameter, value)}`
          : undefined;
    if (problem === undefined) continue;
    throw new ExtensionEventError(
      'EE_FIELDS',
      `The request of ${name} is not valid: ${key} ${problem}.`,
      'A parameter is a bool, a number or a string, and its default keeps its own limits.',
    );
  }
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
