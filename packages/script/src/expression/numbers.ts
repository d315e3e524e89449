import { operate } from './checked.ts';
import type { CheckedNode, NumberType, Typed, ValueType } from './checked.ts';

export function isNumberType(type: ValueType): type is NumberType {
  return type === 'int' || type === 'float' || type === 'big';
}

/** A node whose type is one of the three kinds of number. */
export type NumberNode<X extends Typed = never> = CheckedNode<X> & { readonly type: NumberType };

export function isNumber<X extends Typed = never>(node: CheckedNode<X>): node is NumberNode<X> {
  return isNumberType(node.type);
}

/** The kind in which two numbers meet: a fraction stays a fraction, else 64 bits stay exact. */
export function meet(
  a: { readonly type: NumberType },
  b: { readonly type: NumberType },
): NumberType {
  // prettier-ignore
  if (a.type === 'float' || b.type === 'float') return 'float';
  return a.type === 'big' || b.type === 'big' ? 'big' : 'int';
}

/** Brings a number to a kind that {@link meet} gave. Only the step to or from a bigint costs anything. */
export function convert<X extends Typed = never>(
  node: NumberNode<X>,
  to: NumberType,
): CheckedNode<X> {
  if (node.type === to) return node;
  if (to === 'big') {
    const value = constantOf(node);
    if (value === undefined) return operate<X>('toBig', 'big', node);
    return { kind: 'constant', isOptional: false, type: 'big', value: BigInt(value) };
  }
  if (node.type === 'big') return operate<X>('toFloat', to, node);
  return node;
}

/** The value of a literal. */
export function constantOf(node: object): number | bigint | undefined {
  const { kind, value } = node as { readonly kind?: unknown; readonly value?: unknown };
  return kind === 'constant' && (typeof value === 'number' || typeof value === 'bigint')
    ? value
    : undefined;
}
