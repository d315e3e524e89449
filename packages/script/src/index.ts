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
export type { ScriptBudget, ScriptSpec, SourceFile } from './program/wire.ts';
export { ScriptInstance } from './runtime/instance.ts';
export { coordinatorBudget, defaultBudget } from './runtime/budget.ts';
export { ScriptRun } from './run/script-run.ts';
export { systemClock } from './run/clock.ts';
export type { RunClock } from './run/clock.ts';
export type { RunEnd, ScriptRunOptions, ScriptSide } from './run/types.ts';
export type { StopReason } from './runtime/errors.ts';
export type { ScriptCallbacks, ScriptCounts, ScriptSurroundings } from './runtime/instance.ts';
export type { BodySource } from './runtime/source.ts';
export type { EntryShare, GlobalShare, Key, RemoteThrow, StateUpdate, StatsShare, ThreadShare } from './program/wire.ts'; // prettier-ignore
