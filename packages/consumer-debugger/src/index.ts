export type { Breakpoint, Catchpoint, Stopper } from './catchpoints.ts';
export { commands } from './commands.ts';
export { type DebuggerOptions, runDebugger } from './consumer.ts';
export type { Command, Section } from './context.ts';
export type {
  DebugEngine,
  EngineBreakpoint,
  EngineFrame,
  MemoryRange,
  Place,
  Scope,
  SourceText,
  StepKind,
  Variable,
} from './engine.ts';
export { type DebuggerErrorCode, debuggerErrorCodes } from './errors.ts';
export { formatPayload, type ShowPlace } from './format-payload.ts';
export { formatDuration, formatQuantity } from './format-quantity.ts';
export { GdbEngine, type GdbEngineOptions } from './gdb-engine.ts';
export type { Connection, StopCause, StopFrame } from './internal-types.ts';
export { JointEngine } from './joint-engine.ts';
export type { Location } from './location.ts';
export { V8Engine, type V8EngineOptions } from './v8-engine.ts';
export type { StandingProgram } from './standing-program.ts';
