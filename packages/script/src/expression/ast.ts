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
export interface CallNode extends Span {
  readonly kind: 'call';
  readonly name: string;
  readonly operands: readonly Node[];
}
export interface UnaryNode extends Span {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Node;
}
export interface BinaryNode extends Span {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Node;
  readonly right: Node;
}
/** `a && b && c` is one node with three operands, so that a long chain is not a deep tree. */
export interface LogicalNode extends Span {
  readonly kind: 'logical';
  readonly operator: LogicalOperator;
  readonly operands: readonly Node[];
}
export interface MatchNode extends Span {
  readonly kind: 'match';
  readonly operator: MatchOperator;
  readonly subject: Node;
  readonly pattern: string;
  readonly patternSpan: Span;
}
export interface ConditionalNode extends Span {
  readonly kind: 'conditional';
  readonly condition: Node;
  readonly whenTrue: Node;
  readonly whenFalse: Node;
}

/** The tree of a text; every node knows which part of the text it is. */
export type Node =
  | IntegerNode
  | FloatNode
  | StringNode
  | BooleanNode
  | FieldNode
  | CallNode
  | UnaryNode
  | BinaryNode
  | LogicalNode
  | MatchNode
  | ConditionalNode;

/** The nodes directly below one, in the order of the text. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'integer':
    case 'float':
    case 'string':
    case 'boolean':
    case 'field':
      return [];
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
    default:
      return [node.condition, node.whenTrue, node.whenFalse];
  }
}
