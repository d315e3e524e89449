import { operate } from './checked.ts';
import type { CheckedNode, NumberType, ValueType } from './checked.ts';

export function isNumberType(type: ValueType): type is NumberType {
  return type === 'int' || type === 'float' || type === 'big';
}

/** A node whose type is one of the three kinds of number. */
export type NumberNode = CheckedNode & { readonly type: NumberType };

export function isNumber(node: CheckedNode): node is NumberNode {
  return isNumberType(node.type);
}

/** The kind in which two numbers meet: a fraction stays a fraction, else 64 bits stay exact. */
export function meet(a: NumberNode, b: NumberNode): NumberType {
  if (a.type === 'float' || b.type === 'float') return 'float';
  return a.type === 'big' || b.type === 'big' ? 'big' : 'int';
}

/** Brings a number to a kind that {@link meet} gave. Only the step to or from a bigint costs anything. */
export function convert(node: NumberNode, to: NumberType): CheckedNode {
  if (node.type === to) return node;
  if (to === 'big') {
    if (node.kind !== 'constant') return operate('toBig', 'big', node);
    return { ...node, type: 'big', value: BigInt(node.value) };
  }
  if (node.type === 'big') return operate('toFloat', to, node);
  return node;
}
