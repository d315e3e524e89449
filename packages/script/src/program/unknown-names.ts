/** Names of functions and events that nobody knows, also in probes whose event is not known yet. */
import { Complaints } from '../expression/complaints.ts';
import type { Span } from '../expression/excerpt.ts';
import { functionNames } from '../expression/functions.ts';
import { clip } from '../expression/grammar.ts';
import { nearest } from '../expression/nearest.ts';
import type { Call, OtherNode, Probe, Statement } from './ast.ts';
import { scriptFunctions, statementFunctions, statistics } from './functions.ts';
import { print } from './print.ts';
import { type ProblemList, refuse } from './problems.ts';
import { fileOf, type Scope } from './scope.ts';
import { allNodes, allStatements, expressionsOf } from './walk.ts';

/** Refuses a call whose value nobody can give. */
export function refuseFunction(node: Call, complaints: Complaints<OtherNode>): never {
  if (Object.hasOwn(statementFunctions, node.name)) {
    const message = `${node.name}() gives no value.`;
    const hint = node.name === 'printf' ? 'write sprintf(…) for a string.' : 'it is a statement.';
    return refuse('EE_SCRIPT_FUNCTION', message, hint, node);
  }
  if (Object.hasOwn(statistics, node.name)) {
    const message = `There is no function ${node.name}() of these.`;
    return refuse('EE_SCRIPT_FUNCTION', message, `did you mean @${node.name}(…)?`, node);
  }
  return complaints.unknownFunction(node, [...functionNames, ...Object.keys(scriptFunctions)]);
}

/** Refuses to throw an event that the script does not declare. */
export function refuseEvent(name: string, span: Span, { eventIndexes }: Scope): never {
  const near = nearest(name, [...eventIndexes.keys()]);
  const hint = near === undefined ? `declare it: event ${clip(name)};` : `did you mean ${near}?`;
  return refuse('EE_SCRIPT_NAME', `The script declares no event ${clip(name)}.`, hint, span);
}

/** Of a probe whose event is not known: what would be wrong whatever its fields are. */
export function checkNames(scope: Scope, probe: Probe, list: ProblemList): void {
  const file = fileOf(scope.program, probe);
  const complaints = new Complaints<OtherNode>(file.text, print);
  for (const statement of allStatements(probe.body)) {
    if (statement.kind === 'throw' && !scope.eventIndexes.has(statement.event))
      list.attempt(file, () => refuseEvent(statement.event, statement.eventSpan, scope));
    for (const call of callsOf(statement))
      if (!isKnown(call, statement)) list.attempt(file, () => refuseFunction(call, complaints));
  }
}

function* callsOf(statement: Statement): Generator<Call> {
  for (const expression of expressionsOf(statement))
    for (const node of allNodes(expression)) if (node.kind === 'call') yield node;
}

function isKnown(call: Call, statement: Statement): boolean {
  if (functionNames.includes(call.name) || Object.hasOwn(scriptFunctions, call.name)) return true;
  const isStatement = statement.kind === 'call' && statement.call === call;
  return isStatement && Object.hasOwn(statementFunctions, call.name);
}
