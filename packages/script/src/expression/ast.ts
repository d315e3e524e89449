import type { Span } from './excerpt.ts';

/** Operators between two values, by how strongly they bind; all are left-associative. */
export const binaryLevels = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '=~': 4,
  '!~': 4,
  // Unlike C, bit operators bind more strongly than comparisons: `flags & 4 != 0` means what it says.
  '|': 5,
  '^': 6,
  '&': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
} as const;

export type LogicalOperator = '||' | '&&';
export type MatchOperator = '=~' | '!~';
export type BinaryOperator = Exclude<keyof typeof binaryLevels, LogicalOperator | MatchOperator>;
export type UnaryOperator = '!' | '-' | '~';

export interface IntegerNode extends Span {
  readonly kind: 'integer';
  /** A bigint when a double could not hold it exactly. */
  readonly value: number | bigint;
}
export interface FloatNode extends Span {
  readonly kind: 'float';
  readonly value: number;
}
export interface StringNode extends Span {
  readonly kind: 'string';
  readonly value: string;
}
export interface BooleanNode extends Span {
  readonly kind: 'boolean';
  readonly value: boolean;
}
/** `len` or `$len`. */
export interface FieldNode extends Span {
  readonly kind: 'field';
  readonly name: string;
}
export interface CallNode<X = never> extends Span {
  readonly kind: 'call';
  readonly name: string;
  readonly operands: readonly Node<X>[];
}
export interface UnaryNode<X = never> extends Span {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Node<X>;
}
export interface BinaryNode<X = never> extends Span {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Node<X>;
  readonly right: Node<X>;
}
/** `a && b && c` is one node with three operands, so that a long chain is not a deep tree. */
export interface LogicalNode<X = never> extends Span {
  readonly kind: 'logical';
  readonly operator: LogicalOperator;
  readonly operands: readonly Node<X>[];
}
export interface MatchNode<X = never> extends Span {
  readonly kind: 'match';
  readonly operator: MatchOperator;
  readonly subject: Node<X>;
  readonly pattern: string;
  readonly patternSpan: Span;
}
export interface ConditionalNode<X = never> extends Span {
  readonly kind: 'conditional';
  readonly condition: Node<X>;
  readonly whenTrue: Node<X>;
  readonly whenFalse: Node<X>;
}

/** Nodes of this language; `X` are those that a larger one, that of scripts, has below them too. */
export type BaseNode<X = never> =
  | IntegerNode
  | FloatNode
  | StringNode
  | BooleanNode
  | FieldNode
  | CallNode<X>
  | UnaryNode<X>
  | BinaryNode<X>
  | LogicalNode<X>
  | MatchNode<X>
  | ConditionalNode<X>;

/** The tree of a text; every node knows which part of the text it is. */
export type Node<X = never> = BaseNode<X> | X;

/** The nodes directly below one of this language, in the order of the text. */
export function childrenOf<X = never>(node: BaseNode<X>): readonly Node<X>[] {
  switch (node.kind) {
    case 'call':
    case 'logical':
      return node.operands;
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'match':
      return [node.subject];
    case 'conditional':
      return [node.condition, node.whenTrue, node.whenFalse];
    case 'integer':
    case 'float':
    case 'string':
    case 'boolean':
    case 'field':
    default:
      return [];
  }
}
