export { explainScript } from './explain.ts';
export { formatProgram } from './format/format.ts';
export { addLibrary, libraryEvents, libraryFiles } from './library/index.ts';
export { checkBody } from './program/body.ts';
export { checkProgram } from './program/check.ts';
export { formatProblem, ScriptError, scriptErrorCodes } from './program/errors.ts';
export { scriptLimits } from './program/limits.ts';
export { parseProgram } from './program/parser.ts';
export { type UnreadGlobal, unreadGlobals } from './program/unread.ts';
export { systemClock } from './run/clock.ts';
export { runScript } from './run/local.ts';
export type { LocalOptions } from './run/local.ts';
export { ScriptRun } from './run/script-run.ts';
export { coordinatorBudget, defaultBudget } from './runtime/budget.ts';
export { ScriptInstance } from './runtime/instance.ts';
export type { LibraryEvent } from './library/index.ts';
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
  EntryShare,
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
export type { RunClock } from './run/clock.ts';
export type { RunEnd, ScriptRunOptions, ScriptSide } from './run/types.ts';
export type { StopReason } from './runtime/errors.ts';
export type { ScriptCallbacks, ScriptCounts, ScriptSurroundings } from './runtime/instance.ts';
export type { BodySource } from './runtime/source.ts';
