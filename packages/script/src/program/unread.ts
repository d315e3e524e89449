/** Globals that a program fills in vain. Pure. */
import { childrenOf } from './ast.ts';
import type { Node, Program, Statement } from './ast.ts';
import { allNodes, allStatements, expressionsOf } from './walk.ts';

/** A global that is written, and that nothing ever prints, compares or throws. */
export interface UnreadGlobal {
  readonly name: string;
  readonly isMap: boolean;
  /** It takes values by `<<<`. */
  readonly isStatistic: boolean;
}

export function unreadGlobals({ globals, probes }: Program): readonly UnreadGlobal[] {
  const declared = new Set(globals.map(({ name }) => name));
  const written = new Map<string, UnreadGlobal>();
  const read = new Set<string>();
  const look = (node: Node): void => {
    for (const each of allNodes(node)) {
      if (each.kind === 'name') read.add(each.name);
      if (each.kind === 'entry' || each.kind === 'has') read.add(each.map.name);
    }
  };
  const visit = (statement: Statement): void => {
    if (statement.kind === 'foreach') read.add(statement.map.name);
    if (statement.kind !== 'assign' && statement.kind !== 'step') {
      if (statement.kind !== 'delete') expressionsOf(statement).forEach(look);
      return;
    }
    const { target } = statement;
    const isMap = target.kind === 'entry';
    const name = isMap ? target.map.name : target.name;
    const isStatistic = statement.kind === 'assign' && statement.operator === '<<<';
    if (declared.has(name)) written.set(name, { name, isMap, isStatistic });
    if (isMap) for (const key of childrenOf(target)) look(key);
    if (statement.kind === 'assign') look(statement.value);
  };
  for (const { body, points } of probes) {
    for (const { condition } of points) if (condition !== undefined) look(condition);
    for (const statement of allStatements(body)) visit(statement);
  }
  return [...written.values()].filter(({ name }) => !read.has(name));
}
