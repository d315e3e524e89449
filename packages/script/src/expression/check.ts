import type { EventTypeDescriptor, FieldType } from '@extension-events/core';
import type { BinaryNode, CallNode, FieldNode, MatchNode, Node, UnaryNode } from './ast.ts';
import { checkArithmetic, checkComparison, isComparison } from './check-operators.ts';
import { operate } from './checked.ts';
import type { CheckedNode, ValueType } from './checked.ts';
import { Complaints } from './complaints.ts';
import { functions } from './functions.ts';
import type { Parameter } from './functions.ts';
import { convert, isNumber, meet } from './numbers.ts';
import { compileRegex } from './regex.ts';
import type { CheckedExpression, Expression } from './types.ts';

const typesOfFields: Readonly<Record<FieldType, ValueType>> = {
  bool: 'bool',
  u8: 'int',
  u16: 'int',
  u32: 'int',
  u64: 'big',
  i8: 'int',
  i16: 'int',
  i32: 'int',
  i64: 'big',
  f32: 'float',
  f64: 'float',
  string: 'string',
  bytes: 'bytes',
  stack: 'string',
};

/**
 * Finds the fields of an expression in an event type and checks that the types fit.
 *
 * @throws ExpressionError `EE_EXPR_FIELD`, `EE_EXPR_FUNCTION`, `EE_EXPR_TYPE`, `EE_EXPR_REGEX`
 */
export function checkExpression(
  expression: Expression,
  descriptor: EventTypeDescriptor,
): CheckedExpression {
  const checker = new Checker(expression.text, descriptor);
  const root = checker.check(expression.root);
  const { text } = expression;
  const fields = [...checker.fields];
  return { text, eventName: descriptor.name, type: root.type, fields, root };
}

/**
 * The same for an expression that is to be a condition.
 *
 * @throws ExpressionError as {@link checkExpression}, and `EE_EXPR_TYPE` when the result is no bool
 */
export function checkPredicate(
  expression: Expression,
  descriptor: EventTypeDescriptor,
): CheckedExpression {
  const checked = checkExpression(expression, descriptor);
  const { text, root } = expression;
  const complaints = new Complaints(text, descriptor);
  if (checked.type !== 'bool') complaints.needsBool(root, checked.type, 'A predicate');
  return { ...checked, root: truth(checked.root) };
}

/** A bool where a condition stands: an absent one is false. */
function truth(node: CheckedNode): CheckedNode {
  return node.isOptional ? operate('isTrue', 'bool', node) : node;
}

/** Walks the tree once, from the leaves up. */
class Checker {
  readonly fields = new Set<string>();
  readonly #descriptor: EventTypeDescriptor;
  readonly #complaints: Complaints;

  constructor(text: string, descriptor: EventTypeDescriptor) {
    this.#descriptor = descriptor;
    this.#complaints = new Complaints(text, descriptor);
  }

