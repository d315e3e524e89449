export { type BlockStepCheck, hasBlockStep } from './block-step.ts';
export { ptraceErrorCodes } from './errors.ts';
export { ExecStop, type ExecStopListener } from './exec-stop.ts';
export { Ptrace, type SignalInfo } from './ptrace.ts';
export { tryReadTraceState, type TraceState } from './refusal.ts';
export { type Registers, registerNames } from './registers.ts';
export { hideInterruption } from './restart-call.ts';
export {
  type HeldSignal,
  type SignalVerdict,
  type ThreadEnd,
  ThreadHolder,
  type ThreadHolderOptions,
} from './thread-holder.ts';
export { decodeWaitStatus, type PtraceEvent, type PtraceStop } from './wait-status.ts';
