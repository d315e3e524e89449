import type { Grant } from './frames.ts';

export type DebugMethod =
  | 'pause'
  | 'continue'
  | 'step'
  | 'run-to'
  | 'set-breakpoint'
  | 'remove-breakpoint'
  | 'scripts'
  | 'set-skip'
  | 'stack'
  | 'evaluate'
  | 'Debugger.getScriptSource'
  | 'Debugger.getPossibleBreakpoints'
  | 'Runtime.getProperties';

/**
 * Every method that a `debug` frame may name, and the grant that it needs. Names with a dot are
 * V8's own inspector methods, passed on with their parameters; the others are the agent's.
 *
 * | method | params → result |
 * | --- | --- |
 * | `pause` | hold the thread where it runs |
 * | `continue` | release one's own hold → `{ stillHeldBy: string[] }` |
 * | `step` | `{ type: 'over' \| 'into' \| 'out' }`; a `stop` frame follows |
 * | `run-to` | `{ position }` hold at that place once |
 * | `set-breakpoint` | `{ url \| urlRegex, lineNumber, columnNumber?, condition? }` → `{ breakpoint, locations: ScriptPosition[] }`; a condition needs `evaluate` |
 * | `remove-breakpoint` | `{ breakpoint }` |
 * | `scripts` | → `{ scripts: { scriptId, url, sourceMapUrl? }[] }` |
 * | `set-skip` | `{ patterns: string[] }` urls (wildcards) that are not user code either |
 * | `stack` | → `{ frames }` of the held thread |
 * | `evaluate` | `{ expression, callFrameId?, sideEffects? }` → V8's RemoteObject; `sideEffects` needs `write` |
 */
export const debugMethods: Readonly<Record<DebugMethod, Grant>> = {
  pause: 'stop',
  continue: 'stop',
  step: 'stop',
  'run-to': 'stop',
  'set-breakpoint': 'stop',
  'remove-breakpoint': 'stop',
  scripts: 'stop',
  'set-skip': 'stop',
  stack: 'stop',
  evaluate: 'evaluate',
  'Debugger.getScriptSource': 'stop',
  'Debugger.getPossibleBreakpoints': 'stop',
  'Runtime.getProperties': 'stop',
};

/** The grants a request needs, `undefined` when no such method exists. */
export function grantsNeeded(
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): readonly Grant[] | undefined {
  if (!Object.hasOwn(debugMethods, method)) return undefined;
  const needed: Grant[] = [debugMethods[method as DebugMethod]];
  if (method === 'set-breakpoint' && params['condition'] !== undefined) needed.push('evaluate');
  if (method === 'evaluate' && params['sideEffects'] === true) needed.push('write');
  return needed;
}
