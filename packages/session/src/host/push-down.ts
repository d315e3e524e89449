/**
 * What of a predicate the kernel can decide before an event is recorded. The predicate itself stays
 * in force, so this only ever takes away what it would refuse.
 */
import type { EventTypeDescriptor, RequestValues } from '@extension-events/core';
import { checkPredicate, type Node, parseExpression } from '@extension-events/script/expression';

export type KernelOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '&';

/** One comparison of a field with a constant; `&` asks whether any of the bits is set. */
export interface Conjunct {
  readonly field: string;
  readonly op: KernelOperator;
  readonly value: number | bigint | string | boolean;
}

/** Writes the comparisons that the kernel can make exactly in its filter language; empty: none. */
export type FilterWriter = (event: string, conjuncts: readonly Conjunct[]) => string;

/**
 * The parameters of a listen with its `filter` filled in, where the type has one and it was left
 * empty.
 */
export function pushDown(
  descriptor: EventTypeDescriptor,
  where: string | undefined,
  request: RequestValues | undefined,
  write: FilterWriter,
): RequestValues | undefined {
  const given = request?.['filter'];
  const takesFilter = descriptor.request?.['filter']?.type === 'string';
  if (where === undefined || !takesFilter || (given !== undefined && given !== '')) return request;
  const filter = write(descriptor.name, conjunctsOf(where, descriptor));
  return filter === '' ? request : { ...request, filter };
}

/** The comparisons of a predicate that must all hold and that name one field; none of a text that does not fit. */
export function conjunctsOf(where: string, descriptor: EventTypeDescriptor): Conjunct[] {
  try {
    const expression = parseExpression(where);
    checkPredicate(expression, descriptor);
    // An optional field may be absent here while the kernel has a number for it.
    return collect(expression.root).filter(
      ({ field }) => descriptor.fields[field]?.optional !== true,
    );
  } catch {
    return []; // refused with a position when it is compiled
  }
}

function collect(node: Node): Conjunct[] {
  switch (node.kind) {
    case 'logical':
      return node.operator === '&&' ? node.operands.flatMap(collect) : [];
    case 'field':
      return [{ field: node.name, op: '==', value: true }];
    case 'unary':
      return node.operator === '!' && node.operand.kind === 'field'
        ? [{ field: node.operand.name, op: '==', value: false }]
        : [];
    case 'binary':
      return compare(node.left, node.operator, node.right);
    case 'boolean':
    case 'call':
    case 'conditional':
    case 'float':
    case 'integer':
    case 'match':
    case 'string':
    default:
      return [];
  }
}

const mirrored: Readonly<Record<string, KernelOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function compare(left: Node, operator: string, right: Node): Conjunct[] {
  const turned = mirrored[operator];
  if (turned === undefined) return [];
  const constant = constantOf(right);
  if (constant === undefined) {
    const other = constantOf(left);
    return other === undefined || constantOf(right) !== undefined
      ? []
      : fieldIs(right, turned, other);
  }
  return fieldIs(left, operator as KernelOperator, constant);
}

function fieldIs(node: Node, op: KernelOperator, value: Conjunct['value']): Conjunct[] {
  if (node.kind === 'field') return [{ field: node.name, op, value }];
  // `flags & 4 != 0`: any of the bits.
  if (node.kind !== 'binary' || node.operator !== '&' || op !== '!=' || Number(value) !== 0)
    return [];
  const sides = [
    [node.left, node.right],
    [node.right, node.left],
  ] as const;
  for (const [field, mask] of sides) {
    const bits = constantOf(mask);
    if (field.kind === 'field' && (typeof bits === 'number' || typeof bits === 'bigint') && bits > 0) return [{ field: field.name, op: '&', value: bits }]; // prettier-ignore
  }
  return [];
}

function constantOf(node: Node): Conjunct['value'] | undefined {
  if (node.kind === 'integer' || node.kind === 'string' || node.kind === 'boolean')
    return node.value;
  if (node.kind === 'unary' && node.operator === '-' && node.operand.kind === 'integer')
    return -node.operand.value;
  return undefined;
}
