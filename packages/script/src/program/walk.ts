/** Walks over programs. Pure. */
import { childrenOf } from './ast.ts';
import type { Node, Probe, Statement } from './ast.ts';

/** Statements directly below one. */
export function statementsOf(statement: Statement): readonly Statement[] {
  switch (statement.kind) {
    case 'block':
      return statement.body;
    case 'if':
      return defined(statement.whenTrue, statement.whenFalse);
    case 'while':
    case 'foreach':
      return [statement.body];
    case 'for':
      return defined(statement.first, statement.body, statement.step);
    case 'break':
    case 'continue':
    case 'next':
    case 'throw':
    case 'delete':
    case 'assign':
    case 'step':
    case 'call':
    default:
      return [];
  }
}

/** Expressions directly in a statement, in the order of the text. */
export function expressionsOf(statement: Statement): readonly Node[] {
  switch (statement.kind) {
    case 'if':
    case 'while':
      return [statement.condition];
    case 'for':
      return defined(statement.condition);
    case 'foreach':
      return defined(statement.limit);
    case 'throw':
      return statement.fields.map(({ value }) => value);
    case 'delete':
    case 'step':
      return [statement.target];
    case 'assign':
      return [statement.target, statement.value];
    case 'call':
      return [statement.call];
    case 'block':
    case 'break':
    case 'continue':
    case 'next':
    default:
      return [];
  }
}

/** All statements of a list, each before those below it. */
export function* allStatements(statements: readonly Statement[]): Generator<Statement> {
  for (const statement of statements) {
    yield statement;
    yield* allStatements(statementsOf(statement));
  }
}

/** A node and all below it. */
export function* allNodes(node: Node): Generator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* allNodes(child);
}

/** Names that a probe uses as values, which may be fields. */
export function namesOf(probe: Probe): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (node: Node | undefined): void => {
    if (node === undefined) return;
    for (const each of allNodes(node)) {
      if (each.kind === 'name' || each.kind === 'field') names.add(each.name);
      if (each.kind === 'entry' || each.kind === 'has') names.add(each.map.name);
    }
  };
  for (const { condition } of probe.points) add(condition);
  for (const statement of allStatements(probe.body)) {
    for (const node of expressionsOf(statement)) add(node);
    if (statement.kind !== 'foreach') continue;
    for (const { name } of [statement.map, ...statement.names]) names.add(name);
  }
  return names;
}

/** Does it call this function anywhere? */
export function callsFunction(probe: Probe, name: string): boolean {
  const conditions = defined(...probe.points.map(({ condition }) => condition));
  const inBody = Array.from(allStatements(probe.body), expressionsOf).flat();
  return [...conditions, ...inBody].some((node) =>
    [...allNodes(node)].some((each) => each.kind === 'call' && each.name === name),
  );
}

function defined<T>(...values: readonly (T | undefined)[]): readonly T[] {
  return values.filter((value) => value !== undefined);
}
