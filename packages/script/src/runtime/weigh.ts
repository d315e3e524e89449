import type { CheckedStatement, ScriptNode } from '../program/checked.ts';

/** How many statements a list has at most in one run, loops inside it counted as one each. */
export function weigh(statements: readonly CheckedStatement[]): number {
  let count = 0;
  for (const statement of statements) {
    count++;
    if (statement.kind === 'if') count += weigh(statement.then) + weigh(statement.otherwise);
  }
  return count;
}

/** Does a statement change globals? */
export function writes(statement: CheckedStatement): boolean {
  switch (statement.kind) {
    case 'set-global':
    case 'add':
    case 'aggregate':
    case 'delete':
      return true;
    case 'if':
      return statement.then.some(writes) || statement.otherwise.some(writes);
    case 'loop':
      return statement.body.some(writes) || statement.step.some(writes);
    case 'foreach':
      return statement.body.some(writes);
    case 'break':
    case 'continue':
    case 'exit':
    case 'next':
    case 'print':
    case 'set-local':
    case 'throw':
    default:
      return false;
  }
}

/** Names of the fields that a tree reads. */
export function fieldsOf(node: ScriptNode): Set<string> {
  const names = new Set<string>();
  collect(node, names);
  return names;
}

function collect(node: ScriptNode, names: Set<string>): void {
  if (node.kind === 'field' || node.kind === 'present') names.add(node.name);
  for (const child of childrenOf(node)) collect(child, names);
}

/** The nodes directly below one. */
export function childrenOf(node: ScriptNode): readonly ScriptNode[] {
  switch (node.kind) {
    case 'operation':
    case 'all':
    case 'any':
    case 'format':
    case 'function':
      return node.operands;
    case 'not':
      return [node.operand];
    case 'match':
    case 'group':
      return [node.subject];
    case 'choice':
      return [node.condition, node.whenTrue, node.whenFalse];
    case 'stack':
      return node.brought === undefined ? [] : [node.brought];
    case 'global':
    case 'has':
    case 'statistic':
      return node.keys;
    case 'constant':
    case 'context':
    case 'entries':
    case 'field':
    case 'local':
    case 'present':
    case 'probe-name':
    default:
      return [];
  }
}
