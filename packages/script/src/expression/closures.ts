import type { AnyPayload } from '@extension-events/core';
import type { CheckedNode, CheckedOperation, RuntimeValue } from './checked.ts';
import { helpers } from './helpers.ts';
import { operations } from './operations.ts';
import type { Predicate, PredicateContext, ValueExpression } from './types.ts';

type Value = RuntimeValue | undefined;
type Evaluate = (payload: AnyPayload, context: PredicateContext) => Value;

/**
 * The same predicate without generated code, for processes that run with
 * `--disallow-code-generation-from-strings`: a tree of closures, some four times slower.
 */
export function closePredicate(root: CheckedNode): Predicate {
  const evaluate = close(root);
  return (payload, context) => {
    try {
      return evaluate(payload, context) === true;
    } catch {
      return false;
    }
  };
}

/** The same for a value: `undefined` when something that it needs is absent. */
export function closeValue(root: CheckedNode): ValueExpression {
  const evaluate = close(root);
  return (payload, context) => {
    try {
      return evaluate(payload, context);
    } catch {
      return undefined;
    }
  };
}

function close(node: CheckedNode): Evaluate {
  switch (node.kind) {
    case 'constant': {
      const { value } = node;
      return () => value;
    }
    case 'field':
      return read(node.name);
    case 'present': {
      const value = read(node.name);
      return (p, c) => value(p, c) !== undefined;
    }
    case 'context': {
      const { property } = node;
      return (_, c) => c[property];
    }
    case 'not': {
      const operand = close(node.operand);
      return (p, c) => operand(p, c) !== true;
    }
    case 'all': {
      const operands = node.operands.map(close);
      return (p, c) => operands.every((operand) => operand(p, c) === true);
    }
    case 'any': {
      const operands = node.operands.map(close);
      return (p, c) => operands.some((operand) => operand(p, c) === true);
    }
    case 'choice': {
      const condition = close(node.condition);
      const whenTrue = close(node.whenTrue);
      const whenFalse = close(node.whenFalse);
      return (p, c) => (condition(p, c) === true ? whenTrue(p, c) : whenFalse(p, c));
    }
    case 'match': {
      const { regex, isNegated } = node;
      const subject = close(node.subject);
      return (p, c) => {
        const text = subject(p, c);
        return text !== undefined && regex.test(helpers.clip(text as string)) !== isNegated;
      };
    }
    case 'operation':
    default:
      return closeOperation(node);
  }
}

function closeOperation(node: CheckedOperation): Evaluate {
  const run = operations[node.operation].run as (...operands: unknown[]) => RuntimeValue;
  const absent = node.type === 'bool' ? false : undefined;
  const [a, b, c] = node.operands.map(close);
  if (a === undefined) return () => absent;
  if (b === undefined) {
    return (p, x) => {
      const first = a(p, x);
      return first === undefined ? absent : run(first);
    };
  }
  if (c === undefined) {
    return (p, x) => {
      const first = a(p, x);
      const second = b(p, x);
      return first === undefined || second === undefined ? absent : run(first, second);
    };
  }
  return (p, x) => {
    const values = [a(p, x), b(p, x), c(p, x)];
    return values.includes(undefined) ? absent : run(...values);
  };
}

function read(name: string): Evaluate {
  if (name in Object.prototype) return (p) => helpers.own(p, name) as Value;
  return (p) => p[name];
}
