import type { EventTypeDescriptor, FieldType } from '@extension-events/core';
import type {
  BaseNode,
  BinaryNode,
  CallNode,
  FieldNode,
  MatchNode,
  Node,
  UnaryNode,
} from './ast.ts';
import {
  checkArithmetic,
  checkComparison,
  isBitOperator,
  isComparison,
} from './check-operators.ts';
import { operate } from './checked.ts';
import type { CheckedNode, CheckedConstant, Typed, ValueType } from './checked.ts';
import type { Complaints } from './complaints.ts';
import type { Span } from './excerpt.ts';
import { functions } from './functions.ts';
import type { Parameter, Usage } from './functions.ts';
import { convert, isNumber, meet } from './numbers.ts';
import { compileRegex } from './regex.ts';

/** What a field of a type is at run time. */
export const typesOfFields: Readonly<Record<FieldType, ValueType>> = {
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

/** A bool where a condition stands: an absent one is false. */
export function truth<Y extends Typed = never>(node: CheckedNode<Y>): CheckedNode<Y> {
  return node.isOptional ? operate<Y>('isTrue', 'bool', node) : node;
}

/**
 * Walks the tree once, from the leaves up. `X` and `Y` are the nodes that a larger language has in
 * its texts and in its checked trees.
 */
export class ExpressionChecker<
  X extends Span & { readonly kind: string } = never,
  Y extends Typed & { readonly kind: string } = never,
> {
  /** Fields that were read. */
  readonly fields: Set<string> = new Set<string>();
  protected readonly descriptor: EventTypeDescriptor;
  protected readonly complaints: Complaints<X>;

  constructor(descriptor: EventTypeDescriptor, complaints: Complaints<X>) {
    this.descriptor = descriptor;
    this.complaints = complaints;
  }

  /** A node that only the larger language has; undefined for the others. */
  protected other(_node: Node<X>): CheckedNode<Y> | undefined {
    return undefined;
  }

  /** A function that only the larger language has. */
  protected otherCall(_node: CallNode<X>): CheckedNode<Y> | undefined {
    return undefined;
  }

  /** The names for did-you-mean. */
  protected unknownFunction(node: CallNode<X>): never {
    return this.complaints.unknownFunction(node);
  }

  /** The field that a node names, for `present()`. */
  protected fieldOf(node: Node<X> | undefined): FieldNode | undefined {
    return node?.kind === 'field' ? (node as FieldNode) : undefined;
  }

  /** A number that may have a fraction where a whole one is needed. */
  protected whole(node: CheckedNode<Y>): CheckedNode<Y> {
    return node;
  }

  check(node: Node<X>): CheckedNode<Y> {
    return this.other(node) ?? this.#base(node as BaseNode<X>);
  }

  #base(node: BaseNode<X>): CheckedNode<Y> {
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
        return this.field(node);
      case 'call':
        return node.name === 'present' ? this.#present(node) : this.#call(node);
      case 'unary':
        return this.#unary(node);
      case 'binary':
        return this.#binary(node);
      case 'logical': {
        const operands = node.operands.map((operand) => this.condition(operand, node.operator));
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
        const condition = this.condition(node.condition, '?');
        return this.#choice(node, condition, this.check(node.whenTrue), this.check(node.whenFalse));
      }
    }
  }

  protected field(node: FieldNode): CheckedNode<Y> {
    const { name } = node;
    const { fields } = this.descriptor;
    // Own fields only: a descriptor is plain data and inherits `constructor` like every object.
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) return this.complaints.unknownField(node, this.descriptor);
    this.fields.add(name);
    return {
      kind: 'field',
      name,
      type: typesOfFields[field.type],
      isOptional: field.optional === true,
    };
  }

  #present(node: CallNode<X>): CheckedNode<Y> {
    const operand = node.operands.length === 1 ? this.fieldOf(node.operands[0]) : undefined;
    if (operand === undefined) return this.complaints.presentTakesField(node);
    this.field(operand);
    return { kind: 'present', name: operand.name, type: 'bool', isOptional: false };
  }

  #call(node: CallNode<X>): CheckedNode<Y> {
    const signature = Object.hasOwn(functions, node.name) ? functions[node.name] : undefined;
    if (signature === undefined) return this.otherCall(node) ?? this.unknownFunction(node);
    const { parameters, required = parameters.length } = signature;
    const count = node.operands.length;
    if (count < required || count > parameters.length) {
      return this.complaints.argumentCount(node, signature);
    }
    const operands = node.operands.map((operand, index) => {
      const parameter = parameters[index] ?? 'number';
      return this.argument({ ...signature, name: node.name }, operand, parameter);
    });
    return signature.build(...(operands as never[]));
  }

  /** Checks one argument of a function. */
  protected argument(
    signature: Usage & { readonly name: string },
    operand: Node<X>,
    parameter: Parameter,
  ): CheckedNode<Y> {
    const given = this.check(operand);
    const checked = parameter === 'whole' ? this.whole(given) : given;
    if (fits(checked.type, parameter)) return checked;
    return this.complaints.argument(signature, operand, parameter, checked.type);
  }

  #unary(node: UnaryNode<X>): CheckedNode<Y> {
    if (node.operator === '!') {
      const operand = this.condition(node.operand, '!');
      return { kind: 'not', type: 'bool', isOptional: false, operand };
    }
    const operand = this.check(node.operand);
    if (!isNumber<Y>(operand)) return this.complaints.unary(node, operand.type);
    if (node.operator === '-') return operate<Y>('negate', operand.type, operand);
    const whole = this.whole(operand);
    if (whole.type === 'float') return this.complaints.needsWhole(node.operand, '~');
    return operate<Y>(whole.type === 'big' ? 'invertBig' : 'invert', whole.type, whole);
  }

  #binary(node: BinaryNode<X>): CheckedNode<Y> {
    const left = this.check(node.left);
    const right = this.check(node.right);
    const { operator } = node;
    if (isComparison(operator)) {
      return checkComparison<Y>(operator, left, right) ?? this.complaints.binary(node, left, right);
    }
    const [a, b] = isBitOperator(operator) ? [this.whole(left), this.whole(right)] : [left, right];
    return checkArithmetic<Y>(operator, a, b) ?? this.complaints.binary(node, left, right);
  }

  #match(node: MatchNode<X>): CheckedNode<Y> {
    const subject = this.check(node.subject);
    if (subject.type !== 'string') return this.complaints.matchNeedsString(node, subject.type);
    const regex = compileRegex(node.pattern);
    if (typeof regex === 'string') return this.complaints.regex(node, regex);
    const isNegated = node.operator === '!~';
    return { kind: 'match', type: 'bool', isOptional: false, regex, isNegated, subject };
  }

  #choice(
    node: Node<X>,
    condition: CheckedNode<Y>,
    whenTrue: CheckedNode<Y>,
    whenFalse: CheckedNode<Y>,
  ): CheckedNode<Y> {
    const isOptional = whenTrue.isOptional || whenFalse.isOptional;
    const base = { kind: 'choice', condition, isOptional } as const;
    if (isNumber<Y>(whenTrue) && isNumber<Y>(whenFalse)) {
      const type = meet(whenTrue, whenFalse);
      const branches = {
        whenTrue: convert<Y>(whenTrue, type),
        whenFalse: convert<Y>(whenFalse, type),
      };
      return { ...base, type, ...branches };
    }
    if (whenTrue.type !== whenFalse.type) {
      return this.complaints.branches(node, whenTrue.type, whenFalse.type);
    }
    return { ...base, type: whenTrue.type, whenTrue, whenFalse };
  }

  /** @param operator - who needs it */
  condition(node: Node<X>, operator: string): CheckedNode<Y> {
    const checked = this.check(node);
    if (checked.type !== 'bool') this.complaints.needsBool(node, checked.type, operator);
    return truth(checked);
  }
}

function constant(type: ValueType, value: number | bigint | string | boolean): CheckedConstant {
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
