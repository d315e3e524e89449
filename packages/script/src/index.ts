export { checkBody } from './program/body.ts';
export { checkProgram } from './program/check.ts';
export { formatProblem, ScriptError, scriptErrorCodes } from './program/errors.ts';
export { scriptLimits } from './program/limits.ts';
export { parseProgram } from './program/parser.ts';
export type { Program } from './program/ast.ts';
export type { CheckOptions, CheckOutcome } from './program/check.ts';
export type {
  CheckedBody,
  CheckedEvent,
  CheckedGlobal,
  CheckedPoint,
  CheckedProgram,
  CheckedTimer,
  EventCause,
  Globals,
} from './program/checked.ts';
export type { Problem, ScriptErrorCode } from './program/errors.ts';
export type { ParsedProgram } from './program/parser.ts';
export type { Catalogue } from './program/points.ts';
export type {
  GlobalShare,
  Key,
  RemoteThrow,
  ScriptBudget,
  ScriptSpec,
  SourceFile,
  StateUpdate,
  StatsShare,
  ThreadShare,
} from './program/wire.ts';
export { ScriptRun } from './run/script-run.ts';
export type { RunEnd, ScriptRunOptions, ScriptSide } from './run/types.ts';
export { ScriptInstance } from './runtime/instance.ts';
export type { ScriptCallbacks, ScriptCounts } from './runtime/instance.ts';
export type { StopReason } from './runtime/errors.ts';
