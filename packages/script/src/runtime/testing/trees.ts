/** Checked trees by hand, for tests that need no text. */
import type { EventTypeDescriptor } from '@extension-events/core';
import type { OperationName } from '../../expression/operations.ts';
import type { ValueType } from '../../expression/checked.ts';
import type { CheckedBody, CheckedGlobal, CheckedPoint, CheckedStatement, ScriptNode, StoredType } from '../../program/checked.ts'; // prettier-ignore
import type { ScriptSpec } from '../../program/wire.ts';
import { defaultBudget } from '../budget.ts';
import type { BodySource } from '../source.ts';
import { childrenOf } from '../weigh.ts';

export const int = (value: number): ScriptNode => ({ kind: 'constant', type: 'int', isOptional: false, value }); // prettier-ignore
export const text = (value: string): ScriptNode => ({ kind: 'constant', type: 'string', isOptional: false, value }); // prettier-ignore
export const bool = (value: boolean): ScriptNode => ({ kind: 'constant', type: 'bool', isOptional: false, value }); // prettier-ignore
export const field = (name: string, type: ValueType, isOptional = false): ScriptNode => ({ kind: 'field', name, type, isOptional }); // prettier-ignore
export const local = (number: number, type: ValueType): ScriptNode => ({ kind: 'local', local: number, type, isOptional: false }); // prettier-ignore
export const entry = (global: number, type: ValueType, ...keys: ScriptNode[]): ScriptNode => ({ kind: 'global', global, keys, type, isOptional: keys.some((key) => key.isOptional) }); // prettier-ignore
export const operate = (operation: OperationName, type: ValueType, ...operands: ScriptNode[]): ScriptNode => ({ kind: 'operation', operation, operands, type, isOptional: type !== 'bool' && operands.some((operand) => operand.isOptional) }); // prettier-ignore
export const equal = (a: ScriptNode, b: ScriptNode): ScriptNode => operate('equal', 'bool', a, b);

export const global = (
  name: string,
  value: CheckedGlobal['value'],
  keys: readonly StoredType[] = [],
  rest: Partial<CheckedGlobal> = {},
): CheckedGlobal => ({
  name,
  keys,
  value,
  merge: value === 'stats' ? 'stats' : value === 'number' ? 'sum' : 'last',
  isReadByEvents: false,
  ...rest,
});

export const add = (number: number, value: ScriptNode, ...keys: ScriptNode[]): CheckedStatement => ({ kind: 'add', global: number, keys, value }); // prettier-ignore
export const aggregate = (number: number, value: ScriptNode, ...keys: ScriptNode[]): CheckedStatement => ({ kind: 'aggregate', global: number, keys, value }); // prettier-ignore
export const set = (number: number, value: ScriptNode, ...keys: ScriptNode[]): CheckedStatement => ({ kind: 'set-global', global: number, keys, value }); // prettier-ignore
export const print = (node: ScriptNode): CheckedStatement => ({ kind: 'print', text: node });
export const raise = (event: number, fields: Readonly<Record<string, ScriptNode>> = {}): CheckedStatement => ({ kind: 'throw', event, fields: Object.entries(fields).map(([name, value]) => ({ name, value })) }); // prettier-ignore

/** A body; which fields it reads is found by itself. */
export function body(
  statements: readonly CheckedStatement[],
  { condition, locals = [] }: { readonly condition?: ScriptNode; readonly locals?: readonly StoredType[] } = {}, // prettier-ignore
): CheckedBody {
  const names = new Set<string>();
  const visit = (node: ScriptNode): void => {
    if (node.kind === 'field' || node.kind === 'present') names.add(node.name);
    childrenOf(node).forEach(visit);
  };
  if (condition !== undefined) visit(condition);
  statements.forEach((statement) => visitStatement(statement, visit));
  return { condition, statements, locals, fields: [...names] };
}

function visitStatement(statement: CheckedStatement, visit: (node: ScriptNode) => void): void {
  const all = (list: readonly CheckedStatement[]): void =>
    list.forEach((inner) => visitStatement(inner, visit));
  switch (statement.kind) {
    case 'if':
      visit(statement.condition);
      all(statement.then);
      all(statement.otherwise);
      break;
    case 'loop':
      visit(statement.condition);
      all(statement.body);
      all(statement.step);
      break;
    case 'foreach':
      if (statement.limit !== undefined) visit(statement.limit);
      all(statement.body);
      break;
    case 'set-local':
      visit(statement.value);
      break;
    case 'set-global':
    case 'add':
    case 'aggregate':
      [...statement.keys, statement.value].forEach(visit);
      break;
    case 'delete':
      statement.keys?.forEach(visit);
      break;
    case 'throw':
      statement.fields.forEach(({ value }) => visit(value));
      break;
    case 'print':
      visit(statement.text);
      break;
    case 'break':
    case 'continue':
    case 'exit':
    case 'next':
    default:
  }
}

/** One probe of a hand-made program. */
export interface Handmade {
  readonly pattern: string;
  readonly body: CheckedBody | ((descriptor: EventTypeDescriptor) => CheckedBody);
  readonly request?: CheckedPoint['request'];
}

export function sourceOf(probes: readonly Handmade[]): BodySource {
  return {
    points: probes.map(({ pattern, request }, probe) => ({
      probe,
      point: 0,
      pattern,
      isAwaited: false,
      ...(request && { request }),
    })),
    globals: [],
    adopt: () => undefined,
    labelOf: ({ pattern, probe }) => ({ name: pattern, place: `test.ev:${probe + 1}` }),
    bodyOf: ({ probe }, descriptor) => {
      const made = probes[probe]?.body ?? body([]);
      return typeof made === 'function' ? made(descriptor) : made;
    },
  };
}

export function specOf(rest: Partial<ScriptSpec> = {}): ScriptSpec {
  return { run: 'run-1', name: 'test.ev', files: [], globals: [], events: [], budget: defaultBudget, ...rest }; // prettier-ignore
}
