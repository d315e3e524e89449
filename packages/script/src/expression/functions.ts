import { operate } from './checked.ts';
import type { CheckedContext, CheckedNode, ValueType } from './checked.ts';
import { convert, isNumber, meet } from './numbers.ts';
import type { NumberNode } from './numbers.ts';
import type { PredicateContext } from './types.ts';

/** `whole` takes int and big, `number` float too, `sized` what has a length. */
export type Parameter = 'string' | 'number' | 'whole' | 'sized';

/** How a function is called. */
export interface Usage {
  readonly usage: string;
  readonly parameters: readonly unknown[];
  /** How many of the parameters must be given; all of them when left out. */
  readonly required?: number;
}

export interface FunctionSignature extends Usage {
  readonly parameters: readonly Parameter[];
  /** Called with operands that fit the parameters. */
  readonly build: (...operands: never[]) => CheckedNode;
}

function context(
  usage: string,
  property: keyof PredicateContext,
  type: ValueType,
): FunctionSignature {
  const node: CheckedContext = { kind: 'context', property, type, isOptional: false };
  return { usage, parameters: [], build: () => node };
}

function text(
  usage: string,
  count: 1 | 2,
  operation: 'contains' | 'startsWith' | 'endsWith' | 'lower' | 'upper',
  type: ValueType,
): FunctionSignature {
  const parameters: readonly Parameter[] = count === 1 ? ['string'] : ['string', 'string'];
  return {
    usage,
    parameters,
    build: (...operands: CheckedNode[]) => operate(operation, type, ...operands),
  };
}

function extreme(
  usage: string,
  operation: 'min' | 'max',
  bigOperation: 'minBig' | 'maxBig',
): FunctionSignature {
  const build = (a: NumberNode, b: NumberNode): CheckedNode => {
    const type = meet(a, b);
    return operate(
      type === 'big' ? bigOperation : operation,
      type,
      convert(a, type),
      convert(b, type),
    );
  };
  return { usage, parameters: ['number', 'number'], build };
}

/** A number as a JS number; counts and positions of 64 bits are long past the end of any string. */
function plain(node: CheckedNode): CheckedNode {
  return isNumber(node) && node.type === 'big' ? convert(node, 'float') : node;
}

function buildSubstring(s: CheckedNode, from: CheckedNode, length?: CheckedNode): CheckedNode {
  return length === undefined
    ? operate('substringFrom', 'string', s, plain(from))
    : operate('substring', 'string', s, plain(from), plain(length));
}

/** Every function but `present`, which takes the name of a field and not a value. */
export const functions: Readonly<Record<string, FunctionSignature>> = {
  pid: context('pid()', 'pid', 'int'),
  tid: context('tid()', 'tid', 'int'),
  thread_id: context('thread_id()', 'threadId', 'int'),
  thread_name: context('thread_name()', 'threadName', 'string'),
  timestamp_ns: context('timestamp_ns()', 'timestampNs', 'int'),
  event_name: context('event_name()', 'eventName', 'string'),
  len: {
    usage: 'len(string or bytes)',
    parameters: ['sized'],
    build: (operand: CheckedNode) => operate('length', 'int', operand),
  },
  contains: text('contains(string, part)', 2, 'contains', 'bool'),
  starts_with: text('starts_with(string, part)', 2, 'startsWith', 'bool'),
  ends_with: text('ends_with(string, part)', 2, 'endsWith', 'bool'),
  lower: text('lower(string)', 1, 'lower', 'string'),
  upper: text('upper(string)', 1, 'upper', 'string'),
  substr: {
    usage: 'substr(string, from[, length])',
    parameters: ['string', 'whole', 'whole'],
    required: 2,
    build: buildSubstring,
  },
  abs: {
    usage: 'abs(number)',
    parameters: ['number'],
    build: (x: NumberNode) => operate(x.type === 'big' ? 'absBig' : 'abs', x.type, x),
  },
  min: extreme('min(number, number)', 'min', 'minBig'),
  max: extreme('max(number, number)', 'max', 'maxBig'),
  floor: {
    usage: 'floor(number)',
    parameters: ['number'],
    build: (x: NumberNode) => (x.type === 'float' ? operate('floor', 'int', x) : x),
  },
};

export const presentUsage = 'present(field)';
export const functionNames: readonly string[] = [...Object.keys(functions), 'present'];