  check(node: Node): CheckedNode {
    switch (node.kind) {
      case 'integer':
        return constant(typeof node.value === 'bigint' ? 'big' : 'int', node.value);
      case 'float':
        return constant('float', node.value);
      case 'string':
        return constant('string', node.value);
      case 'boolean':
        return constant('bool', node.value);
      case 'field':
        return this.#field(node);
      case 'call':
        return node.name === 'present' ? this.#present(node) : this.#call(node);
      case 'unary':
        return this.#unary(node);
      case 'binary':
        return this.#binary(node);
      case 'logical': {
        const operands = node.operands.map((operand) => this.#condition(operand, node.operator));
        return {
          kind: node.operator === '&&' ? 'all' : 'any',
          type: 'bool',
          isOptional: false,
          operands,
        };
      }
      case 'match':
        return this.#match(node);
      case 'conditional':
      default: {
        const condition = this.#condition(node.condition, '?');
        return this.#choice(node, condition, this.check(node.whenTrue), this.check(node.whenFalse));
      }
    }
  }

  #field(node: FieldNode): CheckedNode {
    const { name } = node;
    const { fields } = this.#descriptor;
    // Own fields only: a descriptor is plain data and inherits `constructor` like every object.
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) return this.#complaints.unknownField(node);
    this.fields.add(name);
    return {
      kind: 'field',
      name,
      type: typesOfFields[field.type],
      isOptional: field.optional === true,
    };
  }

  #present(node: CallNode): CheckedNode {
    const [operand, ...rest] = node.operands;
    if (operand?.kind !== 'field' || rest.length > 0)
      return this.#complaints.presentTakesField(node);
    this.#field(operand);
    return { kind: 'present', name: operand.name, type: 'bool', isOptional: false };
  }

  #call(node: CallNode): CheckedNode {
    const signature = Object.hasOwn(functions, node.name) ? functions[node.name] : undefined;
    if (signature === undefined) return this.#complaints.unknownFunction(node);
    const { parameters, required = parameters.length } = signature;
    const count = node.operands.length;
    if (count < required || count > parameters.length) {
      return this.#complaints.argumentCount(node, signature);
    }
    const operands = node.operands.map((operand, index) => {
      const checked = this.check(operand);
      const parameter = parameters[index] ?? 'number';
      if (fits(checked.type, parameter)) return checked;
      return this.#complaints.argument(node, operand, parameter, checked.type);
    });
    return signature.build(...(operands as never[]));
  }

  #unary(node: UnaryNode): CheckedNode {
    if (node.operator === '!') {
      const operand = this.#condition(node.operand, '!');
      return { kind: 'not', type: 'bool', isOptional: false, operand };
    }
    const operand = this.check(node.operand);
    if (!isNumber(operand)) return this.#complaints.unary(node, operand.type);
    if (node.operator === '-') return operate('negate', operand.type, operand);
    if (operand.type === 'float') return this.#complaints.needsWhole(node.operand, '~');
    return operate(operand.type === 'big' ? 'invertBig' : 'invert', operand.type, operand);
  }

  #binary(node: BinaryNode): CheckedNode {
    const left = this.check(node.left);
    const right = this.check(node.right);
    const { operator } = node;
    if (isComparison(operator)) {
      return checkComparison(operator, left, right) ?? this.#complaints.binary(node, left, right);
    }
    return checkArithmetic(operator, left, right) ?? this.#complaints.binary(node, left, right);
  }

  #match(node: MatchNode): CheckedNode {
    const subject = this.check(node.subject);
    if (subject.type !== 'string') return this.#complaints.matchNeedsString(node, subject.type);
    const regex = compileRegex(node.pattern);
    if (typeof regex === 'string') return this.#complaints.regex(node, regex);
    const isNegated = node.operator === '!~';
    return { kind: 'match', type: 'bool', isOptional: false, regex, isNegated, subject };
  }

  #choice(
    node: Node,
    condition: CheckedNode,
    whenTrue: CheckedNode,
    whenFalse: CheckedNode,
  ): CheckedNode {
    const isOptional = whenTrue.isOptional || whenFalse.isOptional;
    const base = { kind: 'choice', condition, isOptional } as const;
    if (isNumber(whenTrue) && isNumber(whenFalse)) {
      const type = meet(whenTrue, whenFalse);
      const branches = { whenTrue: convert(whenTrue, type), whenFalse: convert(whenFalse, type) };
      return { ...base, type, ...branches };
    }
    if (whenTrue.type !== whenFalse.type) {
      return this.#complaints.branches(node, whenTrue.type, whenFalse.type);
    }
    return { ...base, type: whenTrue.type, whenTrue, whenFalse };
  }

  #condition(node: Node, operator: string): CheckedNode {
    const checked = this.check(node);
    if (checked.type !== 'bool') this.#complaints.needsBool(node, checked.type, operator);
    return truth(checked);
  }
}

function constant(type: ValueType, value: number | bigint | string | boolean): CheckedNode {
  return { kind: 'constant', type, isOptional: false, value };
}

function fits(type: ValueType, parameter: Parameter): boolean {
  switch (parameter) {
    case 'string':
      return type === 'string';
    case 'sized':
      return type === 'string' || type === 'bytes';
    case 'whole':
      return type === 'int' || type === 'big';
    case 'number':
    default:
      return type === 'int' || type === 'big' || type === 'float';
  }
}
