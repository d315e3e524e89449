/**
 * What of a predicate the kernel can decide before an event is recorded. The predicate itself stays
 * in force, so this only ever takes away what it would refuse.
 */
import type { Comparison, EventTypeDescriptor, RequestValues } from '@extension-events/core';
import { checkPredicate, type Node, parseExpression } from '@extension-events/script/expression';

type KernelOperator = Comparison['op'];

/** Writes the comparisons that the kernel can make exactly in its filter language; empty: none. */
export type FilterWriter = (event: string, conjuncts: readonly Comparison[]) => string;

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
  return where === undefined ? request : pushConjuncts(descriptor, conjunctsOf(where, descriptor), request, write); // prettier-ignore
}

/** The same for comparisons that have been taken from a predicate. */
export function pushConjuncts(
  descriptor: EventTypeDescriptor,
  conjuncts: readonly Comparison[],
  request: RequestValues | undefined,
  write: FilterWriter,
): RequestValues | undefined {
  const given = request?.['filter'];
  const takesFilter = descriptor.request?.['filter']?.type === 'string';
  if (!takesFilter || (given !== undefined && given !== '')) return request;
  const filter = write(descriptor.name, conjuncts);
  return filter === '' ? request : { ...request, filter };
}

/**
 * The comparisons of a predicate that must all hold and that name one field; none of a text that does not fit.
 *
 * @param sure - optional fields that every event has all the same
 */
export function conjunctsOf(
  where: string,
  descriptor: EventTypeDescriptor,
  sure: readonly string[] = [],
): Comparison[] {
  try {
    const expression = parseExpression(where);
    checkPredicate(expression, descriptor);
    // An optional field may be absent here while the kernel has a number for it.
    return collect(expression.root).filter(
      ({ field }) => sure.includes(field) || descriptor.fields[field]?.optional !== true,
    );
  } catch {
    return []; // refused with a position when it is compiled
  }
}

function collect(node: Node): Comparison[] {
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

function compare(left: Node, operator: string, right: Node): Comparison[] {
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

function fieldIs(node: Node, op: KernelOperator, value: Comparison['value']): Comparison[] {
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

function constantOf(node: Node): Comparison['value'] | undefined {
  if (node.kind === 'integer' || node.kind === 'string' || node.kind === 'boolean')
    return node.value;
  if (node.kind === 'unary' && node.operator === '-' && node.operand.kind === 'integer')
    return -node.operand.value;
  return undefined;
}
