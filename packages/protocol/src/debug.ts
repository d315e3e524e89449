import type { AnyPayload } from '@extension-events/core';
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
  | 'verdict'
  | 'leave-to-debugger'
  | 'Debugger.getScriptSource'
  | 'Debugger.getPossibleBreakpoints'
  | 'Runtime.getProperties';

/**
 * Every method that a `debug` frame may name, and the grant that it needs. Names with a dot are
 * V8's own inspector methods, passed on with their parameters; the others are the agent's. Of a
 * host, which can hold no thread's frames, there are
 * `verdict`, `continue` and `leave-to-debugger`.
 *
 * | method | params → result |
 * | --- | --- |
 * | `pause` | `{ isHeld? }` hold the thread where it runs; `isHeld`: a tracer holds it, the answer comes when it was asked |
 * | `continue` | release one's own hold → `{ stillHeldBy: string[] }` |
 * | `step` | `{ type: 'over' \| 'into' \| 'out', callFrameId? }`; a `stop` frame follows; `out` leaves the innermost frame, or the one that is named |
 * | `run-to` | `{ position }` hold at that place once |
 * | `set-breakpoint` | `{ url \| urlRegex, lineNumber, columnNumber?, condition? }` → `{ breakpoint, locations: ScriptPosition[] }`; a condition needs `evaluate` |
 * | `remove-breakpoint` | `{ breakpoint }` |
 * | `scripts` | → `{ scripts: { scriptId, url, sourceMapUrl? }[] }` |
 * | `set-skip` | `{ patterns: string[] }` urls (wildcards) that are not user code either |
 * | `stack` | → `{ frames }` of the held thread |
 * | `evaluate` | `{ expression, callFrameId?, sideEffects? }` → V8's RemoteObject; `sideEffects` needs `write` |
 * | `verdict` | of a host: a debugger sees the thread stand with SIGURG → {@link Verdict} |
 * | `continue` | of a host: `{ keepsQuiet? }` forget the catch and arm the thread's one-shot sources again; with `keepsQuiet` they stay off until the next `continue` |
 * | `leave-to-debugger` | of a host: `{ isLeft }` a debugger attaches to the process (true), or has left it: the host does not trace its JavaScript threads meanwhile |
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
  verdict: 'stop',
  'leave-to-debugger': 'stop',
  'Debugger.getScriptSource': 'stop',
  'Debugger.getPossibleBreakpoints': 'stop',
  'Runtime.getProperties': 'stop',
};

/** What a host knows of a thread that stands with SIGURG. */
export interface Verdict {
  /** A catchpoint of this connection matched: the stop is to be shown. Arms again at `continue`. */
  readonly caught: {
    readonly listens: readonly number[];
    readonly event: string;
    readonly payload: AnyPayload;
    readonly timestampNs: number;
  } | null;
  /** A source of the host sent the signal: it is not to reach the program. */
  readonly isOurs: boolean;
}

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
