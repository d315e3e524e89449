/** Conditions of a script as predicates over the fields of one event. Pure. */
import type { EventTypeDescriptor } from '@extension-events/core';
import type { LogicalNode, Node as PureNode } from '../expression/ast.ts';
import { childrenOf } from '../expression/ast.ts';
import { checkExpression } from '../expression/check.ts';
import type { CheckedExpression } from '../expression/types.ts';
import { functionNames } from '../expression/functions.ts';
import { ExpressionError } from '../expression/errors.ts';
import { parseExpression } from '../expression/parser.ts';
import { printExpression } from '../expression/print.ts';
import type { Node } from './ast.ts';

/** Why a value cannot be told from the fields alone: the words after "depends on". */
export class Impure extends Error {}

/** What names stand for where a value is read. */
export interface Names {
  readonly descriptor: EventTypeDescriptor;
  isGlobal(name: string): boolean;
  /** Locals that have one value, by name. */
  readonly inlined: ReadonlyMap<string, PureNode>;
}

/**
 * A value as a predicate has it; the same whenever it is computed for one event.
 *
 * @throws Impure
 */
export function purify(node: Node, names: Names): PureNode {
  let isInlined = false;
  const root = visit(node);
  // A local holds a double; what was inlined for it would be exact to 64 bits in such company.
  if (isInlined && holdsBig(root, names.descriptor))
    throw new Impure('64-bit numbers in variables');
  return root;

  function visit(from: Node): PureNode {
    switch (from.kind) {
      case 'integer':
      case 'float':
      case 'string':
      case 'boolean':
      case 'field':
        return from;
      case 'name':
        return visitName(from.name, from.start, from.end);
      case 'entry':
      case 'has':
        throw new Impure(`the global ${from.map.name}`);
      case 'statistic':
        throw new Impure(`@${from.statistic}()`);
      case 'call':
        // The time goes on between the event and whoever asks again.
        if (!functionNames.includes(from.name) || from.name === 'timestamp_ns') {
          throw new Impure(`${from.name}()`);
        }
        return { ...from, operands: from.operands.map(visit) };
      case 'unary':
        return { ...from, operand: visit(from.operand) };
      case 'binary':
        return { ...from, left: visit(from.left), right: visit(from.right) };
      case 'logical':
        return { ...from, operands: from.operands.map(visit) };
      case 'match':
        return { ...from, subject: visit(from.subject) };
      case 'conditional':
      default: {
        const { condition, whenTrue, whenFalse } = from;
        return {
          ...from,
          condition: visit(condition),
          whenTrue: visit(whenTrue),
          whenFalse: visit(whenFalse),
        };
      }
    }
  }

  function visitName(name: string, start: number, end: number): PureNode {
    const inlined = names.inlined.get(name);
    if (inlined !== undefined) {
      isInlined = true;
      return inlined;
    }
    if (names.isGlobal(name)) throw new Impure(`the global ${name}`);
    if (Object.hasOwn(names.descriptor.fields, name)) return { kind: 'field', name, start, end };
    throw new Impure(`the variable ${name}`);
  }
}

function holdsBig(node: PureNode, { fields }: EventTypeDescriptor): boolean {
  if (node.kind === 'integer') return typeof node.value === 'bigint';
  if (node.kind === 'field') {
    const type = fields[node.name]?.type;
    return type === 'u64' || type === 'i64';
  }
  return childrenOf(node).some((child) => holdsBig(child, { fields } as EventTypeDescriptor));
}

/** Checks the canonical text of a value again, as its reader will; undefined when that fails. */
export function recheck(
  node: PureNode,
  descriptor: EventTypeDescriptor,
): CheckedExpression | undefined {
  // prettier-ignore
  try {
    return checkExpression(parseExpression(printExpression(node)), descriptor);
  } catch (error) {
    // Inlined values may have made it too deep or too long.
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** Optional fields that a value reads; undefined when it may be there without all of them. */
export function optionalFieldsOf(
  node: PureNode,
  { fields }: EventTypeDescriptor,
): readonly string[] | undefined {
  // prettier-ignore
  if (node.kind === 'conditional') return undefined;
  if (node.kind === 'field') return fields[node.name]?.optional === true ? [node.name] : [];
  // A bool made of an absent value is false, and there.
  if (node.kind === 'logical' || node.kind === 'match' || isTest(node)) return [];
  const below = childrenOf(node).map((child) => optionalFieldsOf(child, { fields } as EventTypeDescriptor)); // prettier-ignore
  if (below.some((names) => names === undefined)) return undefined;
  return [...new Set(below.flatMap((names) => names ?? []))];
}

function isTest(node: PureNode): boolean {
  if (node.kind === 'call') return ['contains', 'starts_with', 'ends_with', 'present'].includes(node.name); // prettier-ignore
  if (node.kind === 'unary') return node.operator === '!';
  return node.kind === 'binary' && ['==', '!=', '<', '<=', '>', '>='].includes(node.operator);
}

const here = { start: 0, end: 0 };

/** `!a` */
export function not(operand: PureNode): PureNode {
  return { kind: 'unary', operator: '!', operand, ...here };
}

/** `a && b`, `a || b`; one operand stands for itself. */
export function join(operator: '&&' | '||', operands: readonly PureNode[]): PureNode {
  const flat = operands.flatMap((node) => (isChain(node, operator) ? node.operands : [node]));
  const [only] = flat;
  if (only !== undefined && flat.length === 1) return only;
  return { kind: 'logical', operator, operands: flat, ...here };
}

function isChain(node: PureNode, operator: '&&' | '||'): node is LogicalNode {
  return node.kind === 'logical' && node.operator === operator;
}

export function present(name: string): PureNode {
  return { kind: 'call', name: 'present', operands: [{ kind: 'field', name, ...here }], ...here };
}

export function call(name: string, ...operands: readonly PureNode[]): PureNode {
  return { kind: 'call', name, operands, ...here };
}

export function integer(value: bigint): PureNode {
  if (value < 0n) {
    return { kind: 'unary', operator: '-', operand: integer(-value), ...here };
  }
  const isSafe = value <= BigInt(Number.MAX_SAFE_INTEGER);
  return { kind: 'integer', value: isSafe ? Number(value) : value, ...here };
}
