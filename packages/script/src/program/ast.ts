/**
 * The tree of a program, as it is written: nothing is resolved, and nothing is known of event types.
 */
import type { FieldType } from '@extension-events/core';
import type { CallNode, FieldNode, Node as AnyNode } from '../expression/ast.ts';
import { childrenOf as baseChildrenOf } from '../expression/ast.ts';
import type { Span } from '../expression/excerpt.ts';
import type { SourceFile } from './wire.ts';

/** A bare name: a local, a global or a field; `$name` is a `field` node. */
export interface NameNode extends Span {
  readonly kind: 'name';
  readonly name: string;
}
/** `sizes[port]` */
export interface EntryNode extends Span {
  readonly kind: 'entry';
  readonly map: NameNode;
  readonly keys: readonly Node[];
}
/** `port in sizes`, `[host, port] in sizes` */
export interface HasNode extends Span {
  readonly kind: 'has';
  readonly map: NameNode;
  readonly keys: readonly Node[];
}
/** `@count(sizes[port])`; `parameters` are those of `@lhist`. */
export interface StatisticNode extends Span {
  readonly kind: 'statistic';
  readonly statistic: string;
  readonly target: Lvalue;
  readonly parameters: readonly Node[];
}

/** What expressions of scripts have beside those of predicates. */
export type OtherNode = NameNode | EntryNode | HasNode | StatisticNode;
export type Node = AnyNode<OtherNode>;
export type Call = CallNode<OtherNode>;
/** A field stands there only to be refused. */
export type Lvalue = NameNode | EntryNode | FieldNode;

export type AssignOperator = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '<<<';

export interface BlockStatement extends Span {
  readonly kind: 'block';
  readonly body: readonly Statement[];
}
export interface IfStatement extends Span {
  readonly kind: 'if';
  readonly condition: Node;
  readonly whenTrue: Statement;
  readonly whenFalse: Statement | undefined;
}
export interface WhileStatement extends Span {
  readonly kind: 'while';
  readonly condition: Node;
  readonly body: Statement;
}
export interface ForStatement extends Span {
  readonly kind: 'for';
  readonly first: Statement | undefined;
  readonly condition: Node | undefined;
  readonly step: Statement | undefined;
  readonly body: Statement;
}
export interface ForeachStatement extends Span {
  readonly kind: 'foreach';
  readonly names: readonly NameNode[];
  readonly map: NameNode;
  readonly order: 'none' | 'ascending' | 'descending';
  readonly limit: Node | undefined;
  readonly body: Statement;
}
export interface LeaveStatement extends Span {
  readonly kind: 'break' | 'continue' | 'next';
}
export interface ThrowField extends Span {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Node;
}
export interface ThrowStatement extends Span {
  readonly kind: 'throw';
  readonly event: string;
  readonly eventSpan: Span;
  readonly fields: readonly ThrowField[];
}
export interface DeleteStatement extends Span {
  readonly kind: 'delete';
  readonly target: Lvalue;
}
export interface AssignStatement extends Span {
  readonly kind: 'assign';
  readonly target: Lvalue;
  readonly operator: AssignOperator;
  readonly value: Node;
}
/** `x++`, `x--` */
export interface StepStatement extends Span {
  readonly kind: 'step';
  readonly target: Lvalue;
  readonly by: 1 | -1;
}
export interface CallStatement extends Span {
  readonly kind: 'call';
  readonly call: Call;
}
export type Statement =
  | BlockStatement
  | IfStatement
  | WhileStatement
  | ForStatement
  | ForeachStatement
  | LeaveStatement
  | ThrowStatement
  | DeleteStatement
  | AssignStatement
  | StepStatement
  | CallStatement;

/** An item is in one of the program's files. */
export interface Item extends Span {
  /** Index in the program's files. */
  readonly file: number;
}
export interface FieldDeclaration extends Span {
  readonly name: string;
  readonly type: FieldType;
  readonly isOptional: boolean;
}
export interface EventDeclaration extends Item {
  readonly name: string;
  readonly nameSpan: Span;
  readonly fields: readonly FieldDeclaration[];
}
export interface GlobalDeclaration extends Item {
  readonly name: string;
  readonly initial: number | string | boolean | undefined;
}
/** `counter="page-faults"`; the interval of a timer has no name. */
export interface PointParameter extends Span {
  readonly name: string | undefined;
  readonly value: number | string | boolean;
}
export interface Point extends Span {
  readonly pattern: string;
  readonly patternSpan: Span;
  readonly isAwaited: boolean;
  readonly parameters: readonly PointParameter[];
  readonly condition: Node | undefined;
}
export interface Probe extends Item {
  readonly points: readonly Point[];
  readonly body: readonly Statement[];
}

/** All files of a script, parsed. */
export interface Program {
  readonly files: readonly SourceFile[];
  readonly events: readonly EventDeclaration[];
  readonly globals: readonly GlobalDeclaration[];
  readonly probes: readonly Probe[];
}

/** The nodes directly below one. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'name':
      return [];
    case 'entry':
    case 'has':
      return node.keys;
    case 'statistic':
      return [node.target, ...node.parameters];
    case 'integer':
    case 'float':
    case 'string':
    case 'boolean':
    case 'field':
    case 'call':
    case 'unary':
    case 'binary':
    case 'logical':
    case 'match':
    case 'conditional':
    default:
      return baseChildrenOf<OtherNode>(node);
  }
}
